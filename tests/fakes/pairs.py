"""Pairs of a list of items: what a store must give, in the plainest way."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, timedelta

import msgspec

from ceasewire.pair_views import Naming, NamingPage, PairCount, PairWeeks
from ceasewire.pairs import pairs
from ceasewire.query import Node
from ceasewire.views import Ask, Hit


class FakePairs:
    """Over a search of fakes; `most` is over how many items are counted."""

    def __init__(self, search: Callable[[Ask], Sequence[Hit]], most: int = 20_000) -> None:
        self._search = search
        self._most = most

    async def weeks(self, node: Node | None, weeks: Sequence[date]) -> PairWeeks:
        hits = [hit for hit in self._search(Ask(node=node)) if pairs(hit.tagged) and _week(hit) in weeks]
        counted = hits[: self._most]
        found = {(one.actor, one.issue) for hit in counted for one in pairs(hit.tagged)}
        counts = [_count(actor, issue, weeks, counted) for actor, issue in found]
        return PairWeeks(
            weeks=tuple(weeks),
            pairs=tuple(sorted(counts, key=lambda one: (-one.total, one.actor, one.issue))),
            counted=len(counted),
            all_counted=len(hits) <= self._most,
        )

    async def sentences(self, ask: Ask, actor: str | None = None, issue: str | None = None) -> NamingPage:
        found = []
        for hit in self._search(ask):
            named = tuple(one for one in pairs(hit.tagged) if _is(one.actor, actor) and _is(one.issue, issue))
            if named:
                found.append(Naming(hit=hit, pairs=named))
        places = [naming.hit.tagged.item.id for naming in found]
        start = places.index(ask.after) + 1 if ask.after in places else 0
        page = found[start : start + min(max(ask.limit, 1), 1000)]
        more = start + len(page) < len(found)
        return NamingPage(found=tuple(page), next=page[-1].hit.tagged.item.id if more else None)


def _is(value: str, wanted: str | None) -> bool:
    return wanted is None or value == wanted


def _week(hit: Hit) -> date:
    day = hit.tagged.item.at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _count(actor: str, issue: str, weeks: Sequence[date], hits: Sequence[Hit]) -> PairCount:
    naming = [hit for hit in hits if any((one.actor, one.issue) == (actor, issue) for one in pairs(hit.tagged))]
    stories = {(_week(hit), hit.story or hit.tagged.item.id) for hit in naming}
    by_week = Counter(week for week, _ in stories)
    items = Counter(_week(hit) for hit in naming)
    return PairCount(
        actor=actor,
        issue=issue,
        total=len({story for _, story in stories}),
        stories=tuple(by_week[week] for week in weeks),
        items=tuple(items[week] for week in weeks),
    )


def counted(hits: Sequence[Hit]) -> list[Hit]:
    """Those that charts count, latest date first, without marks."""
    found = [msgspec.structs.replace(hit, highlights=()) for hit in hits if hit.tagged.counted]
    return sorted(found, key=lambda hit: hit.tagged.item.at, reverse=True)
