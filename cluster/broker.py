"""The brokers as commands ask them: topics, groups, offsets, and rows read and written. All of it blocks."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    MessageSizeTooLargeError,
    NoError,
    NotCoordinatorError,
    RecordListTooLargeError,
    TopicAlreadyExistsError,
    UnknownTopicOrPartitionError,
)
from kafka.structs import OffsetAndMetadata

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.kafka_options import kafka_python_options, shown
from producers.kafka_intake.clients import REFUSALS, end_producer, opened

ANSWER_MS = 10_000
STUCK = 15.0
"""Seconds without a further row after which reading counts as failed."""
BATCH = 500
LOADING = 50
"""Times that a broker is asked for a group whose offsets it is still reading, 0.3 s apart."""
_LARGEST = 64 * 1_048_576


class Place(NamedTuple):
    """A partition of a topic."""

    topic: str
    """Without the prefix of the settings, as everywhere here."""
    partition: int


class Row(NamedTuple):
    """A row as it stands in a topic."""

    place: Place
    offset: int
    at: datetime
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes]


class Outgoing(NamedTuple):
    """A row to be written; without a partition its key decides."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    partition: int | None = None


class Found(NamedTuple):
    """A topic as it is on the brokers."""

    partitions: int
    replication: int
    options: Mapping[str, str]


class Worker(NamedTuple):
    """A member of a group, and what it reads."""

    client: str
    host: str
    places: tuple[Place, ...]


