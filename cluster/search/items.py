"""Single items with all that happened to them, from Elasticsearch: implements `ports.Items`."""

from collections.abc import Callable, Sequence

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.items import Item, Tagged
from ceasewire.polling import FeedState
from ceasewire.views import Hit, ItemView, Verdict, Way
from cluster.search.client import Index
from cluster.search.hits import NEWEST, hits, whole, whole_story
from indexers.documents import address_key

_MOST = 200


class ElasticItems:
    """Items by id or address. `rules` gives the ids of the rules in force, for the verdicts of those not met."""

    def __init__(self, index: Index, rules: Callable[[], Sequence[str]] = tuple) -> None:
        self._index = index
        self._rules = rules

    async def item(self, key: str) -> ItemView | None:
        """By id or address. Raises StoreError."""
        hit = await self._find(key)
        return ItemView(hit=hit, versions=await self._versions(hit.tagged)) if hit else None

    async def way(self, key: str) -> Way | None:
        """By id or address: all that happened to the item. Raises StoreError."""
        hit = await self._find(key)
        if hit is None:
            return None
        item = hit.tagged.item
        decisions = await self._decisions(item.id)
        alerts = list(dict.fromkeys(one.alert for one in decisions if one.alert))
        found = await self._index.get("alerts", alerts)
        feeds = await self._index.get("feeds", [item.source.feed])
        return Way(
            versions=await self._versions(hit.tagged),
            tagged=hit.tagged,
            feed=whole(feeds[item.source.feed], "state", FeedState) if feeds else None,
            story=await whole_story(self._index, hit.story) if hit.story else None,
            verdicts=_verdicts([one.rule for one in hit.tagged.rules], decisions, self._rules()),
            alerts=tuple(whole(found[id], "alert", Alert) for id in alerts if id in found),
            deliveries=tuple(await deliveries_of(self._index, alerts)),
        )

    async def _find(self, key: str) -> Hit | None:
        found = (await self._index.get("items", [key])).get(key) if key and len(key) < 500 else None
        if found is None:
            url = address_key(key if "://" in key else f"https://{key}")
            answer = await self._index.ask("items", query={"term": {"url.key": url}}, sort=list(NEWEST), size=1)
            found = next((one["_source"] for one in answer["hits"]["hits"]), None)
        return (await hits(self._index, [found]))[0] if found else None

    async def _versions(self, tagged: Tagged) -> tuple[Item, ...]:
        """All texts of the item, newest first."""
        answer = await self._index.ask(
            "versions", query={"term": {"item": tagged.item.id}}, sort=[{"rev": "desc"}], size=_MOST
        )
        earlier = (whole(one["_source"], "whole", Item) for one in answer["hits"]["hits"])
        return (tagged.item, *(one for one in earlier if one.rev < tagged.item.rev))

    async def _decisions(self, item: str) -> list[Decision]:
        answer = await self._index.ask(
            "decisions", query={"term": {"item": item}}, sort=[{"@timestamp": "asc"}], size=_MOST
        )
        return [whole(one["_source"], "decision", Decision) for one in answer["hits"]["hits"]]


async def deliveries_of(index: Index, alerts: Sequence[str]) -> list[Delivery]:
    """The deliveries of these alerts, by alert and channel."""
    if not alerts:
        return []
    answer = await index.ask("deliveries", query={"terms": {"alert": list(alerts)}}, size=1000)
    found = [whole(one["_source"], "delivery", Delivery) for one in answer["hits"]["hits"]]
    return sorted(found, key=lambda one: (alerts.index(one.alert), one.channel))


def _verdicts(met: Sequence[str], decisions: Sequence[Decision], rules: Sequence[str]) -> tuple[Verdict, ...]:
    last = {decision.rule: decision for decision in decisions}
    every = dict.fromkeys((*met, *last, *rules))
    return tuple(Verdict(rule=rule, met=rule in met or rule in last, decision=last.get(rule)) for rule in every)
