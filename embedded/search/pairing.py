"""Pairs of the store by week, and the sentences that name them: implements `ports.Pairs`."""

import sqlite3
from collections.abc import Sequence
from datetime import date
from functools import partial

import msgspec

from ceasewire.pair_views import COUNTED, WEEK, Naming, NamingPage, PairWeeks, Told, asked, beginning, by_week
from ceasewire.query import Node
from ceasewire.views import Ask
from embedded.search.question import Question
from embedded.search.searching import LARGEST_PAGE, Reads
from embedded.store.hits import hits
from embedded.store.times import DAY, to_ms

_TOLD = """
SELECT pairs.actor, pairs.issue, (items.at - :first) / :week, coalesce(members.story, items.id), items.id
FROM json_each(:numbers) AS wanted
JOIN items ON items.n = wanted.value
JOIN pairs ON pairs.item = items.n
LEFT JOIN members ON members.item = items.id
"""
_MERGED = "SELECT id, merged_into FROM stories WHERE merged_into IS NOT NULL"
_LONGEST_CHAIN = 100
SECONDS = 3.0
"""The longest that one question may take: 20,000 items are counted in about half a second of a core of its own."""


class SqlitePairs:
    """Counts what the table of pairs holds for the newest `most` items, and shows the sentences of stored items."""

    def __init__(self, store: Reads, seconds: float = SECONDS, most: int = COUNTED) -> None:
        self._store = store
        self._most = most
        self._seconds = seconds

    async def weeks(self, node: Node | None, weeks: Sequence[date]) -> PairWeeks:
        """Stories by pair and week. Raises StoreError, also where the counting takes too long."""
        return await self._store.read(partial(_weeks, node, tuple(weeks), self._most), self._seconds)

    async def sentences(self, ask: Ask, actor: str | None = None, issue: str | None = None) -> NamingPage:
        """A page of the items whose sentences name the pair, latest date first. Raises StoreError."""
        return await self._store.read(partial(_sentences, ask, actor, issue), self._seconds)


def _weeks(node: Node | None, weeks: Sequence[date], most: int, connection: sqlite3.Connection) -> PairWeeks:
    span = Ask(node=node, since=beginning(weeks[0]), until=beginning(weeks[-1] + WEEK))
    question = _naming(connection, span, None, None)
    numbers = [n for _, n in question.latest(most + 1)]
    counted = numbers[:most]
    merged = dict(connection.execute(_MERGED).fetchall())
    first = to_ms(beginning(weeks[0]))
    rows = connection.execute(
        _TOLD, {"first": first, "week": 7 * DAY, "numbers": msgspec.json.encode(counted).decode()}
    )
    told = (Told(actor, issue, weeks[at], _head(story, merged), item) for actor, issue, at, story, item in rows)
    return by_week(told, weeks, len(counted), len(numbers) <= most)


def _sentences(ask: Ask, actor: str | None, issue: str | None, connection: sqlite3.Connection) -> NamingPage:
    limit = min(max(ask.limit, 1), LARGEST_PAGE)
    places = _naming(connection, ask, actor, issue).latest(limit + 1, _cursor(ask.after))
    found = hits(connection, [n for _, n in places[:limit]])
    return NamingPage(
        found=tuple(Naming(hit=hit, pairs=asked(hit.tagged, actor, issue)) for hit in found),
        next="{}.{}".format(*places[limit - 1]) if len(places) > limit else None,
    )


def _naming(connection: sqlite3.Connection, ask: Ask, actor: str | None, issue: str | None) -> Question:
    """The items that charts count and that name the pair."""
    question = Question(connection, ask)
    question.also("i.counted")
    wanted = [(name, value) for name, value in (("actor", actor), ("issue", issue)) if value is not None]
    bound = "".join(f" AND pairs.{name} = ?" for name, _ in wanted)
    question.also(
        f"EXISTS (SELECT 1 FROM pairs WHERE pairs.item = i.n{bound})",
        *(value.encode(errors="replace").decode() for _, value in wanted),
    )
    return question


def _head(story: str, merged: dict[str, str]) -> str:
    """The story that this one went into in the end."""
    for _ in range(_LONGEST_CHAIN):  # a chain of merges ends; a damaged one must not hang us
        if story not in merged:
            break
        story = merged[story]
    return story


def _cursor(after: str | None) -> tuple[int, int] | None:
    at, _, n = (after or "").partition(".")
    if at.removeprefix("-").isdecimal() and n.isdecimal() and len(at) < 18 and len(n) < 19:
        return int(at), int(n)
    return None