class Broker:
    """A connection to the brokers; StoreError says in words what they did not do. Use it in a `with`."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin: Any = None
        self._producer: Any = None

    def __enter__(self) -> "Broker":
        with self._asking("does not answer"):
            self._admin = opened(
                KafkaAdminClient, **self._options(), request_timeout_ms=ANSWER_MS, bootstrap_timeout_ms=ANSWER_MS // 2
            )
        return self

    def __exit__(self, *_: object) -> None:
        self._end_producer()
        with suppress(Exception):
            self._admin.close()

    @property
    def address(self) -> str:
        """The brokers that are asked first, for people."""
        return shown(self._settings)

    def brokers(self) -> int:
        """How many brokers there are."""
        with self._asking("does not describe itself"):
            return len(self._admin.describe_cluster()["brokers"])

    def topics(self, names: Sequence[str]) -> dict[str, Found]:
        """Those of the topics that there are."""
        with self._asking("does not describe its topics"):
            wanted = {self._full(name): name for name in names}
            described = [one for one in self._admin.describe_topics(list(wanted)) if not one["error_code"]]
            if not described:
                return {}
            asked = [ConfigResource(ConfigResourceType.TOPIC, one["name"]) for one in described]
            options = self._admin.describe_configs(asked, config_filter="all")["topic"]
            return {
                wanted[one["name"]]: Found(
                    len(one["partitions"]),
                    min(len(part["replica_nodes"]) for part in one["partitions"]),
                    {name: str(option["value"]) for name, option in options[one["name"]].items()},
                )
                for one in described
            }

    def create(self, name: str, partitions: int, replication: int, options: Mapping[str, str]) -> None:
        """Makes a topic, and waits until it can be used; one that came to be meanwhile is left as it is."""
        wanted = {"num_partitions": partitions, "replication_factor": replication, "configs": dict(options)}
        with self._asking(f"does not make the topic {self._full(name)}"):
            with suppress(TopicAlreadyExistsError):
                self._admin.create_topics({self._full(name): wanted})
            self._admin.wait_for_topics([self._full(name)])

    def delete(self, names: Sequence[str]) -> None:
        """Deletes those of the topics that there are, with all that they hold."""
        there = [self._full(name) for name in self.topics(names)]
        if there:
            with self._asking("does not delete topics"):
                self._admin.delete_topics(there)

    def change(self, name: str, options: Mapping[str, str]) -> None:
        """Sets options of a topic."""
        with self._asking(f"does not change the topic {self._full(name)}"):
            resource = ConfigResource(ConfigResourceType.TOPIC, self._full(name), configs=dict(options))
            said = self._admin.alter_configs([resource])["topic"][self._full(name)]
        if said != "OK":
            raise StoreError(f"{self.address} does not change the topic {self._full(name)}: {said[:200]}")

    def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """The offset after the last row of each."""
        return self._offsets(dict.fromkeys(places, OffsetSpec.LATEST))

    def beginnings(self, places: Iterable[Place]) -> dict[Place, int]:
        """The offset of the first row of each that is still kept."""
        return self._offsets(dict.fromkeys(places, OffsetSpec.EARLIEST))

    def since(self, places: Iterable[Place], at: datetime) -> dict[Place, int]:
        """The offset of the first row from this time on; the end where there is none."""
        places = list(places)
        found = self._offsets({place: int(at.timestamp() * 1000) for place in places})
        none = [place for place, offset in found.items() if offset < 0]
        return found | (self.ends(none) if none else {})

    def committed(self, group: str) -> dict[Place, int]:
        """The offset that a group reads next, for each partition that it ever read."""
        with self._asking(f"does not tell the offsets of the group {self._full(group)}"):
            found = self._of_group(lambda: self._admin.list_group_offsets({self._full(group): None}))
            offsets = (found or {}).get(self._full(group), {})
            return {
                self._place(topic): offset.offset
                for topic, offset in offsets.items()
                if offset.offset >= 0 and topic.topic.startswith(self._settings.prefix)
            }

    def workers(self, group: str) -> list[Worker]:
        """The members of a group."""
        with self._asking(f"does not describe the group {self._full(group)}"):
            found = self._of_group(lambda: self._admin.describe_groups([self._full(group)]))
            members = (found or {}).get(self._full(group), {}).get("members", ())
            return [
                Worker(one["client_id"], one["client_host"].lstrip("/"), tuple(self._places(one["member_assignment"])))
                for one in members
            ]

    def move(self, group: str, offsets: Mapping[Place, int]) -> None:
        """Lets a group that has no members go on from these offsets."""
        wanted = {self._at(place): OffsetAndMetadata(offset, "", -1) for place, offset in offsets.items()}
        with self._asking(f"does not move the group {self._full(group)}"):
            said = self._admin.alter_group_offsets(self._full(group), wanted)
        if refused := {error.__name__ for error in said.values() if error is not NoError}:
            raise StoreError(
                f"{self.address} does not move the group {self._full(group)}: {', '.join(sorted(refused))}"
            )

    def rows(self, begins: Mapping[Place, int], ends: Mapping[Place, int]) -> Iterator[Row]:
        """The rows from `begins` up to, not including, `ends`; in order within each partition."""
        left = {place for place, begin in begins.items() if begin < ends[place]}
        if not left:
            return
        with self._reading({place: begins[place] for place in left}) as consumer:
            waited, at = 0.0, dict[Place, int]()
            while left:
                began = time.monotonic()
                with self._asking("does not give the rows that it has"):
                    polled = consumer.poll(timeout_ms=500, max_records=BATCH)
                    positions = {place: consumer.position(self._at(place), timeout_ms=ANSWER_MS) for place in left}
                waited += time.monotonic() - began  # not what the caller does with the rows, who may take long
                for found in polled.values():
                    for one in found:
                        row = self._row(one)
                        if row.offset < ends[row.place]:
                            yield row
                if positions != at:
                    waited, at = 0.0, positions
                elif waited > STUCK:
                    raise StoreError(
                        f"{self.address} gives no further rows of {', '.join(sorted({p.topic for p in left}))}"
                    )
                done = {place for place in left if (positions[place] or 0) >= ends[place]}
                left -= done
                consumer.pause(*(self._at(place) for place in done))

    def times(self, offsets: Mapping[Place, int]) -> dict[Place, datetime]:
        """When the first row at or after the offset was appended; a partition that has none there is left out."""
        ends = self.ends(offsets)
        left = {place: offset for place, offset in offsets.items() if offset < ends[place]}
        found: dict[Place, datetime] = {}
        if not left:
            return found
        with self._reading(left, largest=65_536) as consumer:
            until = time.monotonic() + STUCK
            while len(found) < len(left) and time.monotonic() < until:
                with self._asking("does not give the rows that it has"):
                    polled = consumer.poll(timeout_ms=500, max_records=BATCH)
                for part, rows in polled.items():
                    found.setdefault(self._place(part), self._row(rows[0]).at)
                    consumer.pause(part)
        return found

    def write(self, rows: Sequence[Outgoing]) -> None:
        """Returns once the brokers have all rows; StoreError where they do not take one."""
        with self._asking("does not take what is written"):
            if self._producer is None:
                self._producer = self._make_producer()
            sent = [
                self._producer.send(
                    self._full(row.topic),
                    row.value,
                    row.key,
                    [(name, value) for name, value in row.headers],
                    row.partition,
                )
                for row in rows
            ]
            for one in sent:
                one.get(ANSWER_MS / 1000)

    def _offsets(self, wanted: Mapping[Place, Any]) -> dict[Place, int]:
        if not wanted:
            return {}
        with self._asking("does not tell its offsets"):
            found = self._admin.list_partition_offsets({self._at(place): spec for place, spec in wanted.items()})
            return {self._place(part): offset.offset for part, offset in found.items()}

    def _of_group(self, ask: Callable[[], Any]) -> Any:
        """The answer, or None: before the first group of all joins, the brokers have nobody to ask for groups."""
        none, loading = 0, 0
        while none < 5:
            try:
                return ask()
            except CoordinatorNotAvailableError:
                none += 1
            except (CoordinatorLoadInProgressError, NotCoordinatorError):
                # a broker that has just started first reads what its groups had committed
                loading += 1
                if loading > LOADING:
                    raise
            time.sleep(0.3)
        return None

    def _places(self, assignment: Any) -> Iterator[Place]:
        """What the broker says a member was given; nothing while the group is sorting itself out."""
        for topic in (assignment or {}).get("assigned_partitions", ()) if isinstance(assignment, dict) else ():
            for partition in topic["partitions"]:
                yield self._place(TopicPartition(topic["topic"], partition))

    @contextmanager
    def _reading(self, begins: Mapping[Place, int], largest: int = 16 * 1_048_576) -> Iterator[Any]:
        with self._asking("does not answer"):
            consumer = opened(
                KafkaConsumer,
                **self._options(),
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                max_partition_fetch_bytes=largest,
                bootstrap_timeout_ms=ANSWER_MS // 2,
                metrics_enabled=False,
                allow_auto_create_topics=False,
            )
            consumer.assign([self._at(place) for place in begins])
            for place, offset in begins.items():
                consumer.seek(self._at(place), offset)
        try:
            yield consumer
        finally:
            with suppress(Exception):
                consumer.close(timeout_ms=1_000)

    def _make_producer(self) -> Any:
        return opened(
            KafkaProducer,
            **self._options(),
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            batch_size=262_144,
            linger_ms=5,
            max_request_size=_LARGEST,
            max_block_ms=ANSWER_MS // 2,
            bootstrap_timeout_ms=ANSWER_MS // 2,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )

    def _end_producer(self) -> None:
        """At once: after a failure it never gets rid of what it holds."""
        producer, self._producer = self._producer, None
        if producer is not None:
            end_producer(producer)

    def _options(self) -> dict[str, Any]:
        return kafka_python_options(self._settings) | {"reconnect_backoff_max_ms": 1_000}

    def _full(self, name: str) -> str:
        return self._settings.prefix + name

    def _at(self, place: Place) -> Any:
        return TopicPartition(self._full(place.topic), place.partition)

    def _place(self, part: Any) -> Place:
        return Place(part.topic.removeprefix(self._settings.prefix), part.partition)

    def _row(self, one: Any) -> Row:
        return Row(
            self._place(one),
            one.offset,
            datetime.fromtimestamp(one.timestamp / 1000, UTC),
            one.key,
            one.value,
            dict(one.headers or ()),
        )

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            yield
        except UnknownTopicOrPartitionError:
            raise StoreError(f"{self.address}: a topic is missing; ceasewire cluster setup makes it") from None
        except REFUSALS as error:
            raise StoreError(f"{self.address} does not let us in: {type(error).__name__}") from None
        except (MessageSizeTooLargeError, RecordListTooLargeError):
            self._end_producer()
            raise TooLarge(f"{self.address} refuses a row for its size") from None
        except (KafkaError, OSError) as error:
            self._end_producer()
            raise StoreError(f"{self.address} {what}: {_said(error)}") from None


class TooLarge(StoreError):
    """A row has more bytes than its topic takes."""


def _said(error: Exception) -> str:
    text = str(error).removeprefix(f"{type(error).__name__}: ")
    return f"{type(error).__name__} ({text[:200]})" if text else type(error).__name__
