"""What goes to the child that reads pages, and what comes back."""

from typing import Literal

import msgspec


class PageDocument(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A page, of which the main text is wanted."""

    body: bytes
    content_type: str | None = None
    url: str


class RobotsDocument(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A robots.txt, and the address that is to be asked for."""

    body: bytes
    url: str
    agent: str
    """The name under which rules may speak of us."""

    @property
    def text(self) -> str:
        """The rules; a byte order mark is no part of the first of them."""
        wide = self.body.startswith((b"\xff\xfe", b"\xfe\xff"))
        return self.body.decode("utf-16" if wide else "utf-8-sig", "replace")


class PageText(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """The main text of a page, a line a paragraph; empty where none was found."""

    text: str
    free: bool = True
    """False where the page itself says that reading it is not for free."""


class Allowance(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a robots.txt says of an address."""

    allowed: bool
    pause: float = 0.0
    """Seconds that it wants between two requests."""


class Unread(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Nothing could be read, and why."""

    reason: Literal["too_heavy", "parser_failed"]


Request = PageDocument | RobotsDocument
Answer = PageText | Allowance | Unread
