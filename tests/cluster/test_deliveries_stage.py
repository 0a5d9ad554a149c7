"""A wish of a person in `dispatch`: the notifier that has the channel makes the delivery due, once for each wish."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace as changed
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Attempt, Delivery, State
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Retry
from ceasewire.deliveries import settle, start
from ceasewire.metrics import Metrics
from ceasewire.ports import Outcome
from ceasewire.topics import DELIVERIES, DISPATCH
from streams.notifying import Notifying
from streams.outbox_topic import TopicOutbox
from streams.stage import Handled, Row, Unfit
from streams.work import Work
from tests.cluster.brokers import make_topics, settings_for
from tests.cluster.dispatches import configured
from tests.cluster.outboxes import put, states, utc_now
from tests.notify.samples import delivery, hook

HOOK = hook("https://one.example/")
LATER = timedelta(hours=5)


def wish(id: str, offset: int = 3, partition: int = 0) -> Row:
    """The row, written some seconds ago."""
    at = (utc_now() - timedelta(seconds=5)).replace(microsecond=0) + timedelta(milliseconds=offset)
    return Row(DISPATCH, partition, offset, b"hook", encode(Retry(channel="hook", delivery=id)), at)


class Bench:
    """The stage over an outbox that holds partition 0."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.hurried: list[str] = []
        self.configuration = configured([HOOK])
        self.outbox = TopicOutbox(settings, utc_now, lambda: timedelta(seconds=5))
        self.stage = Notifying(
            self.outbox, lambda: self.configuration, lambda: None, hurry=lambda channel: self.hurried.append(channel)
        )

    async def open(self) -> None:
        await self.stage.assigned(frozenset({0}))

    async def take(self, *rows: Row) -> None:
        """As the worker does: what the stage gives is written, then the rows are done."""

        async def send(output: Any) -> Any:
            assert output.topic == DELIVERIES
            return await self.outbox._rows.send(output.partition, decode(output.value, Delivery))

        await Work(self.stage, send, Metrics()).take(rows)

    def handled(self, row: Row) -> Delivery | None:
        outcome = self.stage.handle(row)
        assert isinstance(outcome, Handled)
        return decode(outcome.outputs[0].value, Delivery) if outcome.outputs else None


@pytest.fixture
async def bench(kafka: str, prefix: str) -> AsyncIterator[Bench]:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    made = Bench(settings)
    yield made
    await made.outbox.aclose()


def waiting(number: int, state: State) -> Delivery:
    one = delivery(HOOK, number, utc_now() - timedelta(hours=80))
    tried = (Attempt(at=utc_now() - timedelta(hours=1), outcome="gone" if state is State.SUSPENDED else "timeout"),)
    return replace(one, state=state, due=utc_now() + LATER, version=7, tries=3, attempts=tried)


@pytest.mark.parametrize("state", [State.SUSPENDED, State.EXPIRED, State.RETRY, State.PENDING])
async def test_what_waits_or_was_given_up_is_due_at_once(bench: Bench, state: State) -> None:
    before = waiting(1, state)
    put(bench.settings, [before])
    await bench.open()
    assert list(await bench.outbox.due(utc_now(), 10)) == []
    row = wish(before.id)
    await bench.take(row)
    # what a receiver asked for is waited for also where a person is in a hurry
    [due] = await bench.outbox.due(utc_now() + LATER, 10)
    assert states(bench.settings) == [before, due]
    assert due.due <= utc_now()
    assert (due.state, due.version, due.tries, due.body) == (State.PENDING, 8, 3, before.body)
    assert due.attempts == (*before.attempts, Attempt(at=row.at, outcome="resumed"))
    assert bench.hurried == ["hook"]


@pytest.mark.parametrize("state", [State.DELIVERED, State.SENDING])
async def test_what_is_delivered_or_being_sent_stays_as_it_is(bench: Bench, state: State) -> None:
    before = waiting(1, state)
    put(bench.settings, [before])
    await bench.open()
    await bench.take(wish(before.id))
    assert states(bench.settings) == [before]
    assert bench.hurried == []


