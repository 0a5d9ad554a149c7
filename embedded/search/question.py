"""An ask as SQL over one connection: what every read of matches begins with."""

import sqlite3
from datetime import timedelta

import msgspec

from ceasewire.text.sought import Target, holds
from ceasewire.views import Ask
from embedded.search.compiling import Compiled, compile_node
from embedded.store.times import DAY, to_ms

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


class Question:
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

    def also(self, condition: str, *values: str | int) -> None:
        """Another condition on `i`, the item."""
        self._compiled.conditions.append(condition)
        self._compiled.values += values

    def numbers(self, limit: int, before: int | None = None) -> list[int]:
        """The newest row numbers that match, under `before`."""
        bound = f" AND {self._number} < {before}" if before is not None else ""
        sql = f"SELECT {self._number} {self._source}{bound} ORDER BY {self._number} DESC LIMIT {limit}"
        return [n for (n,) in self._connection.execute(sql, self._values)]

    def count(self, limit: int) -> int:
        """The number of matches, counted up to `limit`."""
        sql = f"SELECT count(*) FROM (SELECT 1 {self._source} LIMIT {limit})"
        return int(self._connection.execute(sql, self._values).fetchone()[0])

    def latest(self, limit: int, before: tuple[int, int] | None = None) -> list[tuple[int, int]]:
        """Date (ms) and row number of the matches with the latest dates, those before the place."""
        bound = " AND (i.at, i.n) < ({}, {})".format(*before) if before else ""
        sql = f"SELECT i.at, i.n {self._source}{bound} ORDER BY i.at DESC, i.n DESC LIMIT {limit}"
        return self._connection.execute(sql, self._values).fetchall()

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
