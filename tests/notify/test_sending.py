"""The sending loop, with a clock that the test moves and a sender without a network."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.deliveries import EXPIRY, LADDER, resume, start
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from ceasewire.ports import Outcome, Sender
from streams.notify.sending import Sending
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.receiver import Answer
from tests.fakes.sender import ScriptedSender
from tests.notify.samples import NOW, delivery, hook, slack

HOOK = hook("http://127.0.0.1:9/hook")


class Bench:
    """A loop over a memory outbox; `later` moves the clock and lets the loop do all that it can do then."""

    def __init__(self, sender: Sender, *channels: Channel, outbox: MemoryOutbox | None = None) -> None:
        self.moment = NOW
        self.channels = {channel.id: channel for channel in channels or (HOOK,)}
        self.outbox = outbox or MemoryOutbox()
        self.metrics = Metrics()
        self.sending = Sending(
            self.outbox,
            {"webhook": sender, "slack": sender},
            lambda: self.channels,
            self.metrics,
            lambda: self.moment,
            self.outbox,
            jitter=lambda: 0.0,
        )

    async def later(self, span: timedelta = timedelta(0)) -> None:
        self.moment += span
        self.sending.wake()
        for _ in range(60):
            await asyncio.sleep(0)

    async def open(self, number: int = 0, channel: Channel = HOOK) -> Delivery:
        """Opens a delivery now and lets the loop go on."""
        one = delivery(channel, number, self.moment)
        self.outbox.add(one)
        await self.later()
        return one

    def row(self, one: Delivery) -> Delivery:
        return self.outbox.rows[one.id]

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(name, labels)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        task = asyncio.create_task(self.sending.run(stop))
        await self.later()
        try:
            yield
        finally:
            stop.set()
            await asyncio.wait_for(task, 5)


def failing(status: int = 500, *headers: tuple[str, str]) -> ScriptedSender:
    return ScriptedSender(Answer(status, "", headers))


async def test_saved_as_sending_before_the_post_and_as_delivered_after_it() -> None:
    bench = Bench(ScriptedSender())
    async with bench.running():
        one = await bench.open()
    assert [row.state for row in bench.outbox.saved] == [State.SENDING, State.DELIVERED]
    assert bench.row(one).tries == 1
    assert bench.value("ceasewire_delivery_attempts_total", channel="hook", outcome="delivered") == 1
    assert bench.value("ceasewire_published_to_delivered_seconds_sum") == 20 * 60
    assert bench.value("ceasewire_seen_to_delivered_seconds_sum") == 2 * 60


async def test_a_row_left_as_sending_goes_again_with_its_id() -> None:
    sender = ScriptedSender()
    left = start(delivery(HOOK), NOW)
    bench = Bench(sender, outbox=MemoryOutbox(left))
    async with bench.running():
        pass
    assert [sent.id for sent, _, _ in sender.sent] == [left.id]
    assert bench.row(left).state == State.DELIVERED
    assert [attempt.outcome for attempt in bench.row(left).attempts] == ["interrupted", "delivered"]


async def test_the_ladder_is_climbed_and_ends_after_72_hours() -> None:
    sender = failing()
    bench = Bench(sender)
    async with bench.running():
        one = await bench.open()
        while bench.row(one).state != State.EXPIRED:
            before = len(sender.sent)
            await bench.later(bench.row(one).due - bench.moment - timedelta(seconds=1))
            assert len(sender.sent) == before
            await bench.later(timedelta(seconds=1))
            assert len(sender.sent) == before + 1
    times = [at - NOW for _, _, at in sender.sent]
    assert times[: len(LADDER)] == [sum(LADDER[: n + 1], timedelta(0)) for n in range(len(LADDER))]
    assert times[-1] == EXPIRY
    assert len({sent.id for sent, _, _ in sender.sent}) == 1
    assert bench.value("ceasewire_outbox", state="expired") is not None


async def test_nothing_is_posted_to_the_channel_before_retry_after() -> None:
    sender = failing(429, ("retry-after", "90"))
    bench = Bench(sender)
    async with bench.running():
        await bench.open(0)
        await bench.open(1)
        await bench.later(timedelta(seconds=89))
        assert len(sender.sent) == 1
        sender.answers = [Answer()]
        await bench.later(timedelta(seconds=1))
        await bench.later()
    assert [at - NOW for _, _, at in sender.sent] == [timedelta(0), timedelta(seconds=90), timedelta(seconds=90)]


async def test_retry_after_0_is_no_loop_and_one_old_delivery_rests_no_channel_for_hours() -> None:
    sender = failing(429, ("retry-after", "0"))
    bench = Bench(sender)
    async with bench.running():
        first = await bench.open(0)
        for _ in range(120):
            await bench.later(timedelta(seconds=60))
        assert bench.row(first).tries <= 9
        assert bench.row(first).due - bench.moment > timedelta(minutes=10)
        sender.answers = [Answer()]
        second = await bench.open(1)
        await bench.later(timedelta(seconds=60))
        assert bench.row(second).state == State.DELIVERED


async def test_410_suspends_the_delivery_and_those_after_it_until_a_person_asks() -> None:
    sender = failing(410)
    bench = Bench(sender)
    async with bench.running():
        first = await bench.open(0)
        second = await bench.open(1)
        assert len(sender.sent) == 1
        assert {bench.row(first).state, bench.row(second).state} == {State.SUSPENDED}
        assert bench.row(second).attempts[-1].outcome == "gone"
        assert bench.value("ceasewire_outbox", state="suspended") == 2
        sender.answers = [Answer()]
        await bench.outbox.save(resume(bench.row(second), bench.moment))
        await bench.later()
        assert bench.row(second).state == State.DELIVERED
        third = await bench.open(2)
        assert bench.row(third).state == State.DELIVERED


async def test_after_410_the_resumed_one_is_posted_and_not_an_older_one_beside_it() -> None:
    sender = failing(410)
    bench = Bench(sender)
    async with bench.running():
        await bench.open(0)
        second = await bench.open(1)
        older = delivery(HOOK, 2, NOW - timedelta(minutes=1))
        sender.answers = [Answer()]
        bench.outbox.add(older)
        await bench.outbox.save(resume(bench.row(second), bench.moment))
        await bench.later()
        assert [one.id for one, _, _ in sender.sent[1:]] == [second.id]
        assert (bench.row(older).state, bench.row(second).state) == (State.SUSPENDED, State.DELIVERED)


async def test_a_new_address_after_410_is_used() -> None:
    sender = failing(410)
    bench = Bench(sender)
    async with bench.running():
        await bench.open(0)
        bench.channels = {"hook": hook("http://127.0.0.1:9/new")}
        sender.answers = [Answer()]
        second = await bench.open(1)
        assert bench.row(second).state == State.DELIVERED


@pytest.mark.parametrize("way", ["disabled", "removed"])
async def test_a_channel_out_of_the_configuration_waits_and_goes_on_when_it_is_back(way: str) -> None:
    sender = ScriptedSender()
    bench = Bench(sender)
    async with bench.running():
        bench.channels = {"hook": hook("http://127.0.0.1:9/hook", enabled=False)} if way == "disabled" else {}
        one = await bench.open()
        assert bench.row(one).state == State.SUSPENDED
        assert bench.row(one).attempts[-1].outcome == f"channel_{way}"
        assert sender.sent == []
        bench.channels = {"hook": HOOK}
        await bench.later(timedelta(hours=1))
        assert bench.row(one).state == State.DELIVERED


async def test_one_opened_as_suspended_under_an_older_configuration_goes_within_a_minute() -> None:
    bench = Bench(ScriptedSender())
    async with bench.running():
        one = await bench.open(0, hook("http://127.0.0.1:9/hook", enabled=False))
        assert bench.row(one).state == State.SUSPENDED
        await bench.later(timedelta(seconds=61))
        assert bench.row(one).state == State.DELIVERED


async def test_slack_gets_one_a_second_and_in_order() -> None:
    team = slack("http://127.0.0.1:9/team")
    sender = ScriptedSender()
    bench = Bench(sender, team)
    for number in range(12):
        bench.outbox.add(delivery(team, number, NOW + timedelta(milliseconds=number)))
    bench.moment += timedelta(seconds=1)
    async with bench.running():
        while len(sender.sent) < 12:
            await bench.later(timedelta(seconds=0.25))
    times = [at for _, _, at in sender.sent]
    assert all((times[n + 10] - times[n]).total_seconds() > 10 for n in range(2))
    assert [sent.created for sent, _, _ in sender.sent] == sorted(sent.created for sent, _, _ in sender.sent)


async def test_an_hour_without_the_receiver() -> None:
    """G10: all arrive, the first within a minute of the recovery, none before its due time."""
    sender = failing(503)
    bench = Bench(sender)
    opened: list[Delivery] = []
    async with bench.running():
        for minute in range(60):
            opened.append(await bench.open(minute))
            for _ in range(6):
                await bench.later(timedelta(seconds=10))
        back = bench.moment
        tried = len(sender.sent)
        sender.answers = [Answer()]
        while any(bench.row(one).state != State.DELIVERED for one in opened):
            await bench.later(timedelta(seconds=30))
            assert bench.moment - back < timedelta(hours=3)
    arrived = [(sent, at) for sent, _, at in sender.sent[tried:]]
    assert arrived[0][1] - back <= timedelta(seconds=60)
    assert len(arrived) == len({sent.id for sent, _ in arrived}) == 60
    assert all(at >= sent.due for sent, _, at in sender.sent)
    assert tried < 80  # the receiver is probed, not flooded


async def test_a_delivery_that_is_always_rejected_stops_no_other() -> None:
    sender = ScriptedSender(Answer(400), Answer())
    bench = Bench(sender)
    async with bench.running():
        first, second = await bench.open(0), await bench.open(1)
        await bench.later()
    assert (bench.row(first).state, bench.row(second).state) == (State.RETRY, State.DELIVERED)


class Stuck:
    """Hangs for the channels that are named so, until it is freed."""

    def __init__(self) -> None:
        self.freed = asyncio.Event()
        self.open: list[str] = []
        self.most = 0

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        self.open.append(channel.id)
        self.most = max(self.most, self.open.count(channel.id))
        if channel.id.startswith("stuck"):
            await self.freed.wait()
        self.open.remove(channel.id)
        return Outcome(kind="delivered", name="delivered")


async def test_hanging_channels_slow_no_other_even_with_a_long_queue() -> None:
    stuck = [hook("http://127.0.0.1:9/", id=f"stuck{n}") for n in range(10)]
    well = [hook("http://127.0.0.1:9/", id=f"well{n}") for n in range(10)]
    sender = Stuck()
    bench = Bench(sender, *stuck, *well)
    for number in range(60):
        for channel in stuck:
            bench.outbox.add(delivery(channel, number, NOW - timedelta(minutes=5)))
    for channel in well:
        bench.outbox.add(delivery(channel, 0, NOW))
    async with bench.running():
        await bench.later()
        states = {one.channel: one.state for one in bench.outbox.rows.values() if one.channel.startswith("well")}
        assert set(states.values()) == {State.DELIVERED}
        assert len(sender.open) == 10
        sender.freed.set()
    assert sender.most == 1


async def test_a_stop_lets_what_is_in_flight_finish_and_starts_nothing_more() -> None:
    channel = hook("http://127.0.0.1:9/", id="stuck")
    sender = Stuck()
    bench = Bench(sender, channel)
    stop = asyncio.Event()
    task = asyncio.create_task(bench.sending.run(stop))
    await bench.later()
    first, second = await bench.open(0, channel), await bench.open(1, channel)
    stop.set()
    await bench.later()
    assert not task.done()
    sender.freed.set()
    await asyncio.wait_for(task, 5)
    assert {bench.row(first).state, bench.row(second).state} == {State.DELIVERED, State.PENDING}


class Broken(MemoryOutbox):
    """An outbox whose disk is full for a while."""

    full = True

    async def save(self, delivery: Delivery) -> bool:
        if self.full:
            raise StoreError("the disk is full")
        return await super().save(delivery)


async def test_a_full_disk_is_waited_out_without_a_post() -> None:
    sender = ScriptedSender()
    outbox = Broken()
    bench = Bench(sender, outbox=outbox)
    async with bench.running():
        one = await bench.open()
        await bench.later(timedelta(seconds=30))
        assert sender.sent == []
        outbox.full = False
        await bench.later(timedelta(seconds=30))
        assert bench.row(one).state == State.DELIVERED


class Pressed(MemoryOutbox):
    """An outbox in which a person resumes a delivery between the loop's look at it and its first save."""

    async def save(self, delivery: Delivery) -> bool:
        if (
            delivery.state == State.SENDING
            and delivery.tries == 2
            and not any(one.state == State.PENDING and one.attempts for one in self.saved)
        ):
            assert await super().save(resume(self.rows[delivery.id], delivery.due))
        return await super().save(delivery)


