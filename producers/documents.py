"""What goes to a parsing child and what comes back."""

import msgspec

from ceasewire.items import Entry
from producers.reasons import Reason


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A body to read."""

    body: bytes
    content_type: str | None = None
    url: str
    limit: int
    """The most entries that are taken."""
    whole: bool = True
    """False where it is known that the end is missing."""


class Remark(msgspec.Struct, frozen=True, array_like=True):
    """Something odd in a document that was read all the same."""

    reason: Reason
    detail: str = ""


class Parsed(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a document holds, entries in its order."""

    title: str | None = None
    language: str | None = None
    ttl_minutes: int | None = None
    entries: tuple[Entry, ...] = ()
    skipped: int = 0
    """Entries that could not be read."""
    remarks: tuple[Remark, ...] = ()
    seconds: float = 0.0
    """Processor time that reading took."""


class Unreadable(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nothing could be read, and why."""

    reason: Reason
    detail: str = ""
    seconds: float = 0.0


Reading = Parsed | Unreadable
