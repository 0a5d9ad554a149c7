"""The outbox over the topic on a real broker: what it reads, whom it lets save, and what happens when hands change."""

import asyncio
import random
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.config.settings import KafkaSettings
from ceasewire.deliveries import settle, start, suspend
from ceasewire.errors import StoreError
from ceasewire.ports import Outcome
from ceasewire.topics import DELIVERIES
from cluster.broker import Outgoing
from streams.notify.lanes import PACE
from streams.outbox_topic import TopicOutbox
from tests.cluster.brokers import asking, make_topics, settings_for
from tests.cluster.outboxes import outbox_of, put, states, utc_now
from tests.notify.samples import delivery, hook, slack

HOOK, TEAM = hook("https://one.example/"), slack("https://two.example/")
TAKEN = Outcome(kind="delivered", name="delivered", status=200)
pytestmark = [
    # kafka-python leaves the sockets of failed connections to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    made = settings_for(kafka, prefix)
    make_topics(made)
    return made


def opened(number: int, channel: Any = HOOK) -> Delivery:
    return delivery(channel, number, utc_now() - timedelta(minutes=5) + timedelta(milliseconds=number))


def delivered(one: Delivery) -> list[Delivery]:
    """The states on its way to the end."""
    begun = start(one, utc_now())
    return [one, begun, settle(begun, TAKEN, utc_now(), 0)]


async def ids(outbox: TopicOutbox) -> list[str]:
    return [one.id for one in await outbox.due(utc_now(), 1000)]


async def test_what_others_left_is_known_before_anything_is_due(settings: KafkaSettings) -> None:
    """Whole states of what is open, also what a crash left as sending; of delivered ones only that they are."""
    waiting, crashed, held, done = (opened(number) for number in range(4))
    begun = start(crashed, utc_now())
    stopped = suspend(held, "channel_removed", utc_now())
    put(settings, [waiting, crashed, held, begun, stopped, *delivered(done)], partition=1)
    async with outbox_of(settings) as outbox:
        assert list(await outbox.due(utc_now(), 10)) == [waiting, begun]
        assert list(await outbox.suspended("hook")) == [stopped]
        assert (await outbox.counts())[State.DELIVERED] == 1
        assert all(outbox.knows(1, one.id, 9) for one in (waiting, crashed, held, done))
        assert not outbox.knows(1, opened(4).id, 9)
        assert not outbox.knows(0, waiting.id, 9)


async def test_a_state_goes_into_the_partition_where_the_delivery_stands(settings: KafkaSettings) -> None:
    one = opened(1)
    for partition in range(3):
        put(settings, [replace(one, id=f"msg_{partition}")], partition)
    async with outbox_of(settings) as outbox:
        for row in await outbox.due(utc_now(), 10):
            assert await outbox.save(start(row, utc_now()))
    async with outbox_of(settings, {2}) as outbox:
        assert await ids(outbox) == ["msg_2"]
    assert sorted(row.id for row in states(settings)) == ["msg_0", "msg_0", "msg_1", "msg_1", "msg_2", "msg_2"]


async def test_only_what_is_held_is_seen_and_saved(settings: KafkaSettings) -> None:
    ours, theirs = opened(1), opened(2)
    put(settings, [ours], 0)
    put(settings, [theirs], 1)
    async with outbox_of(settings, {0}) as outbox:
        assert await ids(outbox) == [ours.id]
        assert sum((await outbox.counts()).values()) == 1
        await outbox.close({0})
        assert await ids(outbox) == []
        assert await outbox.next_due() is None
        assert await outbox.save(start(ours, utc_now())) is False
        await outbox.open({1})
        assert await ids(outbox) == [theirs.id]
        assert outbox.ready() == ()
        assert outbox.alive() == ()
    assert len(states(settings)) == 2


async def test_giving_back_waits_for_what_is_in_flight(settings: KafkaSettings) -> None:
    put(settings, [opened(1), opened(2, TEAM)])
    async with outbox_of(settings) as outbox:
        first, second = await outbox.due(utc_now(), 10)
        begun = start(first, utc_now())
        assert await outbox.save(begun)
        closing = asyncio.create_task(outbox.close({0, 1, 2}))
        await asyncio.sleep(0.3)
        assert not closing.done()
        assert await outbox.save(start(second, utc_now())) is False
        assert await outbox.save(settle(begun, TAKEN, utc_now(), 0))
        assert await asyncio.wait_for(closing, 2) is True
        async with outbox_of(settings) as other:
            assert await ids(other) == [second.id]


async def test_what_takes_too_long_is_cut_off_and_can_no_longer_be_saved(settings: KafkaSettings) -> None:
    """Its next holder takes it for left by a crash, and sends it with the same id."""
    put(settings, [opened(1)])
    async with outbox_of(settings) as outbox:
        [one] = await outbox.due(utc_now(), 10)
        begun = start(one, utc_now())
        assert await outbox.save(begun)
        assert await outbox.close({0}, within=0.2) is False
        assert await outbox.save(settle(begun, TAKEN, utc_now(), 0)) is False
        async with outbox_of(settings) as other:
            [again] = await other.due(utc_now(), 10)
            assert again == begun


async def test_what_comes_back_is_read_on_from_where_it_was(settings: KafkaSettings) -> None:
    """While another process held it, it went on; and what was delivered there is not due here."""
    rows = [opened(number) for number in range(4)]
    put(settings, rows)
    async with outbox_of(settings) as outbox:
        await outbox.close({0, 1, 2})
        async with outbox_of(settings) as other:
            for row in (await other.due(utc_now(), 10))[:2]:
                for state in delivered(row)[1:]:
                    assert await other.save(state)
            await other.close({0, 1, 2})
        await outbox.open({0, 1, 2})
        assert await ids(outbox) == [row.id for row in rows[2:]]


async def test_a_channel_keeps_its_pace_over_a_change_of_hands(settings: KafkaSettings) -> None:
    rows = [opened(number, TEAM) for number in range(2)]
    put(settings, [*delivered(rows[0]), rows[1], opened(3, HOOK)])
    async with outbox_of(settings) as outbox:
        assert await ids(outbox) == [opened(3, HOOK).id]
        await asyncio.sleep(PACE["slack"].total_seconds())
        assert rows[1].id in await ids(outbox)


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (Outcome(kind="failed", name="rate_limited", status=429, retry_after=600), 600),
        (Outcome(kind="failed", name="server_error", status=503), 5),
        (Outcome(kind="failed", name="rejected", status=400), 0),
    ],
)
async def test_a_channel_rests_as_its_receiver_asked_whoever_was_told(
    settings: KafkaSettings, outcome: Outcome, seconds: float
) -> None:
    first, second = opened(1), opened(2)
    begun = start(first, utc_now())
    put(settings, [first, begun, settle(begun, outcome, utc_now(), 0), second])
    async with outbox_of(settings) as outbox:
        assert await ids(outbox) == ([] if seconds else [second.id])
        due = await outbox.next_due()
        assert due is not None
        assert -2 < (due - utc_now()).total_seconds() - (seconds or -300) < 1


