"""Settings, topics and rows on a real broker, for tests."""

from collections.abc import Iterator
from contextlib import contextmanager

from ceasewire.config.settings import KafkaSettings
from ceasewire.topics import topics
from cluster.broker import Broker, Place, Row
from cluster.topics_setup import Topics


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
