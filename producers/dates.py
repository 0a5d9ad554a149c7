"""Dates as feeds write them, to aware datetimes in UTC."""

import calendar
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from dateutil import parser as loose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULT = datetime(2000, 1, 1)
_ZONES = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_OTHER_ZONES = {"CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3, "BST": 1, "WET": 0, "WEST": 1, "UT": 0, "Z": 0}
_OFFSETS = {name: hours * 3600 for name, hours in (_ZONES | _OTHER_ZONES).items()}


def from_tuple(value: time.struct_time) -> datetime | None:
    """feedparser's tuple, which is in UTC; None where no calendar has it."""
    try:
        return _EPOCH + timedelta(seconds=calendar.timegm(value))
    except (ValueError, OverflowError, TypeError):
        return None


def runs_forward(first: Iterable[str | None], last: Iterable[str | None]) -> bool:
    """Whether a list runs from old to new, by the dates of the entries at its two ends."""
    ends = [[date for text in texts if text and (date := from_text(text))] for texts in (first, last)]
    return all(ends) and max(ends[0]) < min(ends[1])


def from_text(value: str) -> datetime | None:
    """A date in any usual spelling; without a zone it is taken as UTC. None where it cannot be read."""
    value = " ".join(value.split())
    if not 6 <= len(value) <= 100 or not any(char.isdigit() for char in value):
        return None
    try:
        found = loose.parse(value, default=_DEFAULT, tzinfos=_OFFSETS)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, AttributeError, ArithmeticError):
        return None
