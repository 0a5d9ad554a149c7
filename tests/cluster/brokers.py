"""Settings, topics and rows on a real broker, for tests."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime

from aiokafka import AIOKafkaProducer

from ceasewire.config.settings import KafkaSettings
from ceasewire.metrics import Metrics
from ceasewire.topics import topics
from cluster.broker import Broker, Place, Row
from cluster.topics_setup import Topics
from producers.kafka_intake import KafkaIntake


def settings_for(bootstrap: str, prefix: str, partitions: int = 3) -> KafkaSettings:
    """The settings of a cluster of its own on a shared broker."""
    return KafkaSettings(bootstrap=(bootstrap,), prefix=prefix, partitions=partitions)


def make_topics(settings: KafkaSettings) -> None:
    """Makes all topics."""
    outcome = Topics(settings, "0" * 32).run()
    assert not outcome.refusals, outcome.refusals


@contextmanager
def asking(settings: KafkaSettings) -> Iterator[Broker]:
    """A connection to the broker."""
    with Broker(settings) as broker:
        yield broker


def rows_of(settings: KafkaSettings, name: str) -> list[Row]:
    """All rows of a topic, in order within each partition."""
    [topic] = [topic for topic in topics(settings) if topic.name == name]
    places = [Place(name, partition) for partition in range(topic.partitions)]
    with asking(settings) as broker:
        return list(broker.rows(broker.beginnings(places), broker.ends(places)))


async def write_at(settings: KafkaSettings, topic: str, rows: Iterable[tuple[bytes, bytes, datetime]]) -> None:
    """Writes keys and values into the first partition with times of their own, which the topic must take."""
    producer = AIOKafkaProducer(bootstrap_servers=list(settings.bootstrap))
    await producer.start()
    try:
        for key, value, at in rows:
            stamp = int(at.timestamp() * 1000)
            await producer.send_and_wait(settings.prefix + topic, value, key=key, timestamp_ms=stamp, partition=0)
    finally:
        await producer.stop()


@asynccontextmanager
async def taking(
    settings: KafkaSettings, metrics: Metrics | None = None, owns: Callable[[str], bool] = lambda _: True
) -> AsyncIterator[KafkaIntake]:
    """An intake that has read all states."""
    intake = KafkaIntake(settings, metrics or Metrics(), owns)
    stop = asyncio.Event()
    task = asyncio.create_task(intake.run(stop))
    await asyncio.wait_for(intake.opened(stop), 20)
    try:
        yield intake
    finally:
        stop.set()
        await task
        await intake.close()
