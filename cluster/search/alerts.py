"""Alerts, the decisions behind them and their deliveries, from Elasticsearch: implements `ports.Alerts`."""

from collections.abc import Mapping, Sequence
from typing import Any

from ceasewire.alerts import Alert, Decision
from ceasewire.items import Tagged
from ceasewire.views import AlertPage, AlertView, DecisionPage
from cluster.search.client import Index
from cluster.search.cursors import from_cursor, to_cursor
from cluster.search.hits import whole, whole_story
from cluster.search.items import deliveries_of

_DECISIONS = 200
"""Newest decisions that are given with one alert."""
_NEWEST = ({"@timestamp": "desc"}, {"id": "desc"})


class ElasticAlerts:
    """Alerts of the index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def alerts(self, after: str | None = None, limit: int = 30) -> AlertPage:
        """Alerts, newest first."""
        found, more = await self._page("alerts", after, limit)
        views = [await self._view(source) for source in found]
        return AlertPage(alerts=tuple(view for view in views if view), next=more)

    async def alert(self, alert: str) -> AlertView | None:
        """One alert."""
        found = (await self._index.get("alerts", [alert])).get(alert) if alert and len(alert) < 500 else None
        return await self._view(found) if found else None

    async def decisions(self, after: str | None = None, limit: int = 50) -> DecisionPage:
        """All decisions, held ones too, newest first."""
        found, more = await self._page("decisions", after, limit)
        return DecisionPage(
            decisions=tuple((whole(source, "decision", Decision), str(source.get("title", ""))) for source in found),
            next=more,
        )

    async def _page(self, kind: str, after: str | None, limit: int) -> tuple[list[Mapping[str, Any]], str | None]:
        place = from_cursor(after)
        more: dict[str, Any] = {"search_after": place} if place else {}
        answer = await self._index.ask(kind, query={"match_all": {}}, sort=list(_NEWEST), size=limit + 1, **more)
        found = answer["hits"]["hits"]
        end = to_cursor(found[limit - 1]["sort"]) if len(found) > limit else None
        return [one["_source"] for one in found[:limit]], end

    async def _view(self, source: Mapping[str, Any]) -> AlertView | None:
        """The alert with the very text that raised it; None where that text is unknown."""
        if "tagged" not in source:
            return None
        alert = whole(source, "alert", Alert)
        story = await whole_story(self._index, alert.story)
        return AlertView(
            alert=alert,
            tagged=whole(source, "tagged", Tagged),
            decisions=tuple(await self._decisions(alert.rule, alert.story, story.id if story else alert.story)),
            deliveries=tuple(await deliveries_of(self._index, [alert.id])),
        )

    async def _decisions(self, rule: str, story: str, into: str) -> Sequence[Decision]:
        """The newest on the rule and the story, those made under the names of stories that went into it included."""
        merged = await self._index.ask("stories", query={"term": {"merged_into": into}}, size=1000, source=["id"])
        names = {story, into, *(one["_id"] for one in merged["hits"]["hits"])}
        answer = await self._index.ask(
            "decisions",
            query={"bool": {"filter": [{"term": {"rule": rule}}, {"terms": {"story": sorted(names)}}]}},
            sort=list(_NEWEST),
            size=_DECISIONS,
        )
        return [whole(one["_source"], "decision", Decision) for one in answer["hits"]["hits"]]