async def test_an_older_state_that_stands_last_is_written_over(settings: KafkaSettings) -> None:
    """A process that was taken for dead may write late; the topic keeps only the last row of each key."""
    done, waiting, late = opened(1), opened(2), opened(3)
    begun = start(waiting, utc_now())
    put(settings, [*delivered(done), waiting, begun, late, done, waiting])
    async with outbox_of(settings) as outbox:
        assert await ids(outbox) == [waiting.id, late.id]
    last = {one.id: one for one in states(settings)}
    assert last[done.id].state == State.DELIVERED
    assert last[done.id].body == done.body
    assert last[waiting.id] == begun
    assert len(states(settings)) == 10
    async with outbox_of(settings):
        pass
    assert len(states(settings)) == 10


async def test_what_cannot_be_read_and_what_was_deleted_is_passed_over(settings: KafkaSettings) -> None:
    first, second = opened(1), opened(2)
    put(settings, [first, second])
    with asking(settings) as broker:
        broker.write(
            [
                Outgoing(DELIVERIES, b"msg_x", b'{"v": 99}', (), 0),
                Outgoing(DELIVERIES, first.id.encode(), None, (), 0),
            ]
        )
    async with outbox_of(settings) as outbox:
        assert await ids(outbox) == [second.id]


async def test_a_row_of_dispatch_is_awaited_once(settings: KafkaSettings) -> None:
    async with outbox_of(settings, {0}) as outbox:
        one = opened(1)
        outbox.expect(0, one.id, 7)
        assert not outbox.knows(0, one.id, 7)
        assert outbox.knows(0, one.id, 8)
        outbox.add(0, one)
        assert outbox.knows(0, one.id, 7)
        outbox.expect(0, "msg_y", 9)
        await outbox.close({0})
        await outbox.open({0})
        assert not outbox.knows(0, "msg_y", 10)


