"""What came of the day, counted where it lies: ids in the topics, documents in the index."""

import asyncio
from dataclasses import dataclass, replace

from ceasewire import topics
from ceasewire.alerts import Delivery, State
from ceasewire.codec import decode
from ceasewire.config.settings import Settings
from ceasewire.crossings import Dispatch, Judgement
from ceasewire.deliveries import OPEN
from ceasewire.identity import delivery_id
from ceasewire.items import Item, Tagged
from cluster.broker import Broker, Place, Row
from cluster.search.client import Index, connect
from cluster.search.hits import whole


@dataclass(frozen=True)
class Counts:
    """Sets of ids, each at one place of an item's way."""

    items: dict[str, Item]
    """The newest text of each item in `items`."""
    tagged: dict[str, Tagged]
    """The newest of each item in `tagged`."""
    indexed: frozenset[tuple[str, int]]
    """Item and rev of each document of the index."""
    alerts: frozenset[str]
    dispatched: frozenset[str]
    """Ids of the deliveries that were ordered."""
    deliveries: dict[str, State]
    dead: int

    @property
    def lost(self) -> list[str]:
        """What is missing somewhere on its way, each in a line."""
        missing = [f"{id}: not tagged" for id in self.items if id not in self.tagged]
        missing += [
            f"{id}: its newest text is not tagged"
            for id, item in self.items.items()
            if id in self.tagged and self.tagged[id].item.rev < item.rev
        ]
        wanted = {(id, item.rev) for id, item in self.items.items()}
        missing += [f"{id}: not in the index with its newest text" for id, _ in sorted(wanted - self.indexed)]
        missing += [f"{id}: not in the log but in the index" for id, _ in sorted(self.indexed - wanted)]
        missing += [f"{id}: ordered, but no delivery" for id in sorted(self.dispatched - set(self.deliveries))]
        return missing

    @property
    def open(self) -> int:
        """Deliveries that are still under way."""
        return sum(state in OPEN for state in self.deliveries.values())


async def count(settings: Settings) -> Counts:
    """The counts now. Raises StoreError."""
    return replace(await asyncio.to_thread(_in_topics, settings), indexed=await _indexed(settings))


def _in_topics(settings: Settings) -> Counts:
    items: dict[str, Item] = {}
    tagged: dict[str, Tagged] = {}
    deliveries: dict[str, Delivery] = {}
    alerts: set[str] = set()
    dispatched: set[str] = set()
    with Broker(settings.kafka) as broker:
        for row in _rows(broker, settings, topics.ITEMS):
            item = decode(row.value or b"", Item)
            if item.id not in items or items[item.id].rev <= item.rev:
                items[item.id] = item
        for row in _rows(broker, settings, topics.TAGGED):
            one = decode(row.value or b"", Tagged)
            known = tagged.get(one.item.id)
            if known is None or (known.item.rev, known.edition) <= (one.item.rev, one.edition):
                tagged[one.item.id] = one
        for row in _rows(broker, settings, topics.ALERTS):
            if (judgement := decode(row.value or b"", Judgement)).alert is not None:
                alerts.add(judgement.alert.id)
        for row in _rows(broker, settings, topics.DISPATCH):
            ordered = decode(row.value or b"", Dispatch)
            dispatched.add(delivery_id(ordered.alert.id, ordered.channel))
        for row in _rows(broker, settings, topics.DELIVERIES):
            delivery = decode(row.value or b"", Delivery)
            if delivery.id not in deliveries or deliveries[delivery.id].version <= delivery.version:
                deliveries[delivery.id] = delivery
        dead = sum("letter" in row.headers for row in _rows(broker, settings, topics.DEAD))
    return Counts(
        items=items,
        tagged=tagged,
        indexed=frozenset(),
        alerts=frozenset(alerts),
        dispatched=frozenset(dispatched),
        deliveries={id: one.state for id, one in deliveries.items()},
        dead=dead,
    )


def _rows(broker: Broker, settings: Settings, name: str) -> list[Row]:
    partitions = next(topic.partitions for topic in topics.topics(settings.kafka) if topic.name == name)
    places = [Place(name, number) for number in range(partitions)]
    return list(broker.rows(broker.beginnings(places), broker.ends(places)))


async def _indexed(settings: Settings) -> frozenset[tuple[str, int]]:
    async with connect(settings.elasticsearch) as client:
        index = Index(client, settings.elasticsearch)
        await client.indices.refresh(index=index.alias("items"))
        answer = await index.ask("items", query={"match_all": {}}, size=10_000)
        found = [whole(one["_source"], "tagged", Tagged).item for one in answer["hits"]["hits"]]
    return frozenset((item.id, item.rev) for item in found)