async def test_a_delivery_that_nobody_knows_is_put_aside(bench: Bench) -> None:
    await bench.open()
    assert bench.stage.handle(wish("msg_none")) == Unfit("delivery_unknown", "no delivery msg_none of hook is known")


async def test_a_row_that_comes_again_is_obeyed_once_also_by_the_next_holder(bench: Bench) -> None:
    before = waiting(1, State.SUSPENDED)
    put(bench.settings, [before])
    await bench.open()
    row = wish(before.id)
    await bench.take(row)
    await bench.take(row)
    assert len(states(bench.settings)) == 2
    [due] = await bench.outbox.due(utc_now(), 10)
    begun = start(due, utc_now())
    assert await bench.outbox.save(begun)
    failed = Outcome(kind="failed", name="timeout", detail="")
    assert await bench.outbox.save(settle(begun, failed, utc_now(), 0))
    await bench.take(row)  # after a crash that came before its offset was committed
    other = Bench(bench.settings)
    try:
        await other.open()
        await other.take(row)
        assert len(states(bench.settings)) == 4
        await other.take(wish(before.id, 4))  # another wish
        assert [one.state for one in await other.outbox.due(utc_now(), 10)] == [State.PENDING]
    finally:
        await other.outbox.aclose()


async def test_of_two_wishes_at_a_time_one_is_obeyed(bench: Bench) -> None:
    before = waiting(1, State.EXPIRED)
    put(bench.settings, [before])
    await bench.open()
    first = bench.handled(wish(before.id, 3))
    assert first is not None
    assert bench.handled(wish(before.id, 4)) is None
    assert bench.handled(wish(before.id, 3)) == first  # a second try of the same row gives the same


async def test_nothing_is_sent_of_it_between_the_wish_and_its_being_written(bench: Bench) -> None:
    """The loop may have read it as due just before: two states that go on from one would part the topic from us."""
    before = replace(waiting(1, State.RETRY), due=utc_now() - timedelta(seconds=1))
    put(bench.settings, [before])
    await bench.open()
    [due] = await bench.outbox.due(utc_now(), 10)
    outcome = bench.stage.handle(wish(before.id))
    assert isinstance(outcome, Handled)
    assert await bench.outbox.save(start(due, utc_now())) is False
    assert states(bench.settings) == [before]
    await (await bench.outbox._rows.send(0, decode(outcome.outputs[0].value, Delivery)))
    outcome.done()
    [resumed] = await bench.outbox.due(utc_now(), 10)
    assert await bench.outbox.save(start(resumed, utc_now())) is True
    assert [one.version for one in states(bench.settings)] == [7, 8, 9]


async def test_a_wish_while_its_start_is_being_written_changes_nothing(bench: Bench) -> None:
    before = replace(waiting(1, State.RETRY), due=utc_now() - timedelta(seconds=1))
    put(bench.settings, [before])
    await bench.open()
    [due] = await bench.outbox.due(utc_now(), 10)
    saving = asyncio.create_task(bench.outbox.save(start(due, utc_now())))
    async with asyncio.timeout(10):
        while not bench.outbox._on_their_way:  # noqa: ASYNC110
            await asyncio.sleep(0)
    assert bench.handled(wish(before.id)) is None
    assert await saving is True
    assert [one.state for one in states(bench.settings)] == [State.RETRY, State.SENDING]


async def test_what_was_not_written_before_the_partition_went_is_obeyed_when_it_is_back(bench: Bench) -> None:
    before = waiting(1, State.SUSPENDED)
    put(bench.settings, [before])
    await bench.open()
    row = wish(before.id)
    assert bench.handled(row) is not None
    await bench.stage.revoked(frozenset({0}))
    assert bench.handled(row) is None
    await bench.open()
    await bench.take(row)
    assert len(await bench.outbox.due(utc_now(), 10)) == 1


async def test_a_wish_from_a_clock_that_goes_ahead_is_due_now(bench: Bench) -> None:
    before = waiting(1, State.SUSPENDED)
    put(bench.settings, [before])
    await bench.open()
    await bench.take(changed(wish(before.id), at=utc_now().replace(microsecond=0) + timedelta(minutes=10)))
    assert len(await bench.outbox.due(utc_now(), 10)) == 1
