"""The loop of the indexer: rows come, their documents go, and what is in is committed.

One thread reads and commits, another sends. While one batch is on its way the next is read and made ready; then
reading holds back, but the group is still asked, so that it keeps its member however long the index is away.
"""

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog

from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from indexers.batches import Batch, Row
from indexers.sending import STAGE, Sending

STUCK = 120.0
"""Seconds without any step after which the process is to be started again, though there is work."""
FAREWELL = 6.0
"""Seconds that a batch on its way has to come to its end when the process is told to stop."""
_LOOK_EVERY = 5.0
_HOLD_AFTER = 0.5
_log = structlog.get_logger("index")


class Source(Protocol):
    """Where the rows come from: `indexers.consumer.Reading`. Each call may raise StoreError, as `name: words`."""

    @property
    def turn(self) -> int:
        """Grows whenever what it holds is dealt anew: rows of an earlier turn come again, here or elsewhere."""

    @property
    def joined(self) -> bool:
        """Whether it has been dealt something, if only nothing."""

    def open(self) -> None:
        """Joins those that read, where it has not."""

    def poll(self, seconds: float) -> list[Row]:
        """Rows that have come, waited for up to so long."""

    def hold_back(self, held: bool) -> None:
        """Whether polling brings nothing, though it goes on."""

    def commit(self, ends: Mapping[tuple[str, int], int]) -> bool:
        """Everything before these offsets is done; False where it was dealt anew meanwhile."""

    def behind(self) -> int:
        """How many rows were not polled yet."""

    def missing(self) -> list[str]:
        """What should be read and is not there."""

    def close(self) -> None:
        """Leaves; nothing more is committed."""


@dataclass
class _Flight:
    """A batch on its way."""

    batch: Batch
    turn: int
    given_up: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    arrived: bool = False


@dataclass
class _Arrived:
    """What is in the index and not committed yet."""

    turn: int
    ends: dict[tuple[str, int], int] = field(default_factory=dict)
    done: int = 0
    dead: int = 0


