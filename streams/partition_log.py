"""One partition of a topic as a log: read by offset, beside any group."""

from asyncio import timeout
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.helpers import create_ssl_context

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.kafka_options import aiokafka_options, tls_files
from streams.stage import Row

_WITHIN = 15.0
"""Seconds for an answer of the broker."""


class PartitionLog:
    """A partition whose rows are read by their offsets. Each call raises StoreError where the broker fails it."""

    def __init__(self, settings: KafkaSettings, topic: str, partition: int = 0, group: str | None = None) -> None:
        """`group`: one whose committed offset may be asked for; it is never joined."""
        self._settings = settings
        self._topic = topic
        self._group = group
        self._place = TopicPartition(settings.prefix + topic, partition)
        self._consumer: AIOKafkaConsumer | None = None

    async def ends(self) -> tuple[int, int]:
        """The first offset that there is, and the one after the last."""
        begins = await self._ask("beginning_offsets", [self._place])
        ends = await self._ask("end_offsets", [self._place])
        return begins[self._place], ends[self._place]

    async def committed(self) -> int | None:
        """The offset up to which the group has handled the partition; None where it never committed any."""
        offset: int | None = await self._ask("committed", self._place)
        return offset

    async def offset_at(self, moment: datetime) -> int | None:
        """The first offset with this time or a later one; None where there is none."""
        found = await self._ask("offsets_for_times", {self._place: max(0, int(moment.timestamp() * 1000))})
        return found[self._place].offset if found[self._place] else None

    async def rows(self, start: int, stop: int) -> AsyncIterator[list[Row]]:
        """The rows from `start` up to, not including, `stop`, some at a time."""
        if start >= stop:
            return
        consumer = await self._opened()
        consumer.seek(self._place, start)
        position, silent = start, 0
        while position < stop:
            # a partition may end in offsets without rows
            found = (await self._ask("getmany", self._place, timeout_ms=1000, max_records=500)).get(self._place, [])
            rows = [self._row(one) for one in found if one.offset < stop]
            position = await self._ask("position", self._place)
            silent = 0 if found else silent + 1
            if silent > _WITHIN:
                raise await self._failed(TimeoutError(f"no rows from offset {position} on"))
            if rows:
                yield rows

    async def close(self) -> None:
        """Lets go of the broker."""
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            await consumer.stop()

    def _row(self, found: Any) -> Row:
        return Row(
            topic=self._topic,
            partition=found.partition,
            offset=found.offset,
            key=found.key or b"",
            value=found.value or b"",
            at=datetime.fromtimestamp(found.timestamp / 1000, UTC),
        )

    async def _opened(self) -> AIOKafkaConsumer:
        if self._consumer is not None:
            return self._consumer
        options = aiokafka_options(self._settings)
        if files := tls_files(self._settings):
            options["ssl_context"] = create_ssl_context(**files)
        consumer = AIOKafkaConsumer(
            **options,
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            request_timeout_ms=10_000,
            fetch_max_wait_ms=100,  # the answer to an old request is waited for after each seek
        )
        try:
            async with timeout(_WITHIN):  # wait_for may swallow that its caller is cancelled
                await consumer.start()
            consumer.assign([self._place])
        except (KafkaError, OSError, TimeoutError) as error:
            await consumer.stop()
            raise self._fault(error) from error
        self._consumer = consumer
        return consumer

    async def _ask(self, what: str, *given: Any, **named: Any) -> Any:
        consumer = await self._opened()
        try:
            async with timeout(_WITHIN):
                return await getattr(consumer, what)(*given, **named)
        except (KafkaError, OSError, TimeoutError) as error:
            raise await self._failed(error) from error

    async def _failed(self, error: Exception) -> StoreError:
        """Begins anew at the next call."""
        await self.close()
        return self._fault(error)

    def _fault(self, error: Exception) -> StoreError:
        return StoreError(f"the topic {self._place.topic} cannot be read ({type(error).__name__}: {error})")
