"""Long queues: a channel that rests costs nothing, one that is fast hides no other, and none is forgotten."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import LADDER, resume
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.receiver import Answer
from tests.fakes.sender import ScriptedSender
from tests.notify.samples import NOW, delivery, hook
from tests.notify.test_sending import Bench, failing

LONG = hook("http://127.0.0.1:9/long", id="long")
SHORT = hook("http://127.0.0.1:9/short", id="short")


class Counting(MemoryOutbox):
    """Counts the deliveries that it was asked to give out."""

    given = 0

    async def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> Sequence[Delivery]:
        found = await super().due(now, limit, but)
        self.given += len(found)
        return found


def queued(count: int) -> Counting:
    return Counting(*(delivery(LONG, number, NOW - timedelta(seconds=count - number)) for number in range(count)))


async def test_the_queue_of_a_resting_channel_is_not_read_again_and_again() -> None:
    outbox = queued(1000)
    sender = failing(503, ("retry-after", "600"))
    bench = Bench(sender, LONG, outbox=outbox)
    async with bench.running():
        outbox.given = 0
        for _ in range(30):
            await bench.later(timedelta(seconds=1))
        assert outbox.given == 0
        assert len(sender.sent) == 1
        assert bench.value("ceasewire_oldest_pending_seconds") == 1000 - 1 + 30
        assert bench.value("ceasewire_outbox", state="pending") == 999
        sender.answers = [Answer()]
        await bench.later(timedelta(seconds=600))
        assert len(sender.sent) > 1


async def test_a_fast_channel_with_a_long_queue_hides_no_other() -> None:
    outbox = queued(300)
    sender = ScriptedSender()
    bench = Bench(sender, LONG, SHORT, outbox=outbox)
    outbox.add(delivery(SHORT, 0, NOW))
    async with bench.running():
        while not any(channel is SHORT for _, channel, _ in sender.sent):
            await bench.later()
        assert len(sender.sent) < 100
        while len(sender.sent) < 301:
            await bench.later()
    assert {row.state for row in outbox.rows.values()} == {State.DELIVERED}
    assert [sent.created for sent, channel, _ in sender.sent if channel is LONG] == sorted(
        row.created for row in outbox.rows.values() if row.channel == "long"
    )


async def test_a_resting_channel_that_is_disabled_is_suspended_at_once() -> None:
    outbox = queued(120)
    bench = Bench(failing(503, ("retry-after", "80000")), LONG, outbox=outbox)
    async with bench.running():
        bench.channels = {"long": LONG.model_copy(update={"enabled": False})}
        for _ in range(10):
            await bench.later(timedelta(seconds=1))
    states = [row.state for row in outbox.rows.values()]
    assert (states.count(State.SUSPENDED), states.count(State.RETRY)) == (119, 1)


async def test_what_a_person_wants_sent_now_waits_for_no_pause_of_ours_but_for_what_the_receiver_wants() -> None:
    sender = ScriptedSender(Answer(500), Answer(429, headers=(("retry-after", "40"),)), Answer(204))
    bench = Bench(sender)
    async with bench.running():
        one = await bench.open()
        await bench.later(LADDER[1] / 2)
        assert len(sender.sent) == 1  # it rests
        await bench.outbox.save(resume(bench.row(one), bench.moment))
        bench.sending.hurry(one.channel)
        await bench.later()
        assert len(sender.sent) == 2
        await bench.outbox.save(resume(bench.row(one), bench.moment))
        bench.sending.hurry(one.channel)
        await bench.later(timedelta(seconds=39))
        assert len(sender.sent) == 2  # it asked for 40 s
        await bench.later(timedelta(seconds=2))
    assert bench.row(one).state == State.DELIVERED
