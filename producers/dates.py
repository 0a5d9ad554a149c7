"""Dates as feeds write them, to aware datetimes in UTC."""

import calendar
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from dateutil import parser as loose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DEFAULTS = (datetime(2000, 1, 1), datetime(2005, 2, 2))
"""A date that comes out differently over these was not all there: what is missing is not made up."""
_AMERICAN = {"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}
_EUROPEAN = {"CET": 1, "CEST": 2, "MEZ": 1, "MESZ": 2, "EET": 2, "EEST": 3, "MSK": 3, "BST": 1, "WET": 0, "WEST": 1}
_FARTHER = {"TRT": 3, "PKT": 5, "HKT": 8, "SGT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "SAST": 2, "EAT": 3}
_OFFSETS = {name: hours * 3600 for name, hours in (_AMERICAN | _EUROPEAN | _FARTHER | {"UT": 0, "Z": 0}).items()}
_WORD = re.compile(r"(?<![A-Za-z])[A-Za-z]{2,4}(?![A-Za-z])")
_DOTTED = re.compile(r"(?<![\d.])\d{1,2}\.\d{1,2}\.(?:\d{4}|\d\d)(?![\d.])")
_DOTTED_FROM_YEAR = re.compile(r"(?<![\d.])\d{4}\.\d{1,2}\.\d{1,2}(?![\d.])")
_AHEAD_OF_UTC = re.compile(r"(?<![A-Za-z])(?:UTC|GMT) ?(?=[+-]\d)")
_YEAR_NOUGHT = re.compile(r"^0000\b|[A-Za-z]{3,}\.? 0000\b|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]0000\b")
_SECONDS = re.compile(r"(1\d{9})(?:\d{3})?", re.ASCII)
_SHORTEST = 8
"""Characters of a day of a year, like 20260301."""


def read_date(value: str, as_tuple: time.struct_time | None) -> datetime | None:
    """A date of a feed: `as_tuple` as feedparser read it, except where that is known to make something up.

    It takes the names of most zones for UTC, and puts today for what it does not see, as in dates with dots.
    """
    value = " ".join(value.split())
    ours = (_AHEAD_OF_UTC, _DOTTED, _DOTTED_FROM_YEAR)
    if _zones(value) or _SECONDS.fullmatch(value) or any(form.search(value) for form in ours):
        found = from_text(value)
        if found:
            return found
    if as_tuple is not None:
        return from_tuple(as_tuple) if len(value) >= _SHORTEST else None
    return from_text(value)


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
    """A date in any usual spelling; without a zone it is taken as UTC. None where it cannot be read in full."""
    value = " ".join(value.split())
    if not 6 <= len(value) <= 100 or not any(char.isdigit() for char in value) or _YEAR_NOUGHT.search(value):
        return None
    seconds = _SECONDS.fullmatch(value)
    if seconds:
        return _EPOCH + timedelta(seconds=int(seconds[1]))
    for zone in _zones(value):
        value = value.replace(zone, zone.upper())
    value = _AHEAD_OF_UTC.sub("", value)
    try:
        found, other = (
            loose.parse(value, default=default, tzinfos=_OFFSETS, dayfirst=bool(_DOTTED.search(value)))
            for default in _DEFAULTS
        )
        if found != other:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError, AttributeError, ArithmeticError):
        return None


def _zones(value: str) -> list[str]:
    """The words of a date that name a zone which we know."""
    return [word for word in _WORD.findall(value) if word.upper() in _OFFSETS]
