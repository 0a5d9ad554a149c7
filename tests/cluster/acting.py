"""The actions of the cluster's desk on topics and an index of their own, for the suite that all actions pass."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from ceasewire.alerts import Delivery
from ceasewire.codec import decode, encode
from ceasewire.config.feeds import Feed
from ceasewire.config.settings import ElasticsearchSettings, KafkaSettings, Settings
from ceasewire.metrics import Metrics
from ceasewire.topics import DELIVERIES, DISPATCH, FEEDS, ITEMS, topics
from cluster.actions import ClusterActions
from cluster.checking import FeedChecks
from cluster.search.client import Index, connect
from indexers.documents import Unfit, documents
from indexers.elastic import Elastic
from indexers.templates import index_name
from streams.notifying import Notifying
from streams.outbox_topic import TopicOutbox
from streams.stage import Row
from streams.work import Work
from tests.cluster.brokers import asking, rows_of, settings_for
from tests.cluster.dispatches import configured
from tests.cluster.outboxes import ALL, put, states
from tests.notify.samples import hook

NEEDED = (DELIVERIES, DISPATCH, FEEDS, ITEMS)


@asynccontextmanager
async def acting(
    bootstrap: str, url: str, prefix: str, deliveries: Iterable[Delivery], feed: Feed, now: Callable[[], datetime]
) -> AsyncIterator[tuple[ClusterActions, Callable[[str], Any]]]:
    """The actions, and what gives a delivery as it stands once a notifier has obeyed."""
    kafka, elastic = settings_for(bootstrap, prefix), ElasticsearchSettings(url=url, prefix=prefix.rstrip("-"))
    await asyncio.to_thread(_stock, kafka, elastic, list(deliveries), now())
    outbox = TopicOutbox(kafka, now, lambda: timedelta(seconds=5))
    await asyncio.to_thread(put, kafka, deliveries, await outbox._rows.partition_for("hook"))
    configuration: Any = SimpleNamespace(settings=Settings(kafka=kafka), feeds=(feed,), engine=None)
    checks = FeedChecks(lambda: configuration, now)

    async def delivery(id: str) -> Delivery:
        await _obey(kafka, outbox, now)
        return [one for one in await asyncio.to_thread(states, kafka) if one.id == id][-1]

    client = connect(elastic)
    try:
        yield ClusterActions(Index(client, elastic), lambda: kafka, checks), delivery
    finally:
        await checks.close()
        await client.close()
        await outbox.aclose()


def _stock(kafka: KafkaSettings, settings: ElasticsearchSettings, deliveries: list[Delivery], now: datetime) -> None:
    """Topics, and the index as an indexer would have filled it."""
    with asking(kafka) as broker:  # not all of them: that takes its time
        for topic in topics(kafka):
            if topic.name in NEEDED:
                broker.create(topic.name, topic.partitions, 1, topic.options(1))
    elastic, name = Elastic(settings), index_name(settings.prefix, "deliveries")
    try:
        elastic.create_index(name, [f"{settings.prefix}-deliveries"])
        for one in deliveries:
            made = documents(DELIVERIES, encode(one), now)
            assert not isinstance(made, Unfit)
            assert elastic.bulk(made)[0].outcome == "created"
    finally:
        elastic.close()


async def _obey(kafka: KafkaSettings, outbox: TopicOutbox, now: Callable[[], datetime]) -> None:
    """What a notifier does with the rows of `dispatch`."""
    stage = Notifying(outbox, lambda: configured([hook("https://one.example/")]), lambda: None, now)
    await stage.assigned(ALL)

    async def send(output: Any) -> Any:
        return await outbox._rows.send(output.partition, decode(output.value, Delivery))

    found = await asyncio.to_thread(rows_of, kafka, DISPATCH)
    rows = [Row(DISPATCH, one.place.partition, one.offset, one.key or b"", one.value or b"", one.at) for one in found]
    await Work(stage, send, Metrics()).take(rows)
