"""Takes what a poll brought to Kafka: awaited items, then the feed's state."""

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256

import structlog

from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.errors import CodecError, StoreError
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.topics import DEAD, FEEDS, ITEMS
from producers.kafka_intake.states import FeedStates
from producers.kafka_intake.writing import Outgoing, Writer

STAGE = "produce"
TOO_LARGE = "too_large"
_log = structlog.get_logger("kafka")


class KafkaIntake:
    """Implements `ports.Intake` over Kafka.

    Each item is acknowledged by the broker before the feed's state is sent, and the poll is over only when that is
    acknowledged too. Where anything fails nothing moves, and the same is given again: items have the same ids and
    revisions then, so that a repeat changes nothing further on. There is no lock between producers: two that both
    believe a feed to be theirs (one was slow to end) only write such repeats, for the id of an item is made of the
    feed and the entry; whose state comes last is what the next poll begins with.
    """

    def __init__(self, settings: KafkaSettings, metrics: Metrics, owns: Callable[[str], bool] = lambda _: True) -> None:
        """`owns` says of which feeds the states are kept at hand."""
        self._prefix = settings.prefix
        self._metrics = metrics
        self._states = FeedStates(settings, owns)
        self._writer = Writer(settings)
        self._alone = Writer(settings)
        """For rows that may be too large: such a one fails whatever else its producer has under way."""
        self._one_alone = asyncio.Lock()

    async def state(self, feed: str) -> FeedState | None:
        """What is remembered of the feed, by whichever producer; raises StoreError while the broker is away."""
        value = await self._states.current(feed)
        if value is None:
            return None
        try:
            return decode(value, FeedState)
        except CodecError as error:
            raise StoreError(f"the state of {feed} in {self._prefix}{FEEDS} is {error}") from None

    async def commit(self, items: Sequence[Item], state: FeedState) -> None:
        """The items and, once the broker has all of them, the feed's state. Raises StoreError; then nothing moved."""
        if self._states.trouble:
            raise StoreError(self._states.trouble.partition(": ")[2])
        rows = [Outgoing(self._prefix + ITEMS, item.id.encode(), encode(item)) for item in items]
        errors = await self._writer.write(rows) if rows else []
        for item, row, error in zip(items, rows, errors, strict=True):
            if error is not None:
                await self._write_alone(item, row)
        value = encode(state)
        [refused] = await self._writer.write([Outgoing(self._prefix + FEEDS, state.feed.encode(), value)])
        if refused is not None:
            raise StoreError(
                f"the state of {state.feed} has {len(value):,} bytes, too many for the topic {self._prefix}{FEEDS}"
            )

    def trouble(self) -> Sequence[str]:
        """Why nothing can be taken now, as `name: words`; nothing while all is well."""
        return (self._states.trouble,) if self._states.trouble else ()

    async def run(self, stop: asyncio.Event) -> None:
        """Reads the states of feeds and watches the broker, until `stop`."""
        await self._states.run(stop)

    async def opened(self, stop: asyncio.Event) -> None:
        """Returns once the states of all feeds were read for the first time, or at `stop`."""
        waits = [asyncio.create_task(one.wait()) for one in (self._states.read_once, stop)]
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for one in waits:
            one.cancel()

    async def close(self) -> None:
        """Ends all connections and threads."""
        await asyncio.gather(self._states.close(), self._writer.close(), self._alone.close())

    async def _write_alone(self, item: Item, row: Outgoing) -> None:
        """Writes a row that was refused for its size, which may have been that of another; else it is a dead letter."""
        async with self._one_alone:
            [refused] = await self._alone.write([row])
            if refused is None:
                return
            detail = f"{len(row.value):,} bytes"
            [refused] = await self._alone.write([self._letter(item, row.key, row.value, detail)])
            if refused is not None:
                detail += ", too many even for a dead letter: they are lost"
                await self._bury(self._letter(item, row.key, b"", detail))
        self._metrics.dead.labels(STAGE, TOO_LARGE).inc()
        _log.error("item_dead", feed=item.source.feed, item=item.id, reason=TOO_LARGE, detail=detail)

    async def _bury(self, letter: Outgoing) -> None:
        [refused] = await self._alone.write([letter])
        if refused is not None:
            raise StoreError(f"the topic {letter.topic} refuses even a dead letter without its bytes")

    def _letter(self, item: Item, key: bytes, value: bytes, detail: str) -> Outgoing:
        letter = DeadLetter(
            stage=STAGE, topic=ITEMS, partition=0, offset=_no_offset(item), reason=TOO_LARGE, detail=detail
        )
        return Outgoing(self._prefix + DEAD, letter.key.encode(), value, (("letter", encode(letter)), ("key", key)))


def _no_offset(item: Item) -> int:
    """In place of the offset that the item never got: negative, and the same for each try of this revision."""
    digest = sha256(f"{item.id}|{item.rev}".encode()).digest()
    return -1 - int.from_bytes(digest[:6])