class Indexing:
    """Indexes what comes until `stop` is set. `ready` and `alive` may be asked from any thread."""

    def __init__(
        self,
        source: Source,
        sending: Sending,
        metrics: Metrics,
        now: Callable[[], datetime],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._sending = sending
        self._metrics = metrics
        self._now = now
        self._clock = clock
        self._ready: _Flight | None = None
        self._flight: _Flight | None = None
        self._arrived: _Arrived | None = None
        self._outbound: queue.SimpleQueue[_Flight | None] = queue.SimpleQueue()
        self._turned = self._looked = self._moved = clock()
        self._seen_steps = 0
        self._behind = 0
        self._broker = "starting: the group has not been joined yet"
        metrics.oldest_unhandled.labels(STAGE).set_function(self.oldest)

    def run(self, stop: threading.Event) -> None:
        """Works until told to stop, in the thread that calls; what is on its way then gets a little time."""
        sender = threading.Thread(target=self._send, name="index-send", daemon=True)
        sender.start()
        try:
            while not stop.is_set():
                self._turn(stop)
            self._finish()
        finally:
            for flight in filter(None, (self._flight, self._ready)):
                flight.given_up.set()
            self._outbound.put(None)
            self._source.close()

    def oldest(self) -> float:
        """The age of the oldest row in hand, in seconds."""
        held = [flight.batch.oldest for flight in (self._flight, self._ready) if flight]
        return max(self._now().timestamp() - min(held), 0.0) if held else 0.0

    def ready(self) -> Sequence[str]:
        """Why it does not index now, each as `name: words`."""
        return tuple(filter(None, (self._broker, self._sending.trouble)))

    def alive(self) -> Sequence[str]:
        """Why it should be started again: it makes no step, though there is work and all it works on answers."""
        now = self._clock()
        if now - self._turned > STUCK:
            return (f"stuck: the loop has not turned for {now - self._turned:.0f} s",)
        work = self._behind or self._flight or self._ready or self._arrived
        if work and not self.ready() and now - self._moved > STUCK:
            return (f"stuck: there are rows, but for {now - self._moved:.0f} s none was brought to its end",)
        return ()

    def _turn(self, stop: threading.Event) -> None:
        self._turned = self._clock()
        try:
            self._source.open()
            self._forget_old()
            if self._ready is None:
                self._source.hold_back(False)
                self._take(self._source.poll(0.1 if self._flight else 0.3))
            elif self._flight:
                self._wait(self._flight)
            self._land()
            self._look()
        except StoreError as error:
            self._lose(str(error))
            stop.wait(0.5)

    def _take(self, rows: list[Row]) -> None:
        self._forget_old()
        if rows:
            before = self._ready.batch.rows if self._ready else ()  # though it was to hold back
            self._ready = _Flight(Batch((*before, *rows), self._now()), self._source.turn)
        if self._source.joined and self._broker.startswith("starting"):
            self._broker = ""

    def _wait(self, flight: _Flight) -> None:
        """For the batch that is on its way, since the next is ready already."""
        if flight.ended.wait(_HOLD_AFTER):
            return
        self._source.hold_back(True)
        self._take(self._source.poll(0))  # rows come where it was dealt anew meanwhile: what is ready is of before

    def _forget_old(self) -> None:
        """What was read before the group dealt anew comes again, here or elsewhere."""
        if self._flight and self._flight.turn != self._source.turn:
            self._flight.given_up.set()
            self._flight = None
        if self._ready and self._ready.turn != self._source.turn:
            self._ready = None
        if self._arrived and self._arrived.turn != self._source.turn:
            self._arrived = None

    def _land(self) -> None:
        """Sends what is ready, then commits what has arrived: the index need not wait for the broker's answer."""
        if self._flight and self._flight.ended.is_set():
            flight, self._flight = self._flight, None
            if flight.arrived:
                self._note(flight)
        if self._flight is None and self._ready is not None:
            self._flight, self._ready = self._ready, None
            self._outbound.put(self._flight)
        self._commit()

    def _note(self, flight: _Flight) -> None:
        """The batch is in; it is committed with those before it where that failed."""
        batch, now = flight.batch, self._now().timestamp()
        arrived = self._arrived = self._arrived or _Arrived(flight.turn)
        arrived.ends |= batch.ends()  # a partition only ever goes on within a turn
        dead = len(batch.letters())
        arrived.dead += dead
        arrived.done += len(batch.rows) - dead
        delay = self._metrics.stage_delay.labels(STAGE)
        for row in batch.rows:
            delay.observe(max(now - row.at, 0.0))

    def _commit(self) -> None:
        """Commits what has arrived. Where the broker fails it (StoreError), it is tried again at the next turn."""
        arrived = self._arrived
        if arrived is None:
            return
        committed = self._source.commit(arrived.ends)
        self._arrived = None
        if committed:
            self._moved = self._clock()
            self._metrics.handled.labels(STAGE, "dead").inc(arrived.dead)
            self._metrics.handled.labels(STAGE, "done").inc(arrived.done)

    def _look(self) -> None:
        """Asks the broker now and then how far the topics are: a reader alone would not notice that it is away."""
        if self._sending.steps != self._seen_steps:
            self._seen_steps, self._moved = self._sending.steps, self._clock()
        if self._clock() - self._looked < _LOOK_EVERY:
            return
        self._looked = self._clock()
        if not self._source.joined:
            return
        self._behind = self._source.behind()
        if not self._behind and not self._flight and not self._ready:
            self._moved = self._clock()
        missing = self._source.missing()
        here = f"topic_missing: there is no topic {', '.join(missing)}: ceasewire cluster setup makes it"
        self._broker = here if missing else ""

    def _lose(self, words: str) -> None:
        if words.partition(":")[0] != self._broker.partition(":")[0]:
            _log.warning("broker_trouble", why=words)
        self._broker = words

    def _finish(self) -> None:
        """Lets what is on its way arrive, as far as that goes quickly, and commits it."""
        flight = self._flight
        if flight and not self._sending.trouble and flight.ended.wait(FAREWELL):
            self._flight = None
            if flight.arrived and flight.turn == self._source.turn:
                self._note(flight)
        if self._arrived and self._arrived.turn == self._source.turn:
            with suppress(StoreError):
                self._commit()

    def _send(self) -> None:
        """The sender's thread."""
        while (flight := self._outbound.get()) is not None:
            try:
                flight.arrived = self._sending.send(flight.batch, flight.given_up)
            except Exception:  # a bug: the loop sees that nothing moves, and the process is started again
                _log.exception("batch_not_sent")
                continue
            flight.ended.set()
