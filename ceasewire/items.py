"""What passes through Ceasewire: an entry as a feed gave it, our item, and the item with its tags.

All times are aware datetimes in UTC. All spans are half-open [start, end) in Unicode code points of
`Item.title` or `Item.text`.
"""

from datetime import datetime
from typing import Literal

import msgspec

Field = Literal["title", "text"]
Kind = Literal["agency", "outlet", "state media", "institution"]
Relevance = Literal["main", "passing", "none"]
MentionKind = Literal["issue", "actor", "place", "document", "date", "number"]
HEADLINE_UNSUPPORTED = "headline_unsupported"
"""The mark of an item whose title names what its text never bears out."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry as the feed gave it: nothing cleaned, only decoded and with its links resolved."""

    guid: str | None = None
    link: str | None = None
    """The link as the file has it, relative if it is so there."""
    url: str | None = None
    """The link made absolute against the document; any scheme, not yet checked."""
    title: str = ""
    """May hold markup and entities."""
    html: str = ""
    """The fullest body that the entry carries (content before summary); may hold markup."""
    published: datetime | None = None
    updated: datetime | None = None
    outlet: str | None = None
    """The outlet that an aggregating feed names for this entry (RSS `source`)."""
    language: str | None = None


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who published an item: the feed and what is known of its outlet."""

    feed: str
    outlet: str
    kind: Kind = "outlet"
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case, or None."""
    language: str | None = None
    """ISO 639-1 of the feed as configured, or None."""


class Item(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry that was admitted: plain text, with an id that never changes and a revision that grows."""

    v: int = 1
    id: str
    rev: int
    """Milliseconds since 1970 of the fetch that saw this text, always more than the rev before."""
    fingerprint: str
    source: Source
    url: str | None = None
    """http or https only."""
    title: str
    text: str = ""
    published: datetime | None = None
    """As the feed says, also when it lies in the future."""
    at: datetime
    """For sorting: `published`, but never after `seen`; `seen` where the feed gives no date."""
    seen: datetime
    """When this revision was fetched."""
    first_seen: datetime
    """When the first revision was fetched."""
    baseline: bool = False
    """True for what a feed already held when it was first read: stored, but raises no alert."""
    extent: Literal["summary", "page"] = msgspec.field(default_factory=lambda: "summary")
    """Whether `text` is what the feed carries or the text of the linked page; written also where it is the default."""


class Mention(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words of the text that named something, and where."""

    kind: MentionKind
    id: str
    field: Field
    start: int
    end: int
    pattern: str = ""
    """The pattern that found it, as `pack/issue#n`, for `explain`."""


class Span(msgspec.Struct, frozen=True, array_like=True):
    """A half-open stretch of `Item.title` or `Item.text`."""

    field: Field
    start: int
    end: int


class RuleHit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that an item meets: the sentence that fired and the words in it."""

    rule: str
    sentence: Span
    words: tuple[Span, ...] = ()


class Tagged(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An item with all that tagging says of it."""

    v: int = 1
    item: Item
    edition: int
    """0 to 999; one number over packs, rules and tagger code, only ever raised."""
    language: str
    """ISO 639-1, or `und`."""
    relevance: Relevance = "none"
    conflict: str | None = None
    issues: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    mentions: tuple[Mention, ...] = ()
    rules: tuple[RuleHit, ...] = ()
    gist: tuple[int, ...] = ()
    """Of a gathered item: its telling words, see `ceasewire.tagging.gist`."""
    marks: tuple[str, ...] = ()
    """What form the text has (opinion, live_blog ...), and whether its headline is not borne out."""
    unsupported: tuple[str, ...] = ()
    """What the title names and the text never bears out: `issue:ceasefire`, `actor:us`, `date:2026-05-15`."""
    figures: tuple[Mention, ...] = ()
    """Dates and numbers, at most 50 of each; the id is the date as far as it is said, or the value with its unit."""

    @property
    def gathered(self) -> bool:
        """Whether the item goes on to stories and alerts: it is about negotiations or meets a rule."""
        return self.relevance == "main" or bool(self.rules)

    @property
    def counted(self) -> bool:
        """Whether charts of issues count the item: it is gathered, or it tells of an issue of a conflict."""
        return self.gathered or bool(self.conflict and self.issues)
