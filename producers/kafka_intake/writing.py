"""Writes rows to topics and gives, for each, that the broker has it, or why not."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, NamedTuple

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError, MessageSizeTooLargeError, RecordListTooLargeError

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.kafka_options import kafka_python_options, shown
from producers.kafka_intake.clients import end_producer, opened

PATIENCE = 6.0
"""Seconds without a further acknowledgement after which a write counts as failed."""
_LARGEST_REQUEST = 64 * 1_048_576
"""Bytes before compression that the client lets pass; what is too large the broker says, per topic."""
_Error = Exception | None


class Outgoing(NamedTuple):
    """A row to be written."""

    topic: str
    """With the prefix of the settings."""
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


class Writer:
    """One producer at a time: acknowledged by all replicas, idempotent, in order.

    After any failure the producer is thrown away and the next write makes a new one. It would not recover: once a
    write has timed out, or one row was too large, an idempotent producer of this library sends nothing more.
    """

    def __init__(self, settings: KafkaSettings, patience: float = PATIENCE) -> None:
        self._settings = settings
        self._patience = patience
        self._producer: Any = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-send")

    async def write(self, rows: Sequence[Outgoing]) -> list[_Error]:
        """Sends all rows in order and waits for each; gives None for each that the broker has, or that it is too large.

        Where one is too large, others that were under way may be refused with the same error: each of them has to be
        written again, alone. Raises StoreError where anything else kept the broker from taking one.
        """
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[_Error]] = [loop.create_future() for _ in rows]
        try:
            async with asyncio.timeout(self._patience) as limit:
                await loop.run_in_executor(self._thread, self._send, rows, answers, loop)
                found: list[_Error] = []
                for answer in answers:
                    found.append(await answer)
                    limit.reschedule(loop.time() + self._patience)
        except (KafkaError, TimeoutError, OSError, RuntimeError, ValueError) as error:
            # also of a producer that another write has thrown away meanwhile
            await self.reset()
            raise StoreError(self._words(error)) from None
        failed = [error for error in found if error is not None]
        if failed:
            await self.reset()
        if others := [error for error in failed if not is_too_large(error)]:
            raise StoreError(self._words(others[0]))
        return found

    async def reset(self) -> None:
        """Throws the producer away with all that it still holds."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await asyncio.get_running_loop().run_in_executor(None, end_producer, producer)

    async def close(self) -> None:
        """Ends the producer and its thread."""
        await self.reset()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _send(
        self, rows: Sequence[Outgoing], answers: Sequence["asyncio.Future[_Error]"], loop: asyncio.AbstractEventLoop
    ) -> None:
        """Runs in the one thread, so that rows of several polls do not mix and one producer is made at most."""
        if self._producer is None:
            self._producer = self._make()
        producer = self._producer
        for row, answer in zip(rows, answers, strict=True):
            try:
                sent = producer.send(row.topic, row.value, row.key, list(row.headers), row.partition)
            except MessageSizeTooLargeError as error:
                _tell(loop, answer, error)
                continue
            sent.add_callback(lambda _, answer=answer: _tell(loop, answer, None))
            sent.add_errback(lambda error, answer=answer: _tell(loop, answer, error))

    def _make(self) -> Any:
        return opened(
            KafkaProducer,
            **kafka_python_options(self._settings),
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            batch_size=262_144,
            linger_ms=5,
            max_request_size=_LARGEST_REQUEST,
            # our own limit comes first, and ends the producer
            delivery_timeout_ms=60_000,
            request_timeout_ms=20_000,
            max_block_ms=5_000,
            bootstrap_timeout_ms=3_000,
            reconnect_backoff_max_ms=1_000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _words(self, error: BaseException) -> str:
        brokers = shown(self._settings)
        if isinstance(error, KafkaTimeoutError) and "metadata" in str(error):
            return f"{brokers} does not tell of its topics; if one is missing, ceasewire cluster setup makes it"
        if isinstance(error, TimeoutError | KafkaTimeoutError):
            return f"{brokers} did not take what was sent within {self._patience:g} s"
        return f"{brokers} did not take what was sent: {type(error).__name__}"


def is_too_large(error: BaseException) -> bool:
    """Whether the broker (or the client) refuses the row for its size."""
    return isinstance(error, MessageSizeTooLargeError | RecordListTooLargeError)


def _tell(loop: asyncio.AbstractEventLoop, answer: "asyncio.Future[_Error]", error: _Error) -> None:
    """Hands the outcome from the producer's thread to the waiting task."""

    def settle() -> None:
        if not answer.done():
            answer.set_result(error)

    with suppress(RuntimeError):  # the loop has ended: nobody waits
        loop.call_soon_threadsafe(settle)
