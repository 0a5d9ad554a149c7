"""The loop that brings deliveries to their end: due, start (saved), POST, settle (saved).

At most one POST is in flight for a channel, oldest first; a channel that hangs slows no other one down. A POST carries
one delivery, or a digest of many where a long queue waits for a channel that takes one a second.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.deliveries import OPEN, possibly_repeated, resume, settle, start, suspend, suspended_for
from ceasewire.errors import CeasewireError
from ceasewire.metrics import Metrics
from ceasewire.ports import Backlog, Outbox, Outcome, Sender
from streams.notify.lanes import DIGESTS, LONGEST_PAUSE, Lane

GRACE = 8.0
"""Seconds that the deliveries in flight get to finish when the program stops; one cut off goes again later."""
_IDLE = 30.0
_BUSY = 1.0
_BATCH = 100
_LOOK_AGAIN = timedelta(minutes=1)
_OF_CONFIGURATION = frozenset({"channel_disabled", "channel_removed"})


def _jitter() -> float:
    return random.uniform(-1, 1)


class Sending:
    """Sends what is due until it is stopped. `wake` tells it that something new may be due."""

    def __init__(
        self,
        outbox: Outbox,
        senders: Mapping[str, Sender],
        channels: Callable[[], Mapping[str, Channel]],
        metrics: Metrics,
        now: Callable[[], datetime],
        backlog: Backlog | None = None,
        jitter: Callable[[], float] = _jitter,
    ) -> None:
        self._outbox = outbox
        self._senders = senders
        self._channels = channels
        self._metrics = metrics
        self._now = now
        self._backlog = backlog
        self._jitter = jitter
        self._lanes: dict[str, Lane] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._awake = asyncio.Event()
        self._usable: frozenset[str] | None = None
        self._resumed = now()
        self._measured: datetime | None = None
        self._log = structlog.get_logger()

    def wake(self) -> None:
        """Looks at once: a delivery was added or resumed, or the configuration changed."""
        self._awake.set()

    def hurry(self, channel: str) -> None:
        """A person had a delivery of the channel made due: our own pause after failures ends, and it is looked at once.

        What the receiver asked for is still waited for.
        """
        if (lane := self._lanes.get(channel)) is not None:
            lane.hurry()
        self.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Sends until `stop` is set, then lets what is in flight finish, for at most `GRACE` seconds."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._awake.clear()
                try:
                    rest = await self._round()
                except CeasewireError as error:
                    self._log.error("outbox_unavailable", error=str(error))
                    rest = _BUSY
                await self._sleep(rest, stopping)
        finally:
            stopping.cancel()
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=GRACE)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(stopping, *self._tasks, return_exceptions=True)

    async def _sleep(self, seconds: float, stopping: asyncio.Task[bool]) -> None:
        awake = asyncio.create_task(self._awake.wait())
        await asyncio.wait({awake, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        awake.cancel()

    async def _round(self) -> float:
        """Starts what can be started now; gives the seconds until there may be more to do."""
        channels = self._channels()
        await self._resume(channels)
        now = self._now()
        due = await self._startable(channels, now)
        for delivery in due:
            channel = channels.get(delivery.channel)
            lane = self._lanes.setdefault(delivery.channel, Lane())
            unusable = _unusable(channel)
            if channel is None or unusable:
                await self._suspend(delivery, unusable or "channel_removed", now)
            elif lane.is_gone(channel, delivery):
                await self._suspend(delivery, "gone", now)
            elif lane.is_free(now):
                lane.in_flight = delivery.id
                own = [one for one in due if one.channel == channel.id and not lane.is_gone(channel, one)]
                together = lane.together(channel, own)
                task = asyncio.create_task(self._deliver(together, channel, lane))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        next_due = await self._outbox.next_due()
        await self._measure(next_due, now)
        return self._rest(next_due, now)

    async def _suspend(self, delivery: Delivery, reason: str, now: datetime) -> None:
        if not await self._outbox.save(suspend(delivery, reason, now)):
            return  # resumed since it was read: the next round sees it as it is
        self._log.warning("delivery_suspended", delivery=delivery.id, channel=delivery.channel, reason=reason)
        self._awake.set()

    async def _startable(self, channels: Mapping[str, Channel], now: datetime) -> list[Delivery]:
        """Of every channel that is not busy or resting some that are due, each in the order in which they arose."""
        # A row read while its delivery was in flight may be stale: its channel waits for the next round. What rests
        # is left out too, however long its queue is; but not where it is only to be suspended.
        but = {
            id
            for id, lane in self._lanes.items()
            if lane.in_flight or not (lane.is_free(now) or _unusable(channels.get(id)))
        }
        found: list[Delivery] = []
        while True:
            due = await self._outbox.due(now, _BATCH, but)
            found += due
            if len(due) < _BATCH:
                return sorted(found, key=lambda one: (one.created, one.id))
            # The long queue of one channel must not hide another behind it.
            but |= {one.channel for one in due}

    def _rest(self, next_due: datetime | None, now: datetime) -> float:
        """Seconds until the next delivery is due or a resting channel may go on."""
        times = [lane.free_at for lane in self._lanes.values() if lane.free_at and lane.free_at > now]
        if next_due is not None and next_due > now:
            times.append(next_due)
        rest = min(((time - now).total_seconds() for time in times), default=_IDLE)
        # While something is due that waits for its channel, a later due time of another one is hidden behind it.
        busy = next_due is not None and next_due <= now
        return max(0.01, min(rest, _BUSY if busy else _IDLE))

    async def _deliver(self, deliveries: Sequence[Delivery], channel: Channel, lane: Lane) -> None:
        try:
            began = self._now()
            started = [start(delivery, began) for delivery in deliveries]
            # One that changed since it was read stays as it is by now: the next round takes it up.
            started = [one for one in started if await self._outbox.save(one)]
            if not started:
                return
            posted = self._now()  # saving may have taken its time, and the pace is that of the posts
            outcome = await self._try(started, channel, posted)
            now = self._now()
            lane.learn(channel, outcome, posted, now)
            for one in started:
                settled = settle(one, outcome, now, self._jitter())
                self._count(settled, outcome, now)
                if not await self._outbox.save(settled):
                    self._log.warning("delivery_sent_by_another", delivery=one.id, channel=one.channel)
        except Exception as error:
            # The row stays as it is and goes again: a repeat can be told by its id, a miss cannot.
            lane.free_at = self._now() + LONGEST_PAUSE / 12
            said = str(error) if isinstance(error, CeasewireError) else type(error).__name__
            self._log.error("delivery_not_saved", delivery=deliveries[0].id, channel=channel.id, error=said)
        finally:
            lane.in_flight = None
            self._awake.set()

    async def _try(self, started: Sequence[Delivery], channel: Channel, now: datetime) -> Outcome:
        sender = self._senders.get(channel.kind)
        if sender is None:
            return Outcome(kind="failed", name="bad_channel", detail="no sender for this kind of channel")
        try:
            return await sender.send(_as_one(started), channel, now)
        except Exception as error:
            # A bug of a sender must not stop the other channels. Its text may hold the address: not logged.
            self._log.error("sender_failed", delivery=started[0].id, channel=channel.id, error=type(error).__name__)
            return Outcome(kind="failed", name="unexpected", detail=type(error).__name__)

    def _count(self, settled: Delivery, outcome: Outcome, now: datetime) -> None:
        self._metrics.deliveries.labels(settled.channel, outcome.name).inc()
        if settled.state == State.DELIVERED:
            # a date that lies ahead tells of no delay
            if settled.published and settled.published <= (settled.seen or now):
                self._metrics.published_to_delivered.observe(max((now - settled.published).total_seconds(), 0))
            if settled.seen:
                self._metrics.seen_to_delivered.observe(max((now - settled.seen).total_seconds(), 0))
        told = {"delivery": settled.id, "alert": settled.alert, "channel": settled.channel, "tries": settled.tries}
        if settled.state in (State.SUSPENDED, State.EXPIRED):
            self._log.error("delivery_given_up", state=str(settled.state), outcome=outcome.name, **told)
        elif settled.state == State.RETRY:
            self._log.warning("delivery_failed", outcome=outcome.name, next=settled.due.isoformat(), **told)
        else:
            self._log.info("delivered", seconds=round(outcome.seconds, 3), **told)

    async def _resume(self, channels: Mapping[str, Channel]) -> None:
        """What waited for a channel's configuration goes on when the channel is there again."""
        usable = frozenset(id for id, channel in channels.items() if channel.enabled)
        now = self._now()
        if self._backlog is None or (usable == self._usable and abs(now - self._resumed) < _LOOK_AGAIN):
            return
        # Looked at now and then too: an alert may be opened under a configuration that has just been replaced.
        for id in sorted(usable):
            for delivery in await self._backlog.suspended(id):
                if suspended_for(delivery) in _OF_CONFIGURATION:
                    await self._outbox.save(resume(delivery, now))
        self._usable, self._resumed = usable, now

    async def _measure(self, next_due: datetime | None, now: datetime) -> None:
        busy = next_due is not None and next_due <= now
        self._metrics.oldest.set((now - next_due).total_seconds() if next_due is not None and busy else 0)
        if self._backlog is None or (busy and self._measured and abs(now - self._measured) < timedelta(seconds=1)):
            return
        self._measured = now
        counts = await self._backlog.counts()
        for state in (*sorted(OPEN), State.SUSPENDED, State.EXPIRED):
            self._metrics.outbox.labels(str(state)).set(counts.get(state, 0))


def _unusable(channel: Channel | None) -> str | None:
    if channel is None:
        return "channel_removed"
    return None if channel.enabled else "channel_disabled"


def _as_one(started: Sequence[Delivery]) -> Delivery:
    """What a sender is given for these: a digest stands for all, and may repeat something where one of them may."""
    if len(started) == 1:
        return started[0]
    first = next((one for one in started if possibly_repeated(one)), started[0])
    return replace(first, body=DIGESTS[first.kind]([one.body for one in started]))
