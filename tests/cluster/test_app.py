"""A stage on Faust and a real broker: when rows may be handled, when partitions move, and brokers that go away."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from ceasewire.metrics import Metrics
from cluster.broker import Outgoing
from streams.app import App, build
from streams.stage import Handled, Output, Row, Unfit
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for
from tests.cluster.workers import committed, ends, letters, lost, make_item, until, until_done, workers, write_items
from tests.services.broker import Broker


class Echo:
    """Gives items on as they are, and notes what happens to it."""

    name = "echo"
    source = topics.ITEMS

    def __init__(self, slow: float = 0.0) -> None:
        self.slow = slow
        self.steps: list[str] = []
        self.holding = frozenset[int]()
        self.ready = False
        self.outdated = False
        self.handled: list[tuple[int, int]] = []

    def handle(self, row: Row) -> Handled | Unfit:
        assert self.ready
        assert row.partition in self.holding
        self.handled.append((row.partition, row.offset))
        partition = 99 if row.value == b"nowhere" else None
        return Handled((Output(topics.TAGGED, row.key, row.value, partition),))

    async def assigned(self, partitions: frozenset[int]) -> None:
        self.steps.append("getting ready")
        await asyncio.sleep(self.slow)
        self.steps.append("ready")
        self.holding, self.ready, self.outdated = partitions, True, False

    async def revoked(self, partitions: frozenset[int]) -> None:
        self.steps.append("let go")
        self.ready = False
        await asyncio.sleep(0.3)
        self.holding -= partitions


class Failing(Echo):
    """What it has to do at the end of a row fails, which leaves it in a state that nobody knows."""

    def handle(self, row: Row) -> Handled | Unfit:
        super().handle(row)
        return Handled(done=lambda: print(1 / 0))


@asynccontextmanager
async def running(app: App) -> AsyncIterator[asyncio.Task[None]]:
    """Runs it, and ends it as SIGTERM does."""
    stop = asyncio.Event()
    task = asyncio.create_task(app.run(stop))
    try:
        yield task
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


async def within(seconds: float, true: Callable[[], object]) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def write(settings: KafkaSettings, *values: bytes) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing(topics.ITEMS, b"%d" % n, value) for n, value in enumerate(values)])


async def thread(call: Callable[[], object]) -> object:
    return await asyncio.to_thread(call)


async def test_rows_wait_until_the_stage_is_ready(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix)
    await thread(lambda: make_topics(settings))
    await thread(lambda: write(settings, *[b"row"] * 50))
    stage = Echo(slow=2.0)
    app = build(stage, settings, Metrics())
    assert app.ready()
    async with running(app):
        await within(20, lambda: "getting ready" in stage.steps)
        await asyncio.sleep(1.0)
        assert not stage.handled
        assert any(reason.startswith("state: ") for reason in app.ready())
        await within(10, lambda: len(stage.handled) == 50)
        await within(5, lambda: not app.ready())
        assert not app.alive()
    assert len(rows_of(settings, topics.TAGGED)) == 50
    assert sum(committed(settings, "echo").values()) == 50
    assert stage.steps[-1] == "let go"


async def test_what_is_outdated_gets_ready_anew_before_the_next_rows(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix)
    await thread(lambda: make_topics(settings))
    stage = Echo()
    async with running(build(stage, settings, Metrics())):
        await within(20, lambda: stage.ready)
        stage.slow, stage.outdated, stage.ready = 1.0, True, False  # handle asserts that it is ready
        await thread(lambda: write(settings, *[b"row"] * 50))
        await within(10, lambda: len(stage.handled) == 50)
        assert stage.steps == ["getting ready", "ready"] * 2
    assert len(rows_of(settings, topics.TAGGED)) == 50
    assert not letters(settings)


async def test_getting_ready_does_not_hold_up_the_group(kafka: str, prefix: str) -> None:
    """One that would get ready for an hour gives its partitions up at once; what it held back is handled elsewhere."""
    settings = settings_for(kafka, prefix)
    await thread(lambda: make_topics(settings))
    await thread(lambda: write(settings, *[b"row"] * 200))
    slow, quick = Echo(slow=3600), Echo()
    one, two = build(slow, settings, Metrics()), build(quick, settings, Metrics())
    async with running(one) as task:
        await within(20, lambda: "getting ready" in slow.steps)
        await asyncio.sleep(1.0)
        async with running(two):
            await within(15, lambda: quick.handled)
            assert not slow.handled
            await within(5, lambda: slow.steps.count("getting ready") == 2)
            assert not task.done()
            held = set(quick.holding)
            await within(10, lambda: len(quick.handled) == count(settings, held))
            assert {partition for partition, _ in quick.handled} <= held
    assert not lost_but_for(settings)


def count(settings: KafkaSettings, partitions: set[int]) -> int:
    return sum(end for partition, end in ends(settings, topics.ITEMS).items() if partition in partitions)


def lost_but_for(settings: KafkaSettings) -> list[tuple[int, int]]:
    return lost(settings, "echo", topics.ITEMS, topics.TAGGED)


async def test_partitions_are_let_go_before_another_has_them(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix, partitions=4)
    await thread(lambda: make_topics(settings))
    first, second = Echo(), Echo()
    async with running(build(first, settings, Metrics())):
        await within(20, lambda: len(first.holding) == 4)
        async with running(build(second, settings, Metrics())):
            # handle asserts that it is ready and holds the partition; a row that breaks it becomes a dead letter
            for _ in range(20):
                await thread(lambda: write(settings, *[b"row"] * 40))
                await asyncio.sleep(0.1)
            await within(20, lambda: len(first.holding) == len(second.holding) == 2)
            await thread(lambda: write(settings, *[b"row"] * 40))
            await within(10, lambda: first.handled and second.handled)
            assert first.holding | second.holding == {0, 1, 2, 3}
        await within(20, lambda: len(first.holding) == 4)
        await thread(lambda: write(settings, *[b"row"] * 40))
        await thread(lambda: until_done(settings, "echo", topics.ITEMS, 10, lambda: ""))
    assert not letters(settings)
    assert len(rows_of(settings, topics.TAGGED)) == 22 * 40
    assert sorted({*first.handled, *second.handled}) == sorted([*first.handled, *second.handled])


async def test_an_output_that_no_topic_takes_is_put_aside(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix)
    await thread(lambda: make_topics(settings))
    await thread(lambda: write(settings, b"row", b"nowhere", b"row"))
    stage = Echo()
    async with running(build(stage, settings, Metrics())):
        await within(30, lambda: sum(committed(settings, "echo").values()) == 3)
    assert sorted(letter.reason for letter in letters(settings).values()) == ["bug"]
    assert len(rows_of(settings, topics.TAGGED)) == 2


async def test_rows_larger_than_what_is_fetched_at_once_are_handled(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix, partitions=2)
    await thread(lambda: make_topics(settings))
    chance = random.Random(1)  # what repeats itself would be packed into less
    await thread(lambda: write(settings, *[chance.randbytes(300_000 if number % 3 else 10) for number in range(30)]))
    stage = Echo()
    async with running(build(stage, settings, Metrics())):
        await within(30, lambda: sum(committed(settings, "echo").values()) == 30)
    assert len(rows_of(settings, topics.TAGGED)) == 30


async def test_what_fails_for_good_ends_it_with_nothing_committed(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix, partitions=1)
    await thread(lambda: make_topics(settings))
    await thread(lambda: write(settings, b"row", b"row"))
    stage = Failing()
    stop = asyncio.Event()
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(build(stage, settings, Metrics()).run(stop), 30)
    assert stage.handled
    assert not committed(settings, "echo")


async def test_what_was_read_before_anything_was_committed_comes_again(kafka: str, prefix: str) -> None:
    """A second worker joins before the first row is done: its partition begins at its first row."""
    settings = settings_for(kafka, prefix, partitions=2)
    await thread(lambda: make_topics(settings))
    first, second = Echo(slow=1.0), Echo()
    async with running(build(first, settings, Metrics())):
        await within(20, lambda: first.steps)
        await thread(lambda: write(settings, *[b"row"] * 300))
        async with running(build(second, settings, Metrics())):
            for _ in range(20):
                await thread(lambda: write(settings, *[b"row"] * 10))
            await thread(lambda: until_done(settings, "echo", topics.ITEMS, 30, lambda: ""))
    assert {*first.handled, *second.handled} == {
        (partition, offset) for partition, end in ends(settings, topics.ITEMS).items() for offset in range(end)
    }


async def test_without_a_broker_it_waits_and_says_so() -> None:
    app = build(Echo(), settings_for("127.0.0.1:1", "t-"), Metrics())
    async with running(app) as task:
        await asyncio.sleep(1.5)
        assert not task.done()
        assert app.ready() == ("brokers: 127.0.0.1:1 do not answer",)
        assert not app.alive()


def test_a_broker_that_dies_and_comes_back(own_broker: Callable[..., Broker], prefix: str, tmp_path: Path) -> None:
    """With a login, which the first connections and those after the death need alike."""
    jaas = "org.apache.kafka.common.security.plain.PlainLoginModule required"
    broker = own_broker(
        protocols=("PLAINTEXT", "SASL_PLAINTEXT"),
        settings={
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": f'{jaas} user_tagger="s3cret-of-the-tagger";',
        },
    )
    settings = settings_for(broker.address, prefix)
    make_topics(settings)
    made = [make_item(number) for number in range(3_000)]
    write_items(settings, made[:2_000], poison=5)
    login = settings.model_copy(
        update={
            "bootstrap": (broker.address_for("SASL_PLAINTEXT"),),
            "protocol": "sasl_plaintext",
            "mechanism": "PLAIN",
            "username": "tagger",
            "password": SecretStr("s3cret-of-the-tagger"),
        }
    )
    with workers(tmp_path, login) as start:
        tagger = start("tag")
        until(lambda: written(settings) > 400, 40, lambda: tagger.said[-3000:], tagger)
        broker.kill()
        until(lambda: "brokers" in tagger.ask("/ready")[1], 15, lambda: f"{tagger.ask('/ready')}", tagger)
        assert tagger.ask("/live")[0] == 200
        broker.start()
        began, before = time.monotonic(), written(settings)
        until(lambda: written(settings) > before, 30, lambda: tagger.said[-3000:], tagger)
        print(f"went on {time.monotonic() - began:.1f} s after the broker")
        write_items(settings, made[2_000:])
        until_done(settings, "tag", topics.ITEMS, 60, lambda: tagger.said)
        until(lambda: tagger.ask("/ready")[0] == 200, 10, lambda: f"{tagger.ask('/ready')}")
        broker.kill()
        time.sleep(1.0)
        code, seconds = tagger.end()
        print(f"ended in {seconds:.1f} s without a broker, with {code}")
        assert seconds < 10
        assert "s3cret" not in tagger.said
    broker.start()
    assert not lost(settings, "tag", topics.ITEMS, topics.TAGGED)
    assert {row.key for row in rows_of(settings, topics.TAGGED)} == {item.id.encode() for item in made}
    assert len(letters(settings)) == 5


def written(settings: KafkaSettings) -> int:
    return sum(ends(settings, topics.TAGGED).values())
