"""Takes rows through a stage so that none is lost: what it gives is at the broker before a row counts as handled."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import uniform
from time import perf_counter
from traceback import extract_tb

import structlog

from ceasewire.codec import encode
from ceasewire.crossings import DeadLetter
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from ceasewire.topics import DEAD
from streams.stage import Handled, Output, Row, Stage, Unfit

Send = Callable[[Output], Awaitable[Awaitable[object]]]
"""Hands an output to the producer; what comes of it is awaited to know that the broker has it."""

TRIES = 6
FIRST_WAIT, LONGEST_WAIT = 0.2, 30.0
_BREATH = 0.05
"""Seconds after which others of the process get their turn."""
_TOO_LARGE = {10, 18}
"""Kafka's codes for a value, or a batch of them, above what the topic takes."""


class Work:
    """The rows of one stage, in batches. One at a time."""

    def __init__(
        self,
        stage: Stage,
        send: Send,
        metrics: Metrics,
        *,
        one_by_one: bool = False,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """`one_by_one`: a row is handled after what the row before gave is done; else they go through together."""
        self._stage = stage
        self._send = send
        self._metrics = metrics
        self._one_by_one = one_by_one
        self._sleep = sleep
        self._log = structlog.get_logger().bind(stage=stage.name)
        # each is looked up for every row
        self._seconds = metrics.stage.labels(stage.name)
        self._delay = metrics.stage_delay.labels(stage.name)
        self._handled = metrics.handled.labels(stage.name, "done")

    async def take(self, rows: Sequence[Row]) -> None:
        """Handles the rows in their order. Raises StoreError where the brokers do not take what they give.

        Then nothing of them counts as handled, and the process must end.
        """
        if self._one_by_one:
            for row in rows:
                await self._together([row])
        else:
            await self._together(rows)

    async def _together(self, rows: Sequence[Row]) -> None:
        breath = perf_counter()
        sending = _Sending(self._send)
        outcomes: list[tuple[Row, Handled | Unfit]] = []
        for row in rows:
            start = perf_counter()
            outcome = self._handle(row)
            self._seconds.observe(perf_counter() - start)
            outcomes.append((row, outcome))
            await sending.begin(len(outcomes) - 1, self._outputs(row, outcome))
            if perf_counter() - breath > _BREATH:
                await asyncio.sleep(0)
                breath = perf_counter()
        for index, reason in (await self._finish(sending)).items():
            row, outcome = outcomes[index]
            outcomes[index] = row, await self._refused(row, outcome, reason)
        for row, outcome in outcomes:
            self._done(row, outcome)

    def _handle(self, row: Row) -> Handled | Unfit:
        """What comes of the row. A bug gets a second try, in case that it hangs on something that passes."""
        for attempt in (1, 2):
            try:
                return self._stage.handle(row)
            except MemoryError:
                raise
            except Exception as error:
                self._log.error("row_not_handled", **_place(row), attempt=attempt, exc_info=error)
                where = _where(error)
            if attempt == 1:
                self._metrics.retries.labels(self._stage.name, "bug").inc()
        return Unfit("bug", where)

    def _outputs(self, row: Row, outcome: Handled | Unfit) -> Sequence[Output]:
        return outcome.outputs if isinstance(outcome, Handled) else (self._letter(row, outcome, row.value),)

    def _letter(self, row: Row, unfit: Unfit, value: bytes) -> Output:
        letter = DeadLetter(
            stage=self._stage.name,
            topic=row.topic,
            partition=row.partition,
            offset=row.offset,
            reason=unfit.reason,
            detail=unfit.detail[:500],
        )
        headers = (("letter", encode(letter)), ("key", row.key))
        return Output(DEAD, letter.key.encode(), value, headers=headers)

    async def _finish(self, sending: "_Sending") -> dict[int, Unfit]:
        """Waits until the broker has everything; the rows of what it will never take. Raises StoreError."""
        refused: dict[int, Unfit] = {}
        for attempt in range(TRIES):
            failed, fault = await sending.end()
            refused |= failed
            if fault is None:
                return refused
            self._metrics.retries.labels(self._stage.name, "broker").inc()
            words = f"{type(fault).__name__}: {fault}"[:300]
            self._log.warning("not_written", why=words, attempt=attempt + 1, of=TRIES)
            if attempt + 1 < TRIES:
                await self._sleep(min(LONGEST_WAIT, FIRST_WAIT * 2**attempt) * uniform(0.5, 1.0))
                await sending.again()
        raise StoreError(f"the brokers did not take what {self._stage.name} gave in {TRIES} tries ({words})")

    async def _refused(self, row: Row, outcome: Handled | Unfit, reason: Unfit) -> Unfit:
        """Makes a dead letter of the row; one that is itself too large goes without its bytes."""
        values = (row.value, b"") if isinstance(outcome, Handled) else (b"",)
        for value in values:
            unfit = reason if isinstance(outcome, Handled) else outcome
            if not value:
                unfit = Unfit(unfit.reason, f"{unfit.detail} (without its bytes: {len(row.value)} are too many)")
            sending = _Sending(self._send)
            await sending.begin(0, (self._letter(row, unfit, value),))
            if not await self._finish(sending):
                return unfit
        raise StoreError(f"the brokers refuse the dead letter of {_place(row)} ({reason.detail})")

    def _done(self, row: Row, outcome: Handled | Unfit) -> None:
        if isinstance(outcome, Handled):
            outcome.done()
            self._handled.inc()
        else:
            self._metrics.dead.labels(self._stage.name, outcome.reason).inc()
            self._metrics.handled.labels(self._stage.name, "dead").inc()
            self._log.warning("dead_letter", **_place(row), reason=outcome.reason, detail=outcome.detail)
        self._delay.observe(max(0.0, (datetime.now(UTC) - row.at).total_seconds()))


class _Sending:
    """Outputs on their way to the broker, each with the number of its row."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._begun: list[tuple[int, Output, Awaitable[object]]] = []
        self._left: list[tuple[int, Output]] = []
        """What could not be handed over, for want of a broker."""
        self._refused: dict[int, Unfit] = {}
        self._fault: BaseException | None = None

    async def begin(self, row: int, outputs: Iterable[Output]) -> None:
        """Hands the outputs over, without waiting for what comes of them."""
        for output in outputs:
            if self._fault is not None:  # each further one would wait as long
                self._left.append((row, output))
                continue
            try:
                self._begun.append((row, output, await self._send(output)))
            except Exception as error:
                self._failed(row, output, error)

    async def again(self) -> None:
        """Hands over once more what failed."""
        left, self._left = self._left, []
        for row, output in left:
            await self.begin(row, (output,))

    async def end(self) -> tuple[dict[int, Unfit], BaseException | None]:
        """Waits for all that was handed over: the rows of what is refused for good, and a fault that may pass."""
        begun, self._begun = self._begun, []
        for (row, output, _), came in zip(
            begun, await asyncio.gather(*(one for *_, one in begun), return_exceptions=True), strict=True
        ):
            if isinstance(came, asyncio.CancelledError):
                raise came
            if isinstance(came, BaseException):
                self._failed(row, output, came)
        refused, fault = self._refused, self._fault
        self._refused, self._fault = {}, None
        return refused, fault

    def _failed(self, row: int, output: Output, error: BaseException) -> None:
        reason = _refusal(error)
        if reason is not None:
            self._refused[row] = reason
        else:
            self._left.append((row, output))
            self._fault = error


def _refusal(error: BaseException) -> Unfit | None:
    """Why the output will never be taken; None where the fault may pass."""
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "errno", None) in _TOO_LARGE:
            return Unfit("too_large", "what it gives is larger than its topic takes")
        if isinstance(cause, TypeError | ValueError | AssertionError):
            return Unfit("bug", _where(cause))
        cause = cause.__cause__
    return None


def _where(error: BaseException) -> str:
    """The kind of the error and the line it came from; its text may hold that of the item."""
    frames = extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _place(row: Row) -> dict[str, object]:
    return {"topic": row.topic, "partition": row.partition, "offset": row.offset}
