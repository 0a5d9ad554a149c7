"""The topic `deliveries` on the broker: its partitions are read to the end, its rows are written one by one."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context
from aiokafka.partitioner import DefaultPartitioner

from ceasewire import topics
from ceasewire.alerts import Delivery
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import CodecError, StoreError
from ceasewire.kafka_options import aiokafka_options, tls_files
from streams.notify.standing import Standing

ANSWER_WITHIN = 15.0
"""Seconds after which the broker counts as away."""
READ_WITHIN = 30.0
"""Seconds without any progress after which reading has failed."""
_STOP_WITHIN = 2.0


class Rows:
    """The topic `deliveries` on the broker, read whole by partition and written row by row."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._topic = settings.prefix + topics.DELIVERIES
        self._producer: AIOKafkaProducer | None = None
        self._beginning = asyncio.Lock()
        self._ending: set[asyncio.Task[None]] = set()
        self._said = structlog.get_logger()

    async def send(self, partition: int, delivery: Delivery) -> "asyncio.Future[Any]":
        """Gives a row to the broker; the future is done when it has answered. Raises KafkaError."""
        producer = await self._begun()
        future: asyncio.Future[Any] = await producer.send(
            self._topic, encode(delivery), delivery.id.encode(), partition
        )
        return future

    async def partition_for(self, channel: str) -> int:
        """The partition that a channel falls to, as that of its rows in `dispatch`; raises StoreError."""
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                partitions = sorted(await (await self._begun()).partitions_for(self._topic))
        except (KafkaError, OSError) as error:
            raise StoreError(f"the broker does not tell of its topics: {type(error).__name__}") from error
        partition: int = DefaultPartitioner()(channel.encode(), partitions, partitions)
        return partition

    async def read(self, standings: Mapping[int, Standing]) -> None:
        """Takes in the rows up to the end, from where each partition was read to; raises StoreError."""
        if not standings:
            return
        last = time.monotonic()
        while True:
            before = [one.position for one in standings.values()]
            try:
                await self._read(standings)
                return
            except (KafkaError, OSError) as error:
                if before != [one.position for one in standings.values()]:
                    last = time.monotonic()
                if time.monotonic() - last > READ_WITHIN:
                    raise StoreError(f"{self._topic} cannot be read: {type(error).__name__}") from error
                self._said.warning("deliveries_not_read", reason=type(error).__name__)
                await asyncio.sleep(0.5)

    async def _read(self, standings: Mapping[int, Standing]) -> None:
        consumer = AIOKafkaConsumer(
            **self._options(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            request_timeout_ms=10_000,
        )
        try:
            await consumer.start()
            places = {TopicPartition(self._topic, partition): one for partition, one in standings.items()}
            consumer.assign(list(places))
            begins, ends = await consumer.beginning_offsets(list(places)), await consumer.end_offsets(list(places))
            for place, standing in places.items():
                if standing.position > ends[place]:
                    raise StoreError(f"the topic {self._topic} has become shorter: start the process anew")
                standing.position = max(standing.position, begins[place])
                consumer.seek(place, standing.position)
            while behind := [place for place, standing in places.items() if standing.position < ends[place]]:
                await self._take(consumer, behind, places)
            for place, standing in places.items():
                await self._mend(consumer, place, standing)
        finally:
            await consumer.stop()

    async def _take(
        self, consumer: AIOKafkaConsumer, behind: list[TopicPartition], places: Mapping[TopicPartition, Standing]
    ) -> None:
        """Takes in some rows, or goes past offsets that have none any more; raises TimeoutError where neither comes."""
        async with asyncio.timeout(READ_WITHIN / 3):
            while True:
                for place, found in (await consumer.getmany(*behind, timeout_ms=500, max_records=500)).items():
                    for row in found:
                        self._fold(places[place], row)
                moved = False
                for place in behind:
                    position = await consumer.position(place)
                    moved |= position > places[place].position
                    places[place].position = position
                if moved:
                    return

    def _fold(self, standing: Standing, row: Any) -> None:
        if row.value is None:
            standing.remove(row.key.decode("utf-8", "replace"))
            return
        try:
            delivery = decode(row.value, Delivery)
        except CodecError as error:
            self._said.error("delivery_unreadable", partition=row.partition, offset=row.offset, why=str(error))
            return
        at = datetime.fromtimestamp(row.timestamp / 1000, tz=UTC)
        standing.read(delivery, row.offset, at)

    async def _mend(self, consumer: AIOKafkaConsumer, place: TopicPartition, standing: Standing) -> None:
        """Writes anew what an older state stands behind, as a process leaves it that was long taken for dead.

        Else the topic, of which only the last row of each key is kept, would forget the newer one.
        """
        for id in tuple(standing.behind):
            newest = standing.newest(id)
            if isinstance(newest, int):
                newest = await self._stored(consumer, place, newest, id)
            if newest is not None:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await (await self.send(place.partition, newest))
            told = "delivery_mended" if newest else "delivery_not_mended"
            self._said.warning(told, delivery=id, partition=place.partition)
            standing.behind.discard(id)

    async def _stored(self, consumer: AIOKafkaConsumer, place: TopicPartition, offset: int, id: str) -> Delivery | None:
        """The delivery as it stands at an offset; None where it does no longer."""
        consumer.seek(place, offset)
        async with asyncio.timeout(READ_WITHIN / 3):
            row = await consumer.getone(place)
        return decode(row.value, Delivery) if row.offset == offset and row.key == id.encode() else None

    async def _begun(self) -> AIOKafkaProducer:
        async with self._beginning:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **self._options(),
                    acks="all",
                    enable_idempotence=True,
                    compression_type="gzip",
                    max_request_size=4_000_000,
                    linger_ms=0,
                    request_timeout_ms=10_000,
                    retry_backoff_ms=500,
                )
                try:
                    await producer.start()
                except BaseException:
                    await _ended(producer)
                    raise
                self._producer = producer
            return self._producer

    def begin_anew(self) -> None:
        """Drops what speaks to the broker: after some errors it sends nothing any more."""
        if self._producer is not None:
            task = asyncio.create_task(_ended(self._producer))
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)
            self._producer = None

    async def close(self) -> None:
        """Closes the connections, at once where the broker does not answer."""
        self.begin_anew()
        if self._ending:
            await asyncio.gather(*self._ending)

    def _options(self) -> dict[str, Any]:
        options = aiokafka_options(self._settings)
        if files := tls_files(self._settings):
            options["ssl_context"] = create_ssl_context(**files)
        return options


async def _ended(producer: AIOKafkaProducer) -> None:
    """Stops it; one that still has something for a broker that is away would wait for ever."""
    try:
        async with asyncio.timeout(_STOP_WITHIN):
            await producer.stop()
    except (TimeoutError, KafkaError):
        structlog.get_logger().warning("broker_not_left", after_seconds=_STOP_WITHIN)
