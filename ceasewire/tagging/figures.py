"""Dates and numbers of a text, with where they stand: one look for digits, then what stands beside them.

A date gives a day and a month, a month and a year, or all three; its id is as much of YYYY-MM-DD as the text says, with
the year nearest to the item's own date where only day and month are given. Words for days of the week are no dates. A
year alone, a time of day and what belongs to a name (F-16, G7) are neither dates nor numbers.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from ceasewire.items import Field, Mention
from ceasewire.tagging.reading import Reading
from ceasewire.text.months import ANY_MONTH, MONTHS
from ceasewire.text.units import LONG_SCALE, SIGNS, TIMES, UNITS

MOST = 50
"""Of each kind in one item."""
_MOST_DIGITS = 15
_HYPHENS = "-‐‑"
_DIGITS = re.compile("[0-9]+")
_NUMBER = re.compile(
    r"[0-9]{1,3}(?:([ \xa0\u202f'’.,])[0-9]{3})(?:\1[0-9]{3})*(?![0-9])(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?"
)
_BETWEEN = frozenset(" \xa0\u202f'’.,")
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?![\d-])")
_DOTTED = re.compile(r"(\d{1,2})([./])(\d{1,2})\2((?:19|20)\d{2})(?!\d)")
_NTH = r"(?:st|nd|rd|th|er|[º°]|[-‐‑](?:го|ого|е|ое|те|ше|ге))?"
_AND = "and|or|to|и|или|по|і|й|та|або|до|und|oder|bis|et|ou|au|y|o|al|i|lub|do"
_TO = rf"(?:(?:[ \xa0]?[-–—][ \xa0]?|\.?[ \xa0](?:{_AND})[ \xa0])(\d{{1,2}}){_NTH})?"
_YEAR = r"((?:19|20)\d{2})(?!\d)"
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}}){_NTH}{_TO}\.?[ \xa0](?:de |of )?([^\W\d_]{{3,12}})(?:\.?,? (?:de |del )?{_YEAR})?"
)
_DAY_YEAR = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?{_TO}(?![\d:%]|[.,]\d)(?:,? {_YEAR})?")
_BESIDE = re.compile(r"([ \xa0\u202f-]?)(?:de |d['’]|US[ -])?([^\W\d_]+|[%$€£₴₽])\.?")
_PERCENT = re.compile(r"[ \xa0](?:per|pour|por|v\.) ?(?:cent|ciento|H\.)")
_ORDINAL = re.compile(r"[-‐‑][^\W\d_]{1,3}(?!\w)")
_VERSION = re.compile(r"(?:[.:]\d+)+")
_PERCENTS = frozenset(("per", "pour", "por", "v"))
_CODES = frozenset(("USD", "EUR", "GBP", "UAH", "RUB", "PLN", "CHF"))
_NO_NUMBER = frozenset("#№@_&=/")
_GROUPS = str.maketrans("", "", " \xa0\u202f'’")
_OF = frozenset(("de", "del", "of", "року", "года"))


class Figure(NamedTuple):
    """A date or a number, and where it stands in its field."""

    kind: Literal["date", "number"]
    id: str
    """Of a number the value without grouping, and its unit behind a blank: "28", "20 %", "50000 USD"."""
    start: int
    end: int


def read_figures(reading: Reading, language: str, published: date | None) -> tuple[Mention, ...]:
    """The dates and numbers of title and text outside noise as mentions; at most 50 of each kind."""
    found: list[Mention] = []
    counts = {"date": 0, "number": 0}
    fields: tuple[tuple[Field, str], ...] = (("title", reading.title), ("text", reading.text))
    for field, text in fields:
        for one in find_figures(text, language, published):
            if counts[one.kind] == MOST or (field == "text" and reading.is_noise(one.start, one.end)):
                if min(counts.values()) == MOST:
                    break
                continue
            counts[one.kind] += 1
            found.append(Mention(kind=one.kind, id=one.id, field=field, start=one.start, end=one.end))
    return tuple(found)


def find_figures(text: str, language: str, published: date | None) -> Iterator[Figure]:
    """The dates and numbers of a text, in order."""
    text = f" {text}  "  # so that every digit has a neighbour on either side
    at = 0
    while match := _DIGITS.search(text, at):
        start, at = match.span()
        before = text[start - 1]
        if before != " " and _spoiled(text, start, before):
            continue
        found = _dates(text, start, at, language, published)
        if not found:
            raw, grouped = match[0], ""
            if text[at + 1].isdigit() and text[at] in _BETWEEN and (number := _NUMBER.match(text, start)):
                raw, grouped, at = number[0], number[1] or "", number.end()
            if text[at] in ".:" and (version := _VERSION.match(text, at)):
                at = version.end()
                continue
            found = _number(text, start, raw, grouped, language)
        for one in found:
            yield Figure(one.kind, one.id, one.start - 1, one.end - 1)
            at = max(at, one.end)


def _spoiled(text: str, start: int, before: str) -> bool:
    """Whether the sign before the digits makes them a part of something else."""
    if before in _HYPHENS:
        return text[start - 2].isalpha()
    return before.isalnum() or before in _NO_NUMBER or (before in ":.," and text[start - 2].isdigit())


def _dates(text: str, start: int, end: int, language: str, published: date | None) -> list[Figure]:
    """The date or the two of a span of days that the digits at `start` belong to."""
    size = end - start
    if size == 4 and text[end] == "-":
        iso = _ISO.match(text, start)
        if iso:
            return _put([(start, iso.end(), int(iso[3]))], int(iso[2]), int(iso[1]), published)
    if size <= 2 and text[end] in "./":
        dotted = _DOTTED.match(text, start)
        if dotted and (dotted[2] == "." or language != "en" or int(dotted[1]) > 12):
            return _put([(start, dotted.end(), int(dotted[1]))], int(dotted[3]), int(dotted[4]), published)
    if size <= 2:
        day = _DAY_MONTH.match(text, start)
        month = _month(day[3], language) if day else 0
        if day and month:
            whole = day.end() if day[4] else day.end(3)
            year = int(day[4]) if day[4] else None
            days = [(start, whole, int(day[1]))]
            if day[2]:
                days = [(start, day.end(1), int(day[1])), (day.start(2), whole, int(day[2]))]
            return _put(days, month, year, published)
    return _after_month(text, start, size, language, published)


def _after_month(text: str, start: int, size: int, language: str, published: date | None) -> list[Figure]:
    """A date whose month stands before the digits: May 2026, May 15."""
    if text[start - 1] not in " \xa0":
        return []
    first = text.rfind(" ", 0, start - 1) + 1
    word = text[first : start - 1]
    if word in _OF:
        last, first = first - 1, text.rfind(" ", 0, first - 1) + 1
        word = text[first:last]
    month = _month(word.rstrip(".,"), language)
    if not month:
        return []
    if size == 4 and text[start : start + 2] in ("19", "20") and text[start : start + 4].isdigit():
        return [Figure("date", f"{text[start : start + 4]}-{month:02}", first, start + 4)]
    day = _DAY_YEAR.match(text, start)
    # "in May 15 people": the month is told of, the number counts what follows
    counted = text[max(0, first - 4) : first].lower() == " in " if day and not day[3] else False
    if not day or counted or language not in ("en", "und"):
        return []
    year = int(day[3]) if day[3] else None
    if day[2]:
        return _put([(first, day.end(1), int(day[1])), (day.start(2), day.end(), int(day[2]))], month, year, published)
    return _put([(first, day.end(), int(day[1]))], month, year, published)


def _month(word: str, language: str) -> int:
    """The number of the month that the word names in the language; 0 where it names none."""
    lower = word.lower()
    month = MONTHS.get(language, ANY_MONTH).get(lower, 0)
    # "may" and "march" are other words
    if month and word[0].islower() and lower in MONTHS["en"] and language not in ("fr", "es", "pl"):
        return 0
    return month


def _put(days: list[tuple[int, int, int]], month: int, year: int | None, published: date | None) -> list[Figure]:
    """Each day (start, end, number) as a date; none where one of them is in no calendar."""
    found = []
    for start, end, day in days:
        id = _date_id(day, month, year, published)
        if not id:
            return []
        found.append(Figure("date", id, start, end))
    return found


def _date_id(day: int, month: int, year: int | None, published: date | None) -> str:
    if year is not None:
        whole = _day(year, month, day)
        return whole.isoformat() if whole else ""
    if not _day(2024, month, day):  # a leap year has every day
        return ""
    if published is not None:
        years = (published.year + step for step in (-1, 0, 1))
        near = [one for one in (_day(some, month, day) for some in years) if one]
        if near:
            return min(near, key=lambda one: abs((one - published).days)).isoformat()
    return f"{month:02}-{day:02}"


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _number(text: str, start: int, raw: str, grouped: str, language: str) -> list[Figure]:
    """The number that the digits are, with what stands beside them; none where they are part of a name or a code."""
    end = start + len(raw)
    if len(raw) > _MOST_DIGITS or (raw[0] == "0" and raw[1:2].isdigit()):
        return []
    if text[end] in _HYPHENS and _ORDINAL.match(text, end):
        return []
    unit, first = _unit_before(text, start)
    zeros = 0
    while beside := _BESIDE.match(text, end):
        word, joined = beside[2].lower(), not beside[1]
        times = LONG_SCALE.get(language, TIMES).get(word, TIMES.get(word, 0))
        if times and (len(word) > 1 or (joined and (unit or word == "k" or _is_money(text, beside.end())))):
            zeros += times
            end = beside.end() if text[beside.end()] == " " else beside.end(2)
            continue
        if word in UNITS:
            unit, end = unit or UNITS[word], beside.end(2)
        elif (joined and not zeros) or word == "uhr":
            return []
        elif word in _PERCENTS and (percent := _PERCENT.match(text, end)):
            unit, end = "%", percent.end()
        break
    value = _value(raw, grouped, language)
    if not (zeros or unit) and len(raw) == 4 and raw[:2] in ("19", "20") and raw.isdigit():
        return []
    if zeros or "." in value:
        value = format(Decimal(value).scaleb(zeros).normalize(), "f")
    return [Figure("number", f"{value} {unit}" if unit else value, first, end)]


def _is_money(text: str, end: int) -> bool:
    """Whether a currency follows: 300m euros, where 300m alone may be a length."""
    beside = _BESIDE.match(text, end)
    return beside is not None and UNITS.get(beside[2].lower(), "") in _CODES


def _unit_before(text: str, start: int) -> tuple[str, int]:
    """The currency that stands before the digits, and where it begins."""
    at = start - 1 if text[start - 1] in " \xa0" else start
    sign = SIGNS.get(text[at - 1])
    if sign:
        return sign, at - 1
    code = text[at - 3 : at] if at > 3 else ""
    if code in _CODES and not text[at - 4].isalnum():
        return code, at - 3
    return "", start


def _value(raw: str, grouped: str, language: str) -> str:
    """The digits with a point where the fraction begins."""
    raw = raw.translate(_GROUPS)
    if grouped and grouped in ".,":
        other = "." if grouped == "," else ","
        point = "." if language in ("en", "und") else ","
        if raw.count(grouped) > 1 or other in raw or (grouped != point and raw[0] != "0"):
            return raw.replace(grouped, "").replace(other, ".")
    return raw.replace(",", ".")
