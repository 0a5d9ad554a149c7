"""What is remembered of a feed between two polls, so that nothing is taken twice or lost."""

from datetime import datetime
from typing import Literal

import msgspec

from ceasewire.items import Item

Health = Literal["new", "ok", "empty", "quiet", "failing", "waiting"]


class PageState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of the page that an entry links to: still wanted while `item` is there, else how it ended."""

    outcome: str = ""
    """`read` or a named reason, as `ceasewire.pages.PageOutcome`; while wanted, that of the last try."""
    tries: int = 0
    due: datetime | None = None
    """When the next try may be made; None = now."""
    fingerprint: str = ""
    """Of the page's text, where it was read; the entry's own is `Seen.fingerprint`."""
    item: Item | None = None
    """While wanted: the item as the entry gave it, from which the page's revision is made."""

    @property
    def wanted(self) -> bool:
        """Whether the page is still to be read."""
        return self.item is not None


class Seen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, array_like=True):
    """What is remembered of one entry of a feed."""

    item: str
    rev: int
    fingerprint: str
    first_seen: datetime
    last_seen: datetime
    link: str = ""
    """The link's key as a short hash, to know the entry again when the feed changes its ids."""
    published: datetime | None = None
    page: PageState | None = None
    """None = its page was never wanted."""


class FeedState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a poll needs to know of the polls before; written last, in the items' transaction."""

    v: int = 1
    feed: str
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    address_hash: str | None = None
    """Of the address that the validators came from: another address is asked for the whole document."""
    entries: dict[str, Seen] = {}
    """Entry key to what was seen. Pruned by last_seen, never while the feed still lists the entry."""
    aliases: dict[str, str] = {}
    """Link or fingerprint to entry key; filled only while `unstable_ids`."""
    repeats_guids: bool = False
    unstable_ids: bool = False
    possible_gap: bool = False
    """The last poll knew none of the entries: the feed may have dropped some in between."""
    first_poll: datetime | None = None
    """When the feed was first read with success; None = no baseline yet."""
    last_poll: datetime | None = None
    last_success: datetime | None = None
    last_new: datetime | None = None
    next_poll: datetime | None = None
    failures: int = 0
    health: Health = "new"
    reason: str = ""
    """A named reason of the last poll, as `producers.reasons.Reason`, or empty."""
    detail: str = ""
    """The reason in words for this feed, without secrets."""
    recent: tuple[datetime, ...] = ()
    """When new items came, of the last 7 days, the newest 500: for items a week and the interval."""
    ttl_minutes: int | None = None
    title: str | None = None
    """The feed's own title."""
    pages: dict[str, int] = {}
    """Pages of the remembered entries by outcome; `wanted` counts those that are still to be read."""
