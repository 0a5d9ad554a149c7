"""Search in the store: implements `ports.Search`."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from ceasewire.text.sought import highlights, words_of
from ceasewire.views import Ask, Count, Facets, Found, Volume
from embedded.search.question import Question
from embedded.store.hits import hits
from embedded.store.times import DAY, to_date, to_day, to_ms

T = TypeVar("T")
COUNTED = 10_000
"""Matches that are counted for the total of a search."""
FACETED = 2_000
"""Newest matches that facets are counted over."""
SECONDS = 1.0
"""The longest that one question may take."""
LARGEST_PAGE = 1_000
_SPAN = timedelta(days=30)
_LONGEST_SPAN = 3_660


class Reads(Protocol):
    """What search needs of the store."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock, for the default span of volumes."""

    async def read(self, ask: Callable[[sqlite3.Connection], T], seconds: float | None = None) -> T:
        """Reads over one snapshot."""


class SqliteSearch:
    """Finds items by words, tags and days, newest first: row numbers follow the dates of items."""

    def __init__(self, store: Reads, seconds: float = SECONDS) -> None:
        self._store = store
        self._seconds = seconds

    async def search(self, ask: Ask) -> Found:
        """A page of matches, newest first. Raises StoreError, also where the search takes too long."""
        return await self._store.read(partial(_search, ask), self._seconds)

    async def facets(self, ask: Ask) -> Facets:
        """Counts over the newest 2,000 matches. Raises StoreError."""
        return await self._store.read(partial(_facets, ask), self._seconds)

    async def volume(self, ask: Ask) -> Volume:
        """Gathered items a day by issue, over the span of the ask (default: the last 30 days). Raises StoreError."""
        until = ask.until or _midnight_after(self._store.now())
        since = ask.since or until - _SPAN
        return await self._store.read(partial(_volume, ask, since, until), self._seconds)


def _search(ask: Ask, connection: sqlite3.Connection) -> Found:
    limit = min(max(ask.limit, 1), LARGEST_PAGE)
    question = Question(connection, ask)
    total = question.count(COUNTED + 1)
    numbers = question.numbers(limit + 1, _cursor(ask.after))
    found = hits(connection, numbers[:limit])
    words = words_of(ask.node)
    return Found(
        hits=tuple(msgspec.structs.replace(hit, highlights=highlights(hit.tagged, words)) for hit in found),
        total=min(total, COUNTED),
        total_is_least=total > COUNTED,
        next=str(numbers[limit - 1]) if len(numbers) > limit else None,
    )


def _facets(ask: Ask, connection: sqlite3.Connection) -> Facets:
    numbers = Question(connection, ask).numbers(FACETED + 1)
    counted = numbers[:FACETED]
    wanted = msgspec.json.encode(counted).decode()
    kinds: dict[str, list[Count]] = {}
    for kind, tag, count in connection.execute(
        "SELECT kind, tag, count(*) AS found FROM tags WHERE item IN (SELECT value FROM json_each(?)) "
        "GROUP BY kind, tag ORDER BY found DESC, tag",
        (wanted,),
    ):
        kinds.setdefault(kind, []).append(Count(tag, count))
    days = connection.execute(
        "SELECT at / ? AS day, count(*) FROM items WHERE n IN (SELECT value FROM json_each(?)) "
        "GROUP BY day ORDER BY day DESC",
        (DAY, wanted),
    )
    return Facets(
        counted=len(counted),
        all_counted=len(numbers) <= FACETED,
        issues=tuple(kinds.get("issue", ())),
        actors=tuple(kinds.get("actor", ())),
        languages=tuple(kinds.get("lang", ())),
        sources=tuple(kinds.get("feed", ())),
        conflicts=tuple(kinds.get("conflict", ())),
        days=tuple(Count(to_date(day).isoformat(), count) for day, count in days),
    )


def _volume(ask: Ask, since: datetime, until: datetime, connection: sqlite3.Connection) -> Volume:
    last = to_day(until - timedelta(microseconds=1))
    first = max(to_day(since), last - _LONGEST_SPAN)
    rows: Any
    if ask.node is None and to_ms(since) % DAY == 0 and to_ms(until) % DAY == 0:
        rows = connection.execute("SELECT day, issue, count FROM daily WHERE day BETWEEN ? AND ?", (first, last))
    else:
        rows = Question(connection, msgspec.structs.replace(ask, since=since, until=until)).volume()
    days = range(first, last + 1)
    counts: dict[str, list[int]] = {"": [0] * len(days)}
    for day, issue, count in rows:
        if first <= day <= last:
            counts.setdefault(issue, [0] * len(days))[day - first] += count
    items = tuple(counts.pop(""))
    order = sorted(counts, key=lambda issue: (-sum(counts[issue]), issue))
    return Volume(
        days=tuple(to_date(day) for day in days),
        issues={issue: tuple(counts[issue]) for issue in order},
        items=items,
    )


def _midnight_after(moment: datetime) -> datetime:
    """The end of the moment's day in UTC, so that a span of whole days is asked, which is counted already."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _cursor(after: str | None) -> int | None:
    return int(after) if after and after.isdecimal() and len(after) < 19 else None
