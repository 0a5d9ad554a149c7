"""Reads the topics that are indexed, as one of a group."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import (
    AuthorizationError,
    CommitFailedError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    SaslAuthenticationFailedError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.kafka_options import kafka_python_options, shown
from indexers.batches import Row
from indexers.consumer.opening import opened
from indexers.documents import TOPICS

GROUP = "index"
"""The name of the group, without prefix."""
POLL_WITHIN = 300.0
"""Seconds after which the group takes a member that no longer asks for rows to be gone."""
EMPTY = 45.0
"""Seconds without any partition after which it joins anew, at first; then ever longer."""
_ANSWER = 3_000
"""Milliseconds within which the broker says how far the topics are."""
_log = structlog.get_logger("kafka")


class Reading:
    """One member of the group; all calls from one thread. `turn` grows whenever what it holds is dealt anew.

    Rows of an earlier turn are not committed any more: whoever holds them now reads them again.
    """

    def __init__(
        self, settings: KafkaSettings, poll_within: float = POLL_WITHIN, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._empty_for = EMPTY
        self._again_at = 0.0
        self._poll_within = poll_within
        self._consumer: Any = None
        self._held = False
        self._anew = False
        """Whether it was dealt partitions and has not yet gone to what is committed of them."""
        self.turn = 0
        self.joined = False
        """Whether the group has dealt it partitions, if only none."""
        self.partitions = 0

    def open(self) -> None:
        """Joins the group, where it has not. Raises StoreError."""
        if self._consumer is not None:
            return
        try:
            self._consumer = opened(
                KafkaConsumer,
                **kafka_python_options(self._settings),
                client_id="indexer",
                group_id=self._settings.prefix + GROUP,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_poll_records=500,
                max_poll_interval_ms=int(self._poll_within * 1_000),
                session_timeout_ms=10_000,
                heartbeat_interval_ms=3_000,
                bootstrap_timeout_ms=3_000,
                request_timeout_ms=10_000,
                reconnect_backoff_max_ms=1_000,
                metadata_max_age_ms=30_000,
                allow_auto_create_topics=False,
                metrics_enabled=False,
            )
            self._consumer.subscribe([self._settings.prefix + topic for topic in TOPICS], listener=_Dealt(self))
            # it would else join before it knows the topics, be dealt nothing, and once in a while stay at that
            self._consumer.topics()
        except (KafkaError, OSError) as error:
            self.close()
            raise self._words(error) from None

    def poll(self, seconds: float) -> list[Row]:
        """Rows that have come, waited for up to so long; none while it holds back. Raises StoreError."""
        try:
            found: Mapping[Any, Sequence[Any]] = self._consumer.poll(timeout_ms=int(seconds * 1_000))
            if self._anew:
                found = {}
                self._begin_anew()
        except (KafkaError, OSError) as error:
            self.close()
            raise self._words(error) from None
        if self.joined and not self.partitions and self._clock() > self._again_at and not self.missing():
            _log.info("joins_again", because="it was dealt nothing")
            self.close()
        cut = len(self._settings.prefix)
        return [
            Row(place.topic[cut:], place.partition, one.offset, one.key or b"", one.value, one.timestamp / 1_000)
            for place, rows in found.items()
            for one in rows
        ]

    def _begin_anew(self) -> None:
        """Goes to what is committed: the client stays where it was in partitions that it had before and has again.

        Rows of there that were read in an earlier turn would else never come again.
        """
        for place in self._consumer.assignment():
            done = self._consumer.committed(place, timeout_ms=_ANSWER)
            if done is None:
                self._consumer.seek_to_beginning(place)
            else:
                self._consumer.seek(place, done)
        self._anew = False

    def hold_back(self, held: bool) -> None:
        """Whether polling brings nothing, though it goes on and the group keeps its member."""
        if self._consumer is None or held == self._held:
            return
        self._held = held
        places = tuple(self._consumer.assignment())
        if places:
            (self._consumer.pause if held else self._consumer.resume)(*places)

    def commit(self, ends: Mapping[tuple[str, int], int]) -> bool:
        """Everything before these offsets is done. False, or StoreError: then it comes again, here or elsewhere."""
        offsets = {
            TopicPartition(self._settings.prefix + topic, partition): OffsetAndMetadata(end, "", -1)
            for (topic, partition), end in ends.items()
        }
        try:
            self._consumer.commit(offsets, timeout_ms=5_000)
        except (CommitFailedError, RebalanceInProgressError, IllegalGenerationError, UnknownMemberIdError):
            return False
        except (KafkaError, OSError) as error:
            raise self._words(error) from None
        return True

    def behind(self) -> int:
        """How many rows lie in the topics that were not polled. Raises StoreError where the broker does not say."""
        places = list(self._consumer.assignment())
        if not places:
            return 0
        try:
            ends = self._consumer.end_offsets(places, timeout_ms=_ANSWER)
            return sum(
                max(end - (self._consumer.position(place, timeout_ms=_ANSWER) or 0), 0) for place, end in ends.items()
            )
        except (KafkaError, OSError) as error:
            raise self._words(error) from None

    def missing(self) -> list[str]:
        """The topics that are not there."""
        names = [self._settings.prefix + topic for topic in TOPICS]
        return [name for name in names if not self._consumer.partitions_for_topic(name)]

    def close(self) -> None:
        """Leaves the group; nothing more is committed."""
        consumer, self._consumer = self._consumer, None
        self.turn += 1
        self.joined, self._held, self._anew, self.partitions = False, False, False, 0
        if consumer is not None:
            with suppress(Exception):
                consumer.close(autocommit=False, timeout_ms=1_500)

    def dealt(self, places: Sequence[Any]) -> None:
        """The group has dealt it these partitions."""
        self.turn += 1
        self._anew = True
        self.joined, self.partitions = True, len(places)
        if places:
            self._empty_for = EMPTY
        else:
            # one more than there is work for must not disturb the others again and again
            self._again_at = self._clock() + self._empty_for
            self._empty_for = min(self._empty_for * 2, 3_600.0)
        _log.info("partitions", held=len(places))
        if self._held and places:
            self._consumer.pause(*places)

    def taken(self) -> None:
        """The group takes its partitions away."""
        self.turn += 1

    def _words(self, error: BaseException) -> StoreError:
        brokers = shown(self._settings)
        if isinstance(error, AuthorizationError | SaslAuthenticationFailedError):
            return StoreError(f"not_let_in: {brokers} does not let us in: look at kafka in settings.yml")
        return StoreError(f"broker_away: {brokers} does not answer ({type(error).__name__}); it goes on by itself")


class _Dealt(ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def on_partitions_revoked(self, revoked: Any) -> None:
        self._reading.taken()

    def on_partitions_assigned(self, assigned: Any) -> None:
        self._reading.dealt(list(assigned))
