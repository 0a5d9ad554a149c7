"""Rows through a stage without a broker: what is awaited, tried again and put aside, and in which order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from ceasewire.codec import decode
from ceasewire.crossings import DeadLetter
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from streams.stage import Handled, Output, Row, Unfit
from streams.work import TRIES, Work

AT = datetime(2026, 3, 2, tzinfo=UTC)


def row(offset: int, value: bytes = b"fine") -> Row:
    return Row("items", 0, offset, b"k%d" % offset, value, AT)


class TooLarge(Exception):
    errno = 10


@dataclass
class Broker:
    """Takes outputs, or fails as it is told."""

    steps: list[str] = field(default_factory=list)
    taken: list[Output] = field(default_factory=list)
    fails: Callable[[Output], Exception | None] = lambda _: None
    refuses: Callable[[Output], Exception | None] = lambda _: None

    async def send(self, output: Output) -> Awaitable[object]:
        self.steps.append(f"send {output.key.decode()}")
        if error := self.refuses(output):
            raise error
        return asyncio.ensure_future(self._take(output))

    async def _take(self, output: Output) -> None:
        await asyncio.sleep(0)
        if error := self.fails(output):
            raise error
        self.taken.append(output)
        self.steps.append(f"has {output.key.decode()}")


@dataclass
class Echo:
    """Gives each row again, under `out`."""

    steps: list[str]
    name: str = "echo"
    source: str = "items"
    bugs: int = 0
    outdated: bool = False

    def handle(self, row: Row) -> Handled | Unfit:
        self.steps.append(f"handle {row.key.decode()}")
        if row.value == b"bad":
            return Unfit("not_json", "no JSON")
        if row.value == b"bug" or self.bugs > 0:
            self.bugs -= 1
            raise KeyError("words of the item")
        return Handled((Output("out", row.key, row.value),), lambda: self.steps.append(f"done {row.key.decode()}"))

    async def assigned(self, partitions: frozenset[int]) -> None: ...

    async def revoked(self, partitions: frozenset[int]) -> None: ...


def working(
    broker: Broker, metrics: Metrics | None = None, *, one_by_one: bool = False, bugs: int = 0
) -> tuple[Work, list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    stage = Echo(broker.steps, bugs=bugs)
    return Work(stage, broker.send, metrics or Metrics(), one_by_one=one_by_one, sleep=sleep), waits


async def test_a_batch_is_done_when_the_broker_has_all_of_it() -> None:
    broker = Broker()
    work, _ = working(broker)
    await work.take([row(1), row(2)])
    assert broker.steps[:4] == ["handle k1", "send k1", "handle k2", "send k2"]
    assert broker.steps[4:] == ["has k1", "has k2", "done k1", "done k2"]


async def test_one_by_one_each_row_sees_what_the_last_one_did() -> None:
    broker = Broker()
    work, _ = working(broker, one_by_one=True)
    await work.take([row(1), row(2)])
    assert broker.steps == [f"{step} {key}" for key in ("k1", "k2") for step in ("handle", "send", "has", "done")]


async def test_what_is_unfit_becomes_a_dead_letter_with_its_bytes() -> None:
    broker, metrics = Broker(), Metrics()
    work, _ = working(broker, metrics)
    await work.take([row(1), row(2, b"bad"), row(3, b"bug"), row(4)])
    assert [one.key for one in broker.taken if one.topic == "out"] == [b"k1", b"k4"]
    bad, bug = (one for one in broker.taken if one.topic == "dead")
    assert (bad.key, bad.value, dict(bad.headers)["key"]) == (b"echo|items|0|2", b"bad", b"k2")
    letters = [decode(dict(one.headers)["letter"], DeadLetter) for one in (bad, bug)]
    assert [letter.reason for letter in letters] == ["not_json", "bug"]
    assert "KeyError at test_work.py" in letters[1].detail
    assert "words" not in letters[1].detail
    assert broker.steps.count("handle k3") == 2
    samples = metrics.registry.get_sample_value
    assert samples("ceasewire_handled_total", {"stage": "echo", "outcome": "done"}) == 2
    assert samples("ceasewire_dead_letters_total", {"stage": "echo", "reason": "bug"}) == 1


async def test_a_bug_that_passes_costs_nothing() -> None:
    broker = Broker()
    work, _ = working(broker, bugs=1)
    await work.take([row(1)])
    assert [one.topic for one in broker.taken] == ["out"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_fault_of_the_broker_is_waited_out(at_once: bool) -> None:
    left = [3]

    def fails(output: Output) -> Exception | None:
        if output.key == b"k2" and left[0]:
            left[0] -= 1
            return OSError("gone")
        return None

    broker = Broker(refuses=fails) if at_once else Broker(fails=fails)
    work, waits = working(broker)
    await work.take([row(1), row(2), row(3)])
    assert {one.key for one in broker.taken} == {b"k1", b"k2", b"k3"}
    assert broker.steps.count("handle k2") == 1
    assert broker.steps.count("send k1") == 1
    assert broker.steps.index("done k1") > broker.steps.index("has k2")
    assert len(waits) == 3
    assert all(0.1 * 2**n <= wait <= 0.2 * 2**n for n, wait in enumerate(waits))


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_broker_that_stays_away_ends_it_with_nothing_done(at_once: bool) -> None:
    def fails(_: Output) -> Exception:
        return OSError("gone")

    broker = Broker(refuses=fails) if at_once else Broker(fails=fails)
    metrics = Metrics()
    work, waits = working(broker, metrics)
    with pytest.raises(StoreError, match="OSError: gone"):
        await work.take([row(1), row(2, b"bad")])
    assert len(waits) == TRIES - 1
    assert not [step for step in broker.steps if step.startswith("done")]
    labels = {"stage": "echo", "reason": "broker"}
    assert metrics.registry.get_sample_value("ceasewire_retries_total", labels) == TRIES


@pytest.mark.parametrize("error", [TooLarge(), ValueError("no such partition")])
async def test_what_the_broker_never_takes_becomes_a_dead_letter(error: Exception) -> None:
    broker = Broker(fails=lambda output: error if output.topic == "out" and output.key == b"k2" else None)
    work, waits = working(broker)
    await work.take([row(1), row(2), row(3)])
    assert [one.topic for one in broker.taken] == ["out", "out", "dead"]
    assert not waits
    assert "done k2" not in broker.steps
    letter = decode(dict(broker.taken[2].headers)["letter"], DeadLetter)
    assert letter.reason == ("too_large" if isinstance(error, TooLarge) else "bug")


async def test_a_dead_letter_that_is_too_large_goes_without_its_bytes() -> None:
    broker = Broker(fails=lambda output: TooLarge() if output.value else None)
    work, _ = working(broker)
    await work.take([row(1), row(2, b"bad")])
    assert [(one.topic, one.value) for one in broker.taken] == [("dead", b""), ("dead", b"")]
    letters = [decode(dict(one.headers)["letter"], DeadLetter) for one in broker.taken]
    assert [letter.reason for letter in letters] == ["too_large", "not_json"]
