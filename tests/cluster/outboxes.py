"""Outboxes over the topic on a real broker, and rows put into it, for tests."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from ceasewire.alerts import Delivery
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.topics import DELIVERIES
from cluster.broker import Outgoing
from streams.outbox_topic import TopicOutbox
from tests.cluster.brokers import asking, rows_of

ALL = frozenset({0, 1, 2})


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


@asynccontextmanager
async def outbox_of(
    settings: KafkaSettings,
    partitions: Iterable[int] = ALL,
    now: Callable[[], datetime] = utc_now,
    patience: timedelta = timedelta(seconds=5),
) -> AsyncIterator[TopicOutbox]:
    """An outbox that holds the partitions."""
    outbox = TopicOutbox(settings, now, lambda: patience)
    try:
        await outbox.open(frozenset(partitions))
        yield outbox
    finally:
        await outbox.aclose()


def put(settings: KafkaSettings, deliveries: Iterable[Delivery], partition: int = 0) -> None:
    """Writes states of deliveries as another process would."""
    with asking(settings) as broker:
        broker.write([Outgoing(DELIVERIES, one.id.encode(), encode(one), (), partition) for one in deliveries])


def states(settings: KafkaSettings) -> list[Delivery]:
    """All states in the topic, in order within each partition."""
    return [decode(row.value, Delivery) for row in rows_of(settings, DELIVERIES) if row.value is not None]