async def test_a_long_history_is_read_fast_and_kept_small(settings: KafkaSettings) -> None:
    """Of 3,000 deliveries with bodies of 6 kB each all but ten are done."""
    body = "x".join(random.Random(3).choices("abcdefgh", k=6000))
    rows = [replace(opened(number), body=body) for number in range(3000)]
    put(settings, [replace(row, state=State.DELIVERED, version=2, due=utc_now()) for row in rows[10:]] + rows[:10])
    began = time.monotonic()
    async with outbox_of(settings) as outbox:
        took = time.monotonic() - began
        assert len(await ids(outbox)) == 10
        assert sum(len(standing._rows) for standing in outbox._standing.values()) == 10
        assert outbox.knows(0, rows[2999].id, 0)
    assert took < 10, took


async def test_what_hangs_for_longer_than_any_deadline_asks_for_a_new_start(settings: KafkaSettings) -> None:
    put(settings, [opened(1)])
    ticks = 0.0
    outbox = TopicOutbox(settings, utc_now, lambda: timedelta(seconds=15), lambda: ticks)
    try:
        assert outbox.alive() == ()
        await outbox.open({0})
        [one] = await outbox.due(utc_now(), 10)
        begun = start(one, utc_now())
        await outbox.save(begun)
        ticks = 50
        assert outbox.alive() == ()
        ticks = 60
        assert outbox.alive() == ("sending: a delivery to hook has been under way for 60 s",)
        await outbox.save(settle(begun, TAKEN, utc_now(), 0))
        assert outbox.alive() == ()
        ticks = 130
        assert outbox.alive() == ("sending: nobody has looked for 130 s what is due",)
        await outbox.close({0})
        assert outbox.alive() == ()
    finally:
        await outbox.aclose()


async def test_what_is_closed_for_good_is_opened_by_nothing(settings: KafkaSettings) -> None:
    put(settings, [opened(1)])
    async with outbox_of(settings) as outbox:
        assert await outbox.end(1)
        await outbox.open({0, 1, 2})
        assert await ids(outbox) == []


async def test_a_broker_that_goes_away_makes_no_repeat(own_broker: Callable[..., Any], prefix: str) -> None:
    """What is posted when it goes is saved as delivered when it is back, without a second try."""
    broker = own_broker()
    settings = settings_for(broker.address, prefix)
    make_topics(settings)
    put(settings, [opened(1), opened(2)])
    async with outbox_of(settings, patience=timedelta(seconds=30)) as outbox:
        first, second = await outbox.due(utc_now(), 10)
        begun = start(first, utc_now())
        assert await outbox.save(begun)
        await asyncio.to_thread(broker.kill)
        saves = [
            asyncio.create_task(outbox.save(settle(begun, TAKEN, utc_now(), 0))),
            asyncio.create_task(outbox.save(start(second, utc_now()))),
        ]
        for error in await asyncio.gather(*saves, return_exceptions=True):
            assert isinstance(error, StoreError)
        with pytest.raises(StoreError, match="not yet answered"):
            await outbox.save(start(begun, utc_now()))
        assert outbox.alive() == ()
        await asyncio.to_thread(broker.start)
        for _ in range(300):
            left, *others = await outbox.due(utc_now(), 10)
            if left.version == 1 and not others:
                break
            await asyncio.sleep(0.1)
        assert (left.id, left.state) == (second.id, State.SENDING)
        again = start(left, utc_now())
        assert await outbox.save(again)
        assert await outbox.save(settle(again, TAKEN, utc_now(), 0))
        assert await outbox.close({0}, within=1)
    last = {one.id: one for one in states(settings)}
    assert last[first.id].state == State.DELIVERED
    assert [one.outcome for one in last[second.id].attempts] == ["interrupted", "delivered"]
