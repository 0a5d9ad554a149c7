"""Pairs of the index by week, and the sentences that name them: implements `ports.Pairs`."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ceasewire.pair_views import COUNTED, WEEK, Naming, NamingPage, PairWeeks, Told, asked, beginning, by_week, monday
from ceasewire.pairs import BETWEEN
from ceasewire.query import Node
from ceasewire.views import Ask
from cluster.search.client import Index
from cluster.search.compiling import Query
from cluster.search.cursors import from_cursor, to_cursor
from cluster.search.hits import NEWEST, hits, stories_of

LARGEST_PAGE = 1_000
AT_ONCE = 10_000
"""Documents of one answer, the most that a node gives."""
_IDS = 1_000
"""Items whose stories are asked for at once."""
_FIELDS = ("pairs", {"field": "@timestamp", "format": "strict_date"})


class ElasticPairs:
    """Counts the field `pairs` by story, and shows the sentences of the stored items.

    `query` gives the query of an ask (`ElasticSearch.query`). The newest `most` items are counted, `at_once` of them
    with one answer.
    """

    def __init__(
        self, index: Index, query: Callable[[Ask], Awaitable[Query]], at_once: int = AT_ONCE, most: int = COUNTED
    ) -> None:
        self._index = index
        self._query = query
        self._at_once = at_once
        self._most = most

    async def weeks(self, node: Node | None, weeks: Sequence[date]) -> PairWeeks:
        """Stories by pair and week. Raises StoreError."""
        span = Ask(node=node, since=beginning(weeks[0]), until=beginning(weeks[-1] + WEEK))
        found = await self._newest(await self._naming(span, {"exists": {"field": "pairs"}}), self._most + 1)
        counted = found[: self._most]
        stories = await self._stories([one["_id"] for one in counted])
        return by_week(_told(counted, stories), weeks, len(counted), len(found) <= self._most)

    async def sentences(self, ask: Ask, actor: str | None = None, issue: str | None = None) -> NamingPage:
        """A page of the items whose sentences name the pair, latest date first. Raises StoreError."""
        limit = min(max(ask.limit, 1), LARGEST_PAGE)
        after = from_cursor(ask.after, numbers=2)
        more: dict[str, Any] = {"search_after": after} if after else {}
        query = await self._naming(ask, _pair(actor, issue))
        answer = await self._index.ask("items", query=query, sort=list(NEWEST), size=limit + 1, **more)
        found = answer["hits"]["hits"]
        page = await hits(self._index, [one["_source"] for one in found[:limit]])
        return NamingPage(
            found=tuple(Naming(hit=hit, pairs=asked(hit.tagged, actor, issue)) for hit in page),
            next=to_cursor(found[limit - 1]["sort"]) if len(found) > limit else None,
        )

    async def _naming(self, ask: Ask, pair: Query) -> Query:
        """The items that charts count and that name the pair."""
        return {"bool": {"filter": [await self._query(ask), {"term": {"counted": True}}, pair]}}

    async def _newest(self, query: Query, most: int) -> list[Mapping[str, Any]]:
        """So many of the newest matches, with their pairs and days only."""
        found: list[Mapping[str, Any]] = []
        more: dict[str, Any] = {}
        while len(found) < most:
            size = min(most - len(found), self._at_once)
            answer = await self._index.ask(
                "items",
                query=query,
                sort=list(NEWEST),
                size=size,
                source=False,
                docvalue_fields=list(_FIELDS),
                track_total_hits=False,
                **more,
            )
            page = answer["hits"]["hits"]
            found += page
            if len(page) < size:
                break
            more = {"search_after": page[-1]["sort"]}
        return found

    async def _stories(self, ids: Sequence[str]) -> dict[str, str]:
        """The story of each item that is in one."""
        chunks = [ids[at : at + _IDS] for at in range(0, len(ids), _IDS)]
        answers = await asyncio.gather(*(stories_of(self._index, chunk) for chunk in chunks))
        return {item: story.id for found in answers for item, story in found.items()}


def _pair(actor: str | None, issue: str | None) -> Query:
    if actor is not None and issue is not None:
        return {"term": {"pairs": f"{actor}{BETWEEN}{issue}"}}
    if actor is not None:
        return {"prefix": {"pairs": f"{actor}{BETWEEN}"}}
    if issue is not None:
        return {"wildcard": {"pairs": {"value": f"*{BETWEEN}{_literal(issue)}"}}}
    return {"exists": {"field": "pairs"}}


def _literal(text: str) -> str:
    """The text as a wildcard that only matches itself."""
    return "".join(f"\\{sign}" if sign in "*?\\" else sign for sign in text)


def _told(found: Sequence[Mapping[str, Any]], stories: Mapping[str, str]) -> Iterator[Told]:
    for one in found:
        fields, item = one["fields"], one["_id"]
        week = monday(date.fromisoformat(fields["@timestamp"][0]))
        for pair in fields["pairs"]:
            actor, _, issue = pair.partition(BETWEEN)
            yield Told(actor, issue, week, stories.get(item, item), item)
