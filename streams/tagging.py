"""The stage of the taggers: an item becomes a tagged item, and goes on to `relevant` where it is gathered."""

from collections.abc import Callable
from typing import Protocol

import msgspec

from ceasewire import topics
from ceasewire.codec import encode
from ceasewire.engine import Engine
from ceasewire.items import Item, Tagged
from ceasewire.metrics import Metrics
from streams.decoding import decoded
from streams.stage import Handled, Output, Row, Unfit


class Editions(Protocol):
    """Knows the edition in force."""

    @property
    def number(self) -> int:
        """The number that tags bear."""

    async def read(self) -> None:
        """Takes in what was written so far; raises StoreError."""


class Tagging:
    """The stage `tag`: implements `stage.Stage`. It keeps nothing, so any number of workers may share the items."""

    name = "tag"
    source = topics.ITEMS

    def __init__(self, engine: Callable[[], Engine], editions: Editions, metrics: Metrics) -> None:
        self._engine = engine
        self._editions = editions
        self._metrics = metrics

    def handle(self, row: Row) -> Handled | Unfit:
        """The tagged item, once or twice."""
        item = decoded(row.value, Item)
        if isinstance(item, Unfit):
            return item
        tagged = tag(item, self._engine(), self._editions.number)
        key, value = item.id.encode(), encode(tagged)
        to = (topics.TAGGED, topics.RELEVANT) if tagged.gathered else (topics.TAGGED,)
        return Handled(tuple(Output(topic, key, value) for topic in to), lambda: self._count(tagged))

    @property
    def outdated(self) -> bool:
        """Never: there is nothing that it could have got ready."""
        return False

    async def assigned(self, partitions: frozenset[int]) -> None:
        """Learns which edition is in force."""
        await self._editions.read()

    async def revoked(self, partitions: frozenset[int]) -> None:
        """There is nothing to let go of."""

    def _count(self, tagged: Tagged) -> None:
        self._metrics.items.labels(tagged.language).inc()
        if tagged.gathered:
            self._metrics.gathered.inc()


def tag(item: Item, engine: Engine, edition: int) -> Tagged:
    """The item with its tags of the edition."""
    return msgspec.structs.replace(engine.tag(item), edition=edition)
