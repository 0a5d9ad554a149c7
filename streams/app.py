"""Runs a stage on Faust, and is all that knows Faust.

What the reference measured decides the shape: raw values, no tables, one actor, rows in batches that are acked only
after all they gave is at the broker. An exception never leaves the agent, since Faust would go on past its rows.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Any

import faust
import structlog
from mode import CrashingSupervisor

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from streams.faust_consumer import Consumer
from streams.faust_parts import Faust, credentials
from streams.gaps import Gaps
from streams.offsets import Offsets
from streams.progress import STILL, Progress
from streams.reaching import first, reached
from streams.stage import Handled, Output, Row, Stage, Unfit
from streams.work import FIRST_WAIT, LONGEST_WAIT, TRIES, Work

__all__ = ["App", "Handled", "Output", "Row", "Stage", "Unfit", "build"]

_BATCH, _WITHIN = 200, 0.05
_LOOK_EVERY = 5.0
_ANSWER_WITHIN = 5.0
_AGAIN_AFTER = 2.0
_ASK_AGAIN, _ASK_BUSY, _IDLE = 10.0, 60.0, 2.0
"""Seconds that rows of a partition wait before they are fetched anew: where nothing was in work, or others were."""
_LARGEST = 16 * 1_048_576
_FETCHED = 128 * 1_024
"""Bytes of a partition that are fetched at once, if no row alone has more. They are handled before the next partition
gets its turn: with more of them a slow worker lets the others wait for long."""
_END_WITHIN = 6.0
"""Seconds for what is in work, the commit and leaving the group; the process has 10 for all."""


def build(stage: Stage, settings: KafkaSettings, metrics: Metrics, *, one_by_one: bool = False) -> "App":
    """The stage as a worker of its group. `one_by_one`: rows whose handling depends on what the last one changed."""
    return App(stage, settings, metrics, one_by_one=one_by_one)


class App:
    """A worker of a stage's group, in the loop of its process."""

    def __init__(self, stage: Stage, settings: KafkaSettings, metrics: Metrics, *, one_by_one: bool) -> None:
        self._stage = stage
        self._settings = settings
        self._metrics = metrics
        self._one_by_one = one_by_one
        self._log = structlog.get_logger().bind(stage=stage.name)
        # members are dealt partitions in the order of these names: who came first, and is warm, keeps the first ones
        self._member = f"{stage.name}-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
        self._work = Work(stage, self._send, metrics, one_by_one=one_by_one)
        self._progress = Progress()
        self._offsets = Offsets()
        self._gaps = Gaps(settings, stage.source, self._offsets)
        self._app: faust.App | None = None
        self._held: frozenset[int] | None = None
        """None before the group was joined."""
        self._ready = asyncio.Event()
        """Rows of the partitions that are held may be handled."""
        self._leaving = asyncio.Event()
        """Partitions are taken away: rows that nothing was done about are let go."""
        self._idle = asyncio.Event()
        """No row is in work."""
        self._idle.set()
        self._preparing: asyncio.Task[None] | None = None
        self._failed: asyncio.Future[None] | None = None
        self._answers = False
        self._worked = monotonic()
        """When a batch was last done."""
        self._heard = monotonic()
        """When the consumer last told its offsets, or could not be asked."""

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`, then finishes what is in work, commits and leaves the group.

        Raises StoreError where the brokers took nothing for long: the process shall end and be started again.
        """
        while not stop.is_set():
            if await reached(self._settings.bootstrap, stop) and await self._run(stop):
                return

    async def _run(self, stop: asyncio.Event) -> bool:
        """One life of a Faust app; False where it did not come to start, as with brokers that refuse us."""
        self._failed = asyncio.get_running_loop().create_future()
        self._app = app = self._make()
        stopped: asyncio.Future[Any] = asyncio.ensure_future(stop.wait())
        looking = asyncio.create_task(self._look())
        try:
            try:
                await app.start()
            except Exception as error:
                self._log.warning("not_started", why=f"{type(error).__name__}: {error}"[:300])
                await asyncio.wait((stopped,), timeout=_AGAIN_AFTER)
                return False
            while not (stop.is_set() or self._failed.done()):
                await asyncio.wait((stopped, self._failed), timeout=0.5, return_when=asyncio.FIRST_COMPLETED)
                if app.crashed and not self._failed.done():
                    raise StoreError(f"the Kafka worker ended by a fault: {app.crash_reason!r}")
            if self._failed.done():
                await app.crash(self._failed.exception() or StoreError("it failed"))
        finally:
            looking.cancel()
            stopped.cancel()
            await self._end(app)
        if self._failed.done():
            self._failed.result()
        return True

    def alive(self) -> Sequence[str]:
        """Where the process should be started again: there are rows, the brokers answer, and nothing is done."""
        tick = monotonic()
        found = [
            f"partition {partition} of {self._stage.source}: rows wait and none was done for long"
            for partition in self._progress.still(tick)
        ]
        if self._answers and tick - self._heard > STILL:
            found.append("consumer: it does not answer, though the brokers do")
        return found

    def ready(self) -> Sequence[str]:
        """What keeps it from handling rows now; a worker that stands by without partitions is ready."""
        if not self._answers:
            return (f"brokers: {', '.join(self._settings.bootstrap)} do not answer",)
        if self._held is None:
            return ("group: not joined yet",)
        if self._app is not None and self._app.rebalancing:
            return ("group: partitions are being dealt out",)
        if not self._ready.is_set():
            return (f"state: {self._stage.name} gets ready for its partitions",)
        return ()

    # What Faust calls

    async def _act(self, stream: Any) -> None:
        """The body of the agent: takes batches, and never ends or raises."""
        assert self._app is not None
        app = self._app
        async for events in stream.noack_take(_BATCH, within=_WITHIN):
            if self._stage.outdated and self._held and self._ready.is_set() and not self._leaving.is_set():
                self._get_ready(self._held)
            mine = await self._may_handle()
            # a row of before the last deal may stand among those of after it: that one alone is let go
            turn = app.consumer_generation_id if mine else None
            for event in events:
                if event.message.generation_id != turn:  # comes again from the committed offset on, here or elsewhere
                    app.consumer.unacked.discard(event.message)
            events = [event for event in events if event.message.generation_id == turn]
            if not events:
                continue
            self._idle.clear()
            try:
                rows = await self._gaps.filled([_row(event.message, self._stage.source) for event in events])
                await self._work.take(rows)
            except Exception as error:
                self._fail(error)
                await asyncio.Event().wait()  # nothing of the batch may count as done; the process ends
            self._offsets.handle(rows)
            for row in rows:
                self._progress.handled(row.partition, row.at)
            for event in events:
                await stream.ack(event)
                app.consumer.unacked.discard(event.message)
            self._worked = monotonic()
            self._idle.set()

    async def _may_handle(self) -> bool:
        """Waits until the stage is ready; False where the partitions are taken away."""
        if not self._ready.is_set():
            await first(self._ready.wait(), self._leaving.wait())
        return self._ready.is_set() and not self._leaving.is_set()

    async def revoking(self) -> None:
        """Partitions are about to be taken away: returns when what is in work is done, and nothing new is begun."""
        self._leaving.set()
        if self._preparing is not None:
            self._preparing.cancel()
            with suppress(asyncio.CancelledError):
                await self._preparing
            self._preparing = None
        if self._failed is not None and not self._failed.done():
            await first(self._idle.wait(), asyncio.shield(self._failed))

    async def revoked(self, partitions: frozenset[int]) -> None:
        """Nothing of these partitions is in work any more."""
        self._ready.clear()
        self._offsets.forget()
        if not partitions:
            return
        try:
            await self._stage.revoked(partitions)
        except Exception as error:
            self._log.error("not_let_go", partitions=sorted(partitions), exc_info=error)
            self._fail(error)

    def assigned(self, partitions: frozenset[int]) -> None:
        """These are all the partitions that are held now."""
        self._log.info("partitions", held=sorted(partitions))
        self._held = partitions
        self._offsets.forget()
        self._leaving.clear()
        if not partitions:
            self._offsets.begin({})
        self._get_ready(partitions)

    def _get_ready(self, partitions: frozenset[int]) -> None:
        """Not awaited: while the group waits for an answer it gets no heartbeats."""
        self._ready.clear()
        self._preparing = asyncio.create_task(self._prepare(partitions))

    async def _prepare(self, partitions: frozenset[int]) -> None:
        await self._offsets.begun.wait()
        for attempt in range(TRIES):
            try:
                await self._stage.assigned(partitions)
            except Exception as error:
                self._metrics.retries.labels(self._stage.name, "assigned").inc()
                self._log.warning("not_ready", attempt=attempt + 1, of=TRIES, exc_info=error)
                fault = error
            else:
                self._ready.set()
                return
            await asyncio.sleep(min(LONGEST_WAIT, FIRST_WAIT * 2**attempt))
        self._fail(fault)

    def _fail(self, error: Exception) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    # What it does itself

    async def _send(self, output: Output) -> Any:
        assert self._app is not None
        return await self._app.producer.send(
            self._settings.prefix + output.topic,
            key=output.key,
            value=output.value,
            partition=output.partition,
            timestamp=None,
            headers=list(output.headers),
        )

    async def _look(self) -> None:
        """Keeps what the probes and metrics tell of the brokers and of the rows that wait."""
        name = self._stage.name
        while True:
            try:
                async with asyncio.timeout(_ANSWER_WITHIN):
                    self._answers = await self._app.producer._producer.client.force_metadata_update()  # type: ignore[union-attr]
            except Exception:
                self._answers = False
            tick, now = monotonic(), datetime.now(UTC)
            if self._answers and self._held is not None:
                try:
                    async with asyncio.timeout(_ANSWER_WITHIN):
                        committed, ends = await self._committed_and_ends()
                        self._progress.look(committed, ends, tick, now)
                        self._heard = tick
                        await self._ask_again(tick)
                except Exception as error:
                    self._log.warning("offsets_unknown", why=f"{type(error).__name__}: {error}")
            else:
                self._heard = tick
            if not self._answers or not self._ready.is_set():
                self._progress.unknown(tick)
            self._metrics.oldest_unhandled.labels(name).set(self._progress.oldest(now))
            await asyncio.sleep(_LOOK_EVERY if self._answers else 1.0)

    async def _committed_and_ends(self) -> tuple[dict[int, int], dict[int, int]]:
        assert self._app is not None
        consumer: Any = self._app.consumer
        places = [place for place in consumer.assignment() if self._offsets.next(place.partition) is not None]
        if not places:
            return {}, {}
        ends = await consumer.highwaters(*places)
        begins = await consumer.earliest_offsets(*places)
        committed = {place: max(self._offsets.committed.get(place.partition, 0), begins[place]) for place in places}
        by_partition = ({tp.partition: offset for tp, offset in one.items()} for one in (committed, ends))
        return next(by_partition), next(by_partition)

    async def _ask_again(self, tick: float) -> None:
        """Fetches anew what waits and does not come, as where Faust passed over the last rows that there are."""
        if not self._idle.is_set() or not self._ready.is_set() or self._leaving.is_set():
            return
        assert self._app is not None
        consumer: Any = self._app.consumer
        waiting = self._progress.still(tick, _ASK_AGAIN if tick - self._worked > _IDLE else _ASK_BUSY)
        begin = {tp: self._offsets.next(tp.partition) for tp in consumer.assignment() if tp.partition in waiting}
        if begin:
            self._log.warning("rows_asked_for_again", partitions=sorted(waiting))
            await consumer.seek_wait({tp: offset for tp, offset in begin.items() if offset is not None})

    async def _end(self, app: faust.App) -> None:
        await self.revoking()
        try:
            await asyncio.wait_for(app.stop(), _END_WITHIN)
        except TimeoutError:
            self._log.warning("not_ended", after_seconds=_END_WITHIN)
        except Exception as error:
            self._log.warning("not_ended", exc_info=error)
        if self._held:
            await self.revoked(self._held)
        self._held = None

    def _make(self) -> faust.App:
        """A new Faust app, with the settings of the reference."""
        settings, stage = self._settings, self._stage
        app = Faust(
            id=settings.prefix + stage.name,
            broker=[f"kafka://{address}" for address in settings.bootstrap],
            broker_client_id=self._member,
            broker_credentials=credentials(settings),
            autodiscover=False,
            web_enabled=False,
            web_tables_enabled=False,
            web_router_enabled=False,
            processing_guarantee="at_least_once",
            value_serializer="raw",
            key_serializer="raw",
            agent_supervisor=CrashingSupervisor,
            stream_wait_empty=True,
            stream_buffer_maxsize=500,
            broker_session_timeout=10.0,
            broker_heartbeat_interval=1.5,
            broker_request_timeout=30.0,
            broker_commit_interval=1.0,
            broker_commit_every=1000,
            broker_max_poll_records=500,
            consumer_auto_offset_reset="earliest",
            consumer_max_fetch_size=_FETCHED,
            producer_acks=-1,
            producer_linger=0.0 if self._one_by_one else 0.02,
            producer_compression_type="gzip",
            producer_max_request_size=_LARGEST,
            producer_request_timeout=10.0,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
        )
        transport: Any = app.transport
        transport.Consumer = partial(Consumer, self, self._offsets)
        topic = app.topic(settings.prefix + stage.source, key_type=bytes, value_type=bytes)
        app.agent(topic, name=stage.name, concurrency=1)(self._act)
        return app


def _row(message: Any, source: str) -> Row:
    at = datetime.fromtimestamp(message.timestamp, UTC)
    return Row(source, message.partition, message.offset, message.key or b"", message.value or b"", at)
