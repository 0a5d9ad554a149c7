"""Search in Elasticsearch: implements `ports.Search`."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from ceasewire.text.sought import highlights, words_of
from ceasewire.views import Ask, Count, Facets, Found, Volume
from cluster.search.client import Index
from cluster.search.compiling import Query, compile_ask
from cluster.search.cursors import from_cursor, to_cursor
from cluster.search.hits import NEWEST, hits

COUNTED = 10_000
"""Matches that are counted for the total of a search."""
FACETED = 2_000
"""Newest matches that facets are counted over."""
LARGEST_PAGE = 1_000
_SPAN = timedelta(days=30)
_LONGEST_SPAN = timedelta(days=3_660)
_LANGUAGES_FOR = 30.0
"""Seconds that the list of the indexed languages is kept."""
_MOST_ISSUES = 1_000
_FACETS = {
    "issues": "issues",
    "actors": "actors",
    "languages": "lang",
    "sources": "source.feed",
    "conflicts": "conflict",
}


class ElasticSearch:
    """Finds items by words, tags and days, newest first."""

    def __init__(self, index: Index, now: Callable[[], datetime]) -> None:
        self._index = index
        self._now = now
        self._languages: tuple[float, tuple[str, ...]] = (float("-inf"), ())

    async def search(self, ask: Ask) -> Found:
        """A page of matches, newest first. Raises StoreError."""
        limit = min(max(ask.limit, 1), LARGEST_PAGE)
        after = from_cursor(ask.after, numbers=2)
        more: dict[str, Any] = {"search_after": after} if after else {}
        answer = await self._index.ask(
            "items",
            query=await self.query(ask),
            sort=list(NEWEST),
            size=limit + 1,
            track_total_hits=COUNTED + 1,
            **more,
        )
        found = answer["hits"]["hits"]
        total = int(answer["hits"]["total"]["value"])
        words = words_of(ask.node)
        page = await hits(self._index, [one["_source"] for one in found[:limit]])
        return Found(
            hits=tuple(msgspec.structs.replace(hit, highlights=highlights(hit.tagged, words)) for hit in page),
            total=min(total, COUNTED),
            total_is_least=total > COUNTED,
            next=to_cursor(found[limit - 1]["sort"]) if len(found) > limit else None,
        )

    async def facets(self, ask: Ask) -> Facets:
        """Counts over the newest 2,000 matches. Raises StoreError."""
        answer = await self._index.ask(
            "items",
            query=await self.query(ask),
            sort=list(NEWEST),
            size=FACETED + 1,
            source=False,
            docvalue_fields=[*_FACETS.values(), {"field": "@timestamp", "format": "strict_date"}],
        )
        found = answer["hits"]["hits"]
        counted = [one.get("fields", {}) for one in found[:FACETED]]
        days = Counter(day for fields in counted for day in fields.get("@timestamp", ()))
        return Facets(
            counted=len(counted),
            all_counted=len(found) <= FACETED,
            days=tuple(Count(day, days[day]) for day in sorted(days, reverse=True)),
            **{name: _counts(counted, field) for name, field in _FACETS.items()},
        )

    async def volume(self, ask: Ask) -> Volume:
        """Items a day by issue that charts count, over the span of the ask. Raises StoreError."""
        until = ask.until or _midnight_after(self._now())
        since = max(ask.since or until - _SPAN, until - _LONGEST_SPAN)
        query = await self.query(msgspec.structs.replace(ask, since=since, until=until))
        by_day = {"date_histogram": {"field": "@timestamp", "calendar_interval": "day", "format": "strict_date"}}
        answer = await self._index.ask(
            "items",
            query={"bool": {"filter": [query, {"term": {"counted": True}}]}},
            size=0,
            aggs={
                "days": by_day,
                "issues": {"terms": {"field": "issues", "size": _MOST_ISSUES}, "aggs": {"days": by_day}},
            },
        )
        first, last = since.astimezone(UTC).date(), (until - timedelta(microseconds=1)).astimezone(UTC).date()
        days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
        found = answer["aggregations"]
        issues = {one["key"]: _a_day(one["days"], days) for one in found["issues"]["buckets"]}
        order = sorted(issues, key=lambda issue: (-sum(issues[issue]), issue))
        return Volume(days=days, issues={issue: issues[issue] for issue in order}, items=_a_day(found["days"], days))

    async def query(self, ask: Ask) -> Query:
        """The ask as a query over the indexed languages. Raises StoreError."""
        return compile_ask(ask, await self._indexed_languages() if words_of(ask.node) or ask.node else ())

    async def _indexed_languages(self) -> tuple[str, ...]:
        """The languages of the indexed items, in whose forms words are looked for."""
        asked, known = self._languages
        if time.monotonic() - asked > _LANGUAGES_FOR:
            answer = await self._index.ask(
                "items", size=0, aggs={"languages": {"terms": {"field": "lang", "size": 200}}}
            )
            known = tuple(one["key"] for one in answer["aggregations"]["languages"]["buckets"])
            self._languages = (time.monotonic() if known else float("-inf"), known)
        return known


def _counts(found: Iterable[Mapping[str, Any]], field: str) -> tuple[Count, ...]:
    counted = Counter(value for fields in found for value in fields.get(field, ()))
    return tuple(Count(value, counted[value]) for value in sorted(counted, key=lambda one: (-counted[one], one)))


def _a_day(histogram: Mapping[str, Any], days: Sequence[date]) -> tuple[int, ...]:
    counts = {one["key_as_string"]: int(one["doc_count"]) for one in histogram["buckets"]}
    return tuple(counts.get(day.isoformat(), 0) for day in days)


def _midnight_after(moment: datetime) -> datetime:
    """The end of the moment's day in UTC."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
