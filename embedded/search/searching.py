"""Search in the store: implements `ports.Search`."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from ceasewire.text.sought import Target, highlights, holds, words_of
from ceasewire.views import Ask, Count, Facets, Found, Volume
from embedded.search.compiling import Compiled, compile_node
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
_LANGUAGES = """
WITH RECURSIVE present (tag) AS (
    SELECT min(tag) FROM tags WHERE kind = 'lang'
    UNION ALL
    SELECT (SELECT min(tag) FROM tags WHERE kind = 'lang' AND tag > present.tag) FROM present WHERE tag IS NOT NULL
)
SELECT tag FROM present WHERE tag IS NOT NULL
"""
_FLOOR = "SELECT min(n) FROM (SELECT n FROM items INDEXED BY items_at WHERE at >= ?)"
"""The lowest row of a span of days, from the index alone; the plain question would read the oldest rows first."""
_NOTHING_YET = 1 << 62


class _Text(msgspec.Struct):
    title: str
    text: str = ""


class _Texts(msgspec.Struct):
    """As much of a stored item as a look for words needs."""

    item: _Text


_texts = msgspec.json.Decoder(_Texts)


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
    question = _Question(connection, ask)
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
    numbers = _Question(connection, ask).numbers(FACETED + 1)
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
        rows = _Question(connection, msgspec.structs.replace(ask, since=since, until=until)).volume()
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


class _Question:
    """An ask as SQL over one connection."""

    def __init__(self, connection: sqlite3.Connection, ask: Ask) -> None:
        self._connection = connection
        connection.create_function("holds", 5, _holds)
        languages = [tag for (tag,) in connection.execute(_LANGUAGES)]
        self._compiled: Compiled = compile_node(ask.node, languages)
        self._floor = 0
        if ask.since is not None:
            since = to_ms(ask.since)
            self._compiled.conditions.append(f"i.at >= {since}")
            lowest = connection.execute(_FLOOR, (since,)).fetchone()[0]
            self._floor = lowest or _NOTHING_YET
        if ask.until is not None:
            self._compiled.conditions.append(f"i.at <= {to_ms(ask.until - timedelta(microseconds=1))}")

    def numbers(self, limit: int, before: int | None = None) -> list[int]:
        """The newest row numbers that match, under `before`."""
        bound = f" AND {self._number} < {before}" if before is not None else ""
        sql = f"SELECT {self._number} {self._source}{bound} ORDER BY {self._number} DESC LIMIT {limit}"
        return [n for (n,) in self._connection.execute(sql, self._values)]

    def count(self, limit: int) -> int:
        """The number of matches, counted up to `limit`."""
        sql = f"SELECT count(*) FROM (SELECT 1 {self._source} LIMIT {limit})"
        return int(self._connection.execute(sql, self._values).fetchone()[0])

    def volume(self) -> list[tuple[int, str, int]]:
        """Day, issue and count of the matches that charts count, and for each day all of them under the issue ''."""
        found = f"SELECT {self._number} AS n, i.at / {DAY} AS day {self._source} AND i.counted"
        sql = (
            f"WITH found AS MATERIALIZED ({found}) SELECT day, '', count(*) FROM found GROUP BY day UNION ALL "
            "SELECT day, tags.tag, count(*) FROM found JOIN tags ON tags.item = found.n AND tags.kind = 'issue' "
            "GROUP BY day, tags.tag"
        )
        return self._connection.execute(sql, self._values).fetchall()

    @property
    def _number(self) -> str:
        return "words.rowid" if self._compiled.match else "i.n"

    @property
    def _source(self) -> str:
        where = self._compiled.where + (f" AND {self._number} >= {self._floor}" if self._floor else "")
        if self._compiled.match:
            return f"FROM words CROSS JOIN items AS i ON i.n = words.rowid WHERE words MATCH ? AND {where}"
        return f"FROM items AS i WHERE {where}"

    @property
    def _values(self) -> list[str | int]:
        driving: list[str | int] = [self._compiled.match] if self._compiled.match else []
        return driving + self._compiled.values


def _holds(body: bytes, lede: int, words: str, prefix: int, zone: str) -> bool:
    """SQL function: whether the stored item has the words side by side, in the zone ('' = anywhere)."""
    item = _texts.decode(body).item
    wanted = Target(tuple(words.split(" ")), exact=True, prefix=bool(prefix))
    if holds(item.title, wanted):
        return True
    if zone == "title":
        return False
    return holds(item.text[:lede] if zone == "lede" else item.text, wanted)


def _midnight_after(moment: datetime) -> datetime:
    """The end of the moment's day in UTC, so that a span of whole days is asked, which is counted already."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _cursor(after: str | None) -> int | None:
    return int(after) if after and after.isdecimal() and len(after) < 19 else None
