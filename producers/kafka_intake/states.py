"""The states of feeds as the topic `feeds` has them, read from its start and kept current, whoever wrote them."""

import asyncio
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import structlog
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import OffsetSpec
from kafka.errors import KafkaError, UnknownTopicOrPartitionError

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.kafka_options import kafka_python_options, shown
from ceasewire.topics import FEEDS
from producers.kafka_intake.clients import REFUSALS, opened

ANSWER = 3.0
"""Seconds within which the broker has to say where the topic ends."""
PROGRESS = 5.0
"""Seconds without a further row after which reading counts as stuck."""
_BEAT = 1.0
_log = structlog.get_logger("kafka")


class FeedStates:
    """Reads `feeds` in a thread, without a group. What is asked for is given as of the moment of the asking.

    `trouble` says why nothing can be given now, as `name: words`; it is empty while all is well.
    """

    def __init__(self, settings: KafkaSettings, owns: Callable[[str], bool]) -> None:
        self._settings = settings
        self._owns = owns
        self._topic = TopicPartition(settings.prefix + FEEDS, 0)
        self._packed: dict[str, bytes] = {}
        self._position = 0
        """Offset up to which the topic was read."""
        self._ended = threading.Event()
        self._reader: threading.Thread | None = None
        self._asking = ThreadPoolExecutor(1, thread_name_prefix="kafka-ends")
        self._admin: Any = None
        self.trouble = "starting: the states of feeds have not been read yet"
        self.read_once = asyncio.Event()
        """Set once the topic was read to its end for the first time."""

    async def current(self, feed: str) -> bytes | None:
        """The state of a feed as it was written last; raises StoreError while that cannot be known."""
        if self.trouble:
            raise StoreError(self.trouble.partition(": ")[2])
        await self.catch_up()
        packed = self._packed.get(feed)
        return None if packed is None else zlib.decompress(packed)

    async def catch_up(self) -> None:
        """Returns once everything that is in the topic now was read; else sets `trouble` and raises StoreError."""
        await self._read_up_to(await self._end())
        if self.trouble:
            _log.info("kafka_answers", feeds=len(self._packed))
        self.trouble = ""
        self.read_once.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Asks the broker every second, so that `trouble` comes and goes by itself; ends at `stop`."""
        self._reader = threading.Thread(target=self._read, name="kafka-feeds", daemon=True)
        self._reader.start()
        while not stop.is_set():
            with suppress(StoreError):
                await self.catch_up()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _BEAT)

    async def close(self) -> None:
        """Ends the threads."""
        self._ended.set()
        admin, self._admin = self._admin, None
        await asyncio.to_thread(self._close, admin)

    def _close(self, admin: Any) -> None:
        if admin is not None:
            with suppress(Exception):
                admin.close()
        self._asking.shutdown(wait=False, cancel_futures=True)
        if self._reader is not None:
            self._reader.join(3.0)

    async def _end(self) -> int:
        """Where the topic ends now."""
        try:
            async with asyncio.timeout(ANSWER):
                return await asyncio.get_running_loop().run_in_executor(self._asking, self._ask)
        except (KafkaError, TimeoutError, OSError) as error:
            raise self._in_trouble(self._reason(error)) from None

    async def _read_up_to(self, end: int) -> None:
        loop = asyncio.get_running_loop()
        seen, since = self._position, loop.time()
        while self._position < end:
            await asyncio.sleep(0.01)
            if self._position != seen:
                seen, since = self._position, loop.time()
            elif loop.time() - since > PROGRESS:
                raise self._in_trouble(f"states_not_read: the topic {self._topic.topic} cannot be read to its end")

    def _in_trouble(self, reason: str) -> StoreError:
        name, _, words = reason.partition(": ")
        if name != self.trouble.partition(": ")[0]:
            _log.warning("kafka_trouble", reason=name, detail=words)
        self.trouble = reason
        return StoreError(words)

    def _reason(self, error: BaseException) -> str:
        brokers = shown(self._settings)
        if isinstance(error, UnknownTopicOrPartitionError):
            return (
                f"topic_missing: there is no topic {self._topic.topic} on {brokers}: ceasewire cluster setup makes it"
            )
        if isinstance(error, REFUSALS):
            return f"not_let_in: {brokers} does not let us in ({type(error).__name__}): look at kafka in settings.yml"
        return f"broker_away: {brokers} does not answer; polling waits, and goes on by itself"

    def _ask(self) -> int:
        if self._admin is None:
            self._admin = opened(
                KafkaAdminClient,
                **kafka_python_options(self._settings),
                bootstrap_timeout_ms=2_000,
                request_timeout_ms=2_000,
                reconnect_backoff_max_ms=1_000,
            )
        found = self._admin.list_partition_offsets({self._topic: OffsetSpec.LATEST}, timeout_ms=2_000)
        return int(found[self._topic].offset)

    def _read(self) -> None:
        """The reader's thread: it never ends by an error, since all else depends on it."""
        while not self._ended.is_set():
            consumer: Any = None
            try:
                consumer = self._open()
                while not self._ended.is_set():
                    self._take(consumer.poll(timeout_ms=200))
                    # not the last row's offset: what was compacted away at the end of the topic leaves no row
                    self._position = consumer.position(self._topic, timeout_ms=1_000) or 0
            except Exception as error:
                _log.debug("kafka_feeds_not_read", error=type(error).__name__)
                self._ended.wait(0.5)
            finally:
                if consumer is not None:
                    with suppress(Exception):
                        consumer.close(timeout_ms=1_000)

    def _open(self) -> Any:
        consumer = opened(
            KafkaConsumer,
            **kafka_python_options(self._settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=500,
            max_partition_fetch_bytes=16 * 1_048_576,
            bootstrap_timeout_ms=2_000,
            request_timeout_ms=10_000,
            reconnect_backoff_max_ms=1_000,
            metadata_max_age_ms=30_000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
        consumer.assign([self._topic])
        if self._position:
            consumer.seek(self._topic, self._position)
        else:
            consumer.seek_to_beginning(self._topic)
        return consumer

    def _take(self, polled: Any) -> None:
        for row in polled.get(self._topic, ()):
            feed = (row.key or b"").decode("utf-8", "replace")
            if row.value is None:
                self._packed.pop(feed, None)
            elif self._owns(feed):
                self._packed[feed] = zlib.compress(row.value, 1)
