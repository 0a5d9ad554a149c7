"""A story: items that tell the same thing, and what is remembered of each to join the next."""

from datetime import datetime

import msgspec

from ceasewire.alerts import Alert, Decision


class Member(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What gathering remembers of one item: its text as hashes, its story, and what it caused."""

    item: str
    rev: int
    fingerprint: str
    story: str
    at: datetime
    """When it was gathered (append time); what is older than the window is forgotten."""
    published: datetime
    feed: str
    outlet: str
    title_key: str
    shingles: tuple[int, ...] = ()
    """Sorted 64-bit hashes of four-word shingles that are divisible by 4."""
    gist: tuple[int, ...] = ()
    """Its telling words, see `ceasewire.tagging.gist`."""
    decisions: tuple[Decision, ...] = ()
    alerts: tuple[Alert, ...] = ()
    late: bool = False
    """It came to mind by an edit, long after it was first seen: what its earlier texts caused is not known."""


class Story(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Items that tell the same thing. The id is that of its first item."""

    v: int = 1
    id: str
    title: str
    url: str | None = None
    first: datetime
    last: datetime
    items: tuple[str, ...]
    outlets: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    """`rule|cause` of each alert that was sent for it, those of merged stories included."""
    copies: dict[str, int] = {}
    """Rule id to the number of further copies that were held as same story."""
    merged_into: str | None = None
    thread: str = ""
    """The story that the thread of this one began with, where that is another."""
    follows: str = ""
    """The story of its thread that this one was found most like when it began."""
    version: int = 0
    """Grows with each change: microseconds since 1970 of the change, by which an index orders what it gets."""

    @property
    def began(self) -> str:
        """The story that the thread began with: this one where it follows none."""
        return self.thread or self.id
