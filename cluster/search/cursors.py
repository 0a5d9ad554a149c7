"""Where a page of the index ends, as text that an address can hold."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

import msgspec


def to_cursor(place: Sequence[Any]) -> str:
    """The sort values of the last document of a page, as text."""
    return urlsafe_b64encode(msgspec.json.encode(list(place))).decode()


def from_cursor(after: str | None, numbers: int = 1) -> list[Any] | None:
    """The place after which the page begins: some numbers and an id; None for a text that is no cursor of ours."""
    try:
        found: Any = msgspec.json.decode(urlsafe_b64decode((after or "").encode()))
    except (ValueError, msgspec.DecodeError):
        return None
    if not isinstance(found, list) or len(found) != numbers + 1 or not isinstance(found[-1], str):
        return None
    return found if all(isinstance(one, int) for one in found[:-1]) else None