async def test_one_that_is_resumed_while_the_loop_takes_it_up_is_posted_once() -> None:
    sender = failing(500)
    bench = Bench(sender, outbox=Pressed())
    async with bench.running():
        one = await bench.open()
        sender.answers = [Answer()]
        await bench.later(LADDER[1])
        await bench.later()
    assert len(sender.sent) == 2
    assert bench.row(one).state == State.DELIVERED
    assert [tried.outcome for tried in bench.row(one).attempts] == ["server_error", "resumed", "delivered"]


class Buggy:
    """A sender with a bug, whose error would tell the address."""

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        raise RuntimeError(channel.url.get_secret_value())


async def test_a_bug_in_a_sender_is_a_failed_try_that_tells_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    secret = hook("http://127.0.0.1:9/very-secret-path")
    bench = Bench(Buggy(), secret)
    async with bench.running():
        one = await bench.open(0, secret)
    assert bench.row(one).state == State.RETRY
    logged = capsys.readouterr().out
    assert "sender_failed" in logged
    assert "very-secret-path" not in f"{bench.row(one)!r} {logged}"


async def test_a_row_of_an_unknown_kind_is_a_failed_try() -> None:
    bench = Bench(ScriptedSender())
    bench.sending = Sending(
        bench.outbox, {}, lambda: bench.channels, bench.metrics, lambda: bench.moment, jitter=lambda: 0.0
    )
    async with bench.running():
        one = await bench.open()
    assert bench.row(one).attempts[-1].outcome == "bad_channel"


@pytest.mark.parametrize("change", [lambda one: replace(one, published=None, seen=None), lambda one: one])
async def test_items_without_a_date_are_counted_where_they_can_be(change: Callable[[Delivery], Any]) -> None:
    bench = Bench(ScriptedSender())
    bench.outbox.add(change(delivery(HOOK)))
    async with bench.running():
        pass
    assert bench.value("ceasewire_delivery_attempts_total", channel="hook", outcome="delivered") == 1
