"""Topics and indices of a test's own, an indexer over them, and what it has made of the rows."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from ceasewire.codec import encode
from ceasewire.config.settings import ElasticsearchSettings, KafkaSettings
from ceasewire.items import Tagged
from ceasewire.metrics import Metrics
from ceasewire.topics import DEAD, TAGGED, topics
from cluster.broker import Outgoing, Place, Row
from cluster.setup_index import Indices
from indexers.consumer import GROUP, DeadLetters, Reading
from indexers.consumer.reading import POLL_WITHIN
from indexers.documents import TOPICS
from indexers.elastic import Elastic
from indexers.indexing import Indexing
from indexers.sending import Sending
from indexers.templates import Kind, alias
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for
from tests.store.making import make_tagged


def asked(url: str, body: object = None, method: str = "GET") -> Any:
    """What the node says, without a client between."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.load(answer)


@dataclass
class World:
    """A cluster of its own on the shared services."""

    kafka: KafkaSettings
    index: ElasticsearchSettings
    metrics: Metrics = field(default_factory=Metrics)

    def put(self, topic: str, values: Sequence[tuple[str, bytes]]) -> None:
        """Writes rows."""
        with asking(self.kafka) as broker:
            broker.write([Outgoing(topic, key.encode(), value) for key, value in values])

    def put_tagged(self, tagged: Sequence[Tagged]) -> None:
        """Writes tagged items."""
        self.put(TAGGED, [(one.item.id, encode(one)) for one in tagged])

    def dead(self) -> list[Row]:
        """The dead letters."""
        return rows_of(self.kafka, DEAD)

    def ids(self, kind: Kind = "items") -> set[str]:
        """The ids of all documents of a kind (at most 10,000)."""
        return {one["_id"] for one in self.found(kind)}

    def found(self, kind: Kind = "items") -> list[dict[str, Any]]:
        """All documents of a kind (at most 10,000), with their sources and versions."""
        name = f"{self.index.url}/{alias(self.index.prefix, kind)}"
        asked(f"{name}/_refresh", method="POST")
        hits = asked(f"{name}/_search?size=10000&version=true", {"query": {"match_all": {}}}, "POST")["hits"]["hits"]
        assert isinstance(hits, list)
        return hits

    def count(self, kind: Kind = "items") -> int:
        """How many documents of a kind there are."""
        name = f"{self.index.url}/{alias(self.index.prefix, kind)}"
        asked(f"{name}/_refresh", method="POST")
        return int(asked(f"{name}/_count")["count"])

    def left(self) -> int:
        """How many rows of the indexed topics lie behind what the group has committed."""
        places = [
            Place(topic.name, number)
            for topic in topics(self.kafka)
            if topic.name in TOPICS
            for number in range(topic.partitions)
        ]
        with asking(self.kafka) as broker:
            begins, done = broker.beginnings(places), broker.committed(GROUP)
            return sum(end - done.get(place, begins[place]) for place, end in broker.ends(places).items())

    def value(self, name: str, **labels: str) -> float:
        """A metric."""
        return self.metrics.registry.get_sample_value(f"ceasewire_{name}", labels) or 0.0


def make_world(bootstrap: str, url: str, prefix: str, partitions: int = 2) -> World:
    """All topics and indices, empty."""
    world = World(
        settings_for(bootstrap, prefix, partitions), ElasticsearchSettings(url=url, prefix=prefix.rstrip("-"))
    )
    make_topics(world.kafka)
    outcome = Indices(world.index).run()
    assert not outcome.refusals, outcome.refusals
    return world


@dataclass
class Running:
    """An indexer at work."""

    indexing: Indexing
    reading: Reading

    @property
    def reasons(self) -> list[str]:
        """The names of what keeps it from indexing."""
        return [reason.partition(":")[0] for reason in self.indexing.ready()]


@contextmanager
def indexing(world: World, url: str = "", poll_within: float = POLL_WITHIN, timeout: float = 10.0) -> Iterator[Running]:
    """An indexer at work, over another address where one is given; at the end it is told to stop."""
    changes = {"url": url or world.index.url, "timeout": timedelta(seconds=timeout)}
    elastic, letters = Elastic(world.index.model_copy(update=changes)), DeadLetters(world.kafka)
    reading = Reading(world.kafka, poll_within)
    made = Indexing(reading, Sending(elastic, letters, world.metrics), world.metrics, lambda: datetime.now(UTC))
    stop = threading.Event()
    thread = threading.Thread(target=made.run, args=(stop,), daemon=True)
    thread.start()
    try:
        yield Running(made, reading)
    finally:
        stop.set()
        thread.join(20)
        elastic.close()
        letters.close()
        assert not thread.is_alive()


def until(met: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns once it is met; fails where that takes too long."""
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, f"not within {seconds:g} s"
        time.sleep(0.1)


def news(count: int, poisoned: int = 0, start: int = 0, **changes: Any) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Rows of `tagged`, so many of them poisoned and spread among the others; and the ids of those that are not."""
    step = count // poisoned if poisoned else count + 1
    rows: list[tuple[str, bytes]] = []
    good: set[str] = set()
    for number in range(start, start + count):
        one = make_tagged(number, **changes)
        if (number - start) % step == step - 1 and poisoned:
            rows.append((one.item.id, b"\x00 no item %d" % number))
        else:
            rows.append((one.item.id, encode(one)))
            good.add(one.item.id)
    return rows, good
