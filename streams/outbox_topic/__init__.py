"""The outbox over the topic `deliveries`: each state is a row of it, in the partition of the delivery's channel.

A process sends for the partitions that it holds. It reads them to the end before it sends anything for them, and gives
them back when what is in flight is settled and saved: so the next holder knows all that happened.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from aiokafka.errors import KafkaError

from ceasewire.alerts import Delivery, State
from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from streams.notify.standing import Standing, earliest
from streams.outbox_topic.rows import ANSWER_WITHIN, Rows

LOOKED_WITHIN = 120.0
"""Seconds in which the sending loop must have asked what is due."""
_FORGET_EVERY = timedelta(hours=1)


@dataclass
class _InFlight:
    """What is being posted to one channel: from before its start is saved until its outcome is."""

    partition: int
    since: float
    ids: set[str] = field(default_factory=set)


class TopicOutbox:
    """Implements `ports.Outbox` and `ports.Backlog` for the partitions that are open."""

    def __init__(
        self,
        settings: KafkaSettings,
        now: Callable[[], datetime],
        patience: Callable[[], timedelta],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`patience` is how long one POST may take."""
        self._rows = Rows(settings)
        self._now = now
        self._patience = patience
        self._clock = clock
        self._standing: dict[int, Standing] = {}
        self._open: set[int] = set()
        self._closing: set[int] = set()
        self._reading: frozenset[int] = frozenset()
        self._turn = asyncio.Lock()
        self._in_flight: dict[str, _InFlight] = {}
        self._on_their_way: dict[str, int] = {}
        """Ids whose last state was given to the broker and has not been answered for, with their partition."""
        self._settled = asyncio.Event()
        self._ended = False
        self._rests: dict[str, datetime] = {}
        self._looked = clock()
        self._forgot = now()
        self._said = structlog.get_logger()

    async def open(self, partitions: Collection[int]) -> None:
        """Holds these partitions and no others: what is not known of them is read first. Raises StoreError."""
        async with self._turn:
            self._open &= set(partitions)
            for gone in self._standing.keys() - set(partitions):
                del self._standing[gone]
            self._reading = frozenset(partitions) - self._open
            try:
                for partition in self._reading:
                    # What was kept of a partition is still true up to the place where it was read.
                    self._standing.setdefault(partition, Standing()).expect_nothing()
                await self._rows.read({partition: self._standing[partition] for partition in self._reading})
                now = self._now()
                for partition in self._reading:
                    for channel, until in self._standing[partition].rests(now).items():
                        self._rests[channel] = max(until, self._rests.get(channel, until))
                if not self._ended:
                    self._open |= self._reading
            finally:
                self._reading = frozenset()
            self._looked = self._clock()

    async def close(self, partitions: Collection[int], within: float | None = None) -> bool:
        """Starts nothing new for these, and returns when what is in flight is saved; False where it took too long.

        From then on no state of theirs can be saved. `within` is in seconds; without it a POST may take its time.
        """
        seconds = self._patience().total_seconds() + 2 if within is None else within
        async with self._turn:
            lost = self._open & set(partitions)
            self._open -= lost
            self._closing |= lost
            try:
                left = await self._quiet(lost, seconds)
            finally:
                self._closing -= lost
        if left:
            self._said.warning("deliveries_cut_off", channels=", ".join(left), after_seconds=seconds)
        return not left

    async def end(self, within: float) -> bool:
        """Closes all partitions for good; False where something was still in flight after so many seconds."""
        self._ended = True
        try:
            async with asyncio.timeout(within + 1):
                return await self.close(tuple(self._open), within)
        except TimeoutError:  # a partition was just being read
            return False

    async def aclose(self) -> None:
        """Lets go of the broker."""
        await self._rows.close()

    def knows(self, partition: int, delivery: str, offset: int) -> bool:
        """Whether there is the delivery, or another row of `dispatch` than that at the offset opens it just now."""
        standing = self._standing.get(partition)
        return standing is not None and (delivery in standing or standing.is_opening(delivery, offset))

    def expect(self, partition: int, delivery: str, offset: int) -> None:
        """Notes that the row of `dispatch` at the offset opens the delivery."""
        if partition in self._open:
            self._standing[partition].expect(delivery, offset)

    def resume(self, partition: int, delivery: str, offset: int, asked: datetime, now: datetime) -> Delivery | None:
        """The delivery made due now, by a wish of that time that lies in `dispatch` at the offset; to be written.

        Until it is added nothing else can be saved of it. None where nothing is to be done: it is delivered, just being
        sent, or this wish was obeyed before.
        """
        if partition not in self._open or delivery in self._on_their_way:
            return None
        return self._standing[partition].resume(delivery, offset, asked, now)

    def add(self, partition: int, delivery: Delivery) -> None:
        """Takes in a delivery that stands in the topic. Where the partition has gone, its next holder reads it."""
        if partition in self._open:
            self._standing[partition].put(delivery)

    async def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> Sequence[Delivery]:
        """Open deliveries with `due` up to now, oldest due first, without those of the channels in `but`."""
        self._looked = self._clock()
        if now - self._forgot > _FORGET_EVERY:
            self._forgot = now
            for standing in self._held():
                standing.forget(now)
        self._rests = {channel: until for channel, until in self._rests.items() if until > now}
        return earliest(self._held(), now, limit, self._rests.keys() | set(but))

    async def next_due(self) -> datetime | None:
        """When the next open delivery is due and its channel may be used, or None."""
        heads = (head for standing in self._held() for head in standing.heads())
        return min((max(due, self._rests.get(channel, due)) for channel, due in heads), default=None)

    async def counts(self) -> Mapping[State, int]:
        """The number of deliveries in each state, in the partitions that are open."""
        found: Counter[State] = Counter()
        for standing in self._held():
            found.update(standing.counts())
        return dict.fromkeys(State, 0) | found

    async def suspended(self, channel: str) -> Sequence[Delivery]:
        """The deliveries of the channel that wait as suspended, oldest first."""
        found = [one for standing in self._held() for one in standing.suspended(channel)]
        return sorted(found, key=lambda one: (one.created, one.id))

    async def save(self, delivery: Delivery) -> bool:
        """The delivery's new state, acknowledged by the broker when this returns.

        False where somebody else went on from the state that it was made of, or another process holds the partition
        by now. Raises StoreError where the broker does not take it.
        """
        saved = False
        try:
            partition = await self._partition_of(delivery)
            saved = self._may_save(delivery, partition)
            if saved and delivery.state == State.SENDING:
                flight = self._in_flight.setdefault(delivery.channel, _InFlight(partition, self._clock()))
                flight.ids.add(delivery.id)
            if saved:
                await self._write(partition, delivery)
        except BaseException:
            # What goes out together is started together and settled together: now none of it is under way.
            self._land(delivery, whole=True)
            raise
        if delivery.state != State.SENDING:
            self._land(delivery, whole=False)
        return saved

    def ready(self) -> Sequence[str]:
        """What speaks against that deliveries are sent now."""
        if not self._reading:
            return ()
        return (f"deliveries: partitions {_listed(self._reading)} are being read before anything is sent",)

    def alive(self) -> Sequence[str]:
        """What only a new start can help."""
        now = self._clock()
        longest = self._patience().total_seconds() + 2 * ANSWER_WITHIN + 10
        found = [
            f"sending: a delivery to {channel} has been under way for {now - flight.since:.0f} s"
            for channel, flight in self._in_flight.items()
            if now - flight.since > longest
        ]
        if self._open and now - self._looked > LOOKED_WITHIN:
            found.append(f"sending: nobody has looked for {now - self._looked:.0f} s what is due")
        return tuple(found)

    def _held(self) -> list[Standing]:
        return [self._standing[partition] for partition in sorted(self._open)]

    async def _partition_of(self, delivery: Delivery) -> int:
        for partition, standing in self._standing.items():
            if delivery.id in standing:
                return partition
        return await self._rows.partition_for(delivery.channel)

    def _may_save(self, delivery: Delivery, partition: int) -> bool:
        if partition not in (self._open if delivery.state == State.SENDING else self._open | self._closing):
            return False
        if delivery.id in self._on_their_way:
            raise StoreError("the broker has not yet answered for the state before this one")
        standing = self._standing[partition]
        return not standing.is_resuming(delivery.id) and standing.takes(delivery)

    async def _write(self, partition: int, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                written = await self._rows.send(partition, delivery)
                # What was given to the broker is sent until it answers, even if nobody waits for it any more.
                self._on_their_way[delivery.id] = partition
                written.add_done_callback(partial(self._written, partition, delivery))
                await asyncio.shield(written)
        except TimeoutError:
            raise StoreError(f"the broker did not answer within {ANSWER_WITHIN:.0f} s") from None
        except (KafkaError, OSError) as error:
            self._rows.begin_anew()
            raise StoreError(f"the broker does not take a delivery: {type(error).__name__}") from error

    def _written(self, partition: int, delivery: Delivery, written: "asyncio.Future[Any]") -> None:
        del self._on_their_way[delivery.id]
        self._settled.set()
        if not written.cancelled() and not written.exception() and partition in self._standing:
            self._standing[partition].put(delivery, written.result().offset)

    def _land(self, delivery: Delivery, whole: bool) -> None:
        """The delivery, or the whole POST that it belongs to, is no longer in flight."""
        flight = self._in_flight.get(delivery.channel)
        if flight is None or (delivery.id not in flight.ids and delivery.state != State.SENDING):
            return
        flight.ids.discard(delivery.id)
        if whole or not flight.ids:
            del self._in_flight[delivery.channel]
            self._settled.set()

    async def _quiet(self, partitions: set[int], seconds: float) -> list[str]:
        """Waits until nothing of the partitions is in flight; gives the channels where it took too long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._busy(partitions):
                    self._settled.clear()
                    await self._settled.wait()
        return self._busy(partitions)

    def _busy(self, partitions: set[int]) -> list[str]:
        posting = [channel for channel, flight in self._in_flight.items() if flight.partition in partitions]
        saving = [id for id, partition in self._on_their_way.items() if partition in partitions]
        return sorted(posting) or saving


def _listed(partitions: Collection[int]) -> str:
    return ", ".join(map(str, sorted(partitions)))
