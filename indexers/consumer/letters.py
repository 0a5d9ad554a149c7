"""Writes dead letters: the untouched bytes of a row, and beside them where it came from and why it is dead."""

from collections.abc import Sequence
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError

from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.errors import StoreError
from ceasewire.kafka_options import kafka_python_options, shown
from ceasewire.topics import DEAD
from indexers.batches import Letter
from indexers.consumer.opening import end_producer, opened
from indexers.sending import STAGE

_PATIENCE = 15.0
"""Seconds within which the broker has to take a letter."""
_LARGEST_REQUEST = 64 * 1_048_576


class DeadLetters:
    """Writes to the topic `dead`. Connects at the first letter; of a failure nothing is left."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._producer: Any = None

    def bury(self, letters: Sequence[Letter]) -> None:
        """All of them, acknowledged when this returns. Raises StoreError."""
        for letter in letters:
            try:
                self._write(letter, letter.row.value or b"")
            except (MessageSizeTooLargeError, RecordListTooLargeError):
                # nothing is better than that it holds up all that comes after it
                self.close()
                detail = f"{letter.detail}; {len(letter.row.value or b''):,} bytes, too many for a dead letter: lost"
                self._guarded(letter._replace(detail=detail))
            except (KafkaError, OSError) as error:
                raise self._away(error) from None

    def close(self) -> None:
        """Ends the producer."""
        producer, self._producer = self._producer, None
        if producer is not None:
            end_producer(producer)

    def _guarded(self, letter: Letter) -> None:
        try:
            self._write(letter, b"")
        except (KafkaError, OSError) as error:
            raise self._away(error) from None

    def _away(self, error: BaseException) -> StoreError:
        # an idempotent producer that failed once sends nothing more
        self.close()
        return StoreError(f"{shown(self._settings)}: {type(error).__name__}")

    def _write(self, letter: Letter, value: bytes) -> None:
        row = letter.row
        about = DeadLetter(
            stage=STAGE,
            topic=row.topic,
            partition=row.partition,
            offset=row.offset,
            reason=letter.reason,
            detail=letter.detail,
        )
        if self._producer is None:
            self._producer = self._open()
        headers = [("letter", encode(about)), ("key", row.key)]
        sent = self._producer.send(self._settings.prefix + DEAD, value, about.key.encode(), headers)
        sent.get(_PATIENCE)

    def _open(self) -> Any:
        return opened(
            KafkaProducer,
            **kafka_python_options(self._settings),
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            max_request_size=_LARGEST_REQUEST,
            delivery_timeout_ms=12_000,
            request_timeout_ms=5_000,
            max_block_ms=5_000,
            bootstrap_timeout_ms=3_000,
            reconnect_backoff_max_ms=1_000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
