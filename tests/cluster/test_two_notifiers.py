"""Two notifiers share the channels: nothing goes twice in normal running and nothing is left out, whoever comes."""

import asyncio
import json
import random
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ceasewire.alerts import Delivery, State
from ceasewire.codec import encode
from ceasewire.config.channels import Channel
from ceasewire.config.settings import KafkaSettings
from ceasewire.topics import DEAD, DISPATCH
from cluster.broker import Broker, Outgoing, Place
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for
from tests.cluster.dispatches import dispatch, id_of
from tests.cluster.notifiers import Notifier, SlowReceiver, receiving_slowly, write_configuration
from tests.cluster.outboxes import states
from tests.notify.samples import hook, slack

HOOKS = ("amber", "birch", "cedar", "daisy", "elder", "fern")
PLACES = [Place(DISPATCH, partition) for partition in range(3)]
# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = [pytest.mark.timeout(240), pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]


class Stand:
    """A broker with topics, a receiver, a folder of configuration, and notifiers on them."""

    def __init__(self, settings: KafkaSettings, receiver: SlowReceiver, folder: Path) -> None:
        self.settings = settings
        self.receiver = receiver
        self.folder = folder
        self.notifiers: list[Notifier] = []

    def channels(self) -> list[Channel]:
        hooks = [hook(f"{self.receiver.address}/{name}", id=name) for name in HOOKS]
        return [*hooks, slack(f"{self.receiver.address}/team", id="team")]

    def start(self) -> Notifier:
        one = Notifier(self.folder / "config", self.folder / f"notifier{len(self.notifiers)}.log")
        self.notifiers.append(one)
        return one

    async def write(self, numbers: Sequence[int], a_second: float, channels: Sequence[str] = HOOKS) -> set[str]:
        """One alert for each number, for the channels in turn; gives the ids of their deliveries."""
        ids = set()
        with asking(self.settings) as broker:
            for number in numbers:
                channel = channels[number % len(channels)]
                row = Outgoing(DISPATCH, channel.encode(), encode(dispatch(channel, number)))
                await asyncio.to_thread(broker.write, [row])
                ids.add(id_of(channel, number))
                await asyncio.sleep(1 / a_second)
        return ids

    def poison(self, count: int) -> int:
        """Rows that are no dispatch; gives how many."""
        keys = [HOOKS[number % len(HOOKS)].encode() for number in range(count)]
        with asking(self.settings) as broker:
            broker.write([Outgoing(DISPATCH, key, b"\x00 not a dispatch") for key in keys])
        return count

    async def came(self, ids: set[str], seconds: float = 60) -> None:
        """Waits until each has come."""
        end = time.monotonic() + seconds
        while not ids <= self.receiver.count().keys():
            left = ids - self.receiver.count().keys()
            assert time.monotonic() < end, f"{len(left)} of {len(ids)} did not come"
            await asyncio.sleep(0.1)

    def last(self) -> dict[str, Delivery]:
        """The state of each delivery that counts."""
        found: dict[str, Delivery] = {}
        for one in states(self.settings):
            if one.id not in found or one.version > found[one.id].version:
                found[one.id] = one
        return found

    async def delivered(self, ids: set[str], seconds: float = 20) -> None:
        """Waits until that stands in the topic of each."""
        end = time.monotonic() + seconds
        while True:
            last = await asyncio.to_thread(self.last)
            other = {id: str(last[id].state) if id in last else "none" for id in ids}
            other = {id: state for id, state in other.items() if state != State.DELIVERED}
            if not other:
                return
            assert time.monotonic() < end, other
            await asyncio.sleep(0.5)

    async def handled(self, seconds: float = 15) -> None:
        """Waits until all of `dispatch` is committed."""
        end = time.monotonic() + seconds
        with _asked(self.settings) as broker:
            while (ends := broker.ends(PLACES)) != broker.committed("notify") and any(ends.values()):
                assert time.monotonic() < end, (ends, broker.committed("notify"))
                await asyncio.sleep(0.5)


@contextmanager
def _asked(settings: KafkaSettings) -> Iterator[Broker]:
    with asking(settings) as broker:
        yield broker


@pytest.fixture
async def stand(kafka: str, prefix: str, tmp_path: Path) -> AsyncIterator[Stand]:
    async with standing_on(kafka, prefix, tmp_path) as made:
        yield made


@asynccontextmanager
async def standing_on(bootstrap: str, prefix: str, tmp_path: Path) -> AsyncIterator[Stand]:
    settings = settings_for(bootstrap, prefix)
    make_topics(settings)
    async with receiving_slowly() as receiver:
        made = Stand(settings, receiver, tmp_path)
        write_configuration(tmp_path / "config", settings, made.channels())
        yield made
        for one in made.notifiers:
            one.kill()


async def test_joins_a_leave_and_a_kill_lose_nothing_and_only_the_kill_may_repeat(stand: Stand) -> None:
    first = stand.start()
    await first.ready()
    writing = asyncio.create_task(stand.write(range(180), a_second=12))
    await asyncio.sleep(2)
    second = stand.start()
    await second.ready()
    await asyncio.sleep(1)
    assert await first.end() < 10
    third = stand.start()
    await third.ready()
    graceful = await writing
    await stand.came(graceful)
    await stand.delivered(graceful)
    assert set(stand.receiver.count()) == graceful
    assert max(stand.receiver.count().values()) == 1

    stand.receiver.seconds = 0.3  # so that the kill hits some that are under way
    writing = asyncio.create_task(stand.write(range(180, 300), a_second=20))
    await asyncio.sleep(2)
    second.kill()
    stand.receiver.seconds = 0.05
    killed = time.monotonic()
    others = await writing
    await stand.came(others, 30)
    print(f"all had come {time.monotonic() - killed:.1f} s after the kill")
    await stand.delivered(graceful | others)
    counts = stand.receiver.count()
    assert set(counts) == graceful | others
    assert max(counts[id] for id in graceful) == 1
    repeated = [id for id in others if counts[id] > 1]
    assert max(counts.values()) <= 2
    # one POST at a time was under way to each channel
    assert len(repeated) <= len(HOOKS)
    print(f"{len(counts)} deliveries, {len(repeated)} came twice")
    assert max(stand.receiver.most_in_flight.values()) <= 2
    await stand.handled()
    assert await third.alive()
    assert await third.end() < 10


@pytest.mark.parametrize("kills", [5, pytest.param(15, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
async def test_kills_at_random_points_lose_nothing(stand: Stand, kills: int) -> None:
    """Of two notifiers one after the other is killed and started anew, while rows come, some of them broken."""
    chance = random.Random(kills)
    stand.receiver.seconds = 0.15
    running = [stand.start(), stand.start()]
    for one in running:
        await one.ready()
    ids, poisoned = set[str](), 0
    for kill in range(kills):
        numbers = range(kill * 100, kill * 100 + 100)
        writing = asyncio.create_task(stand.write(numbers, a_second=25))
        await asyncio.sleep(chance.uniform(0.5, 6))
        running[kill % 2].kill()
        running[kill % 2] = stand.start()
        ids |= await writing
        poisoned += await asyncio.to_thread(stand.poison, chance.randrange(1, 20))
    await stand.came(ids, 60)
    await stand.delivered(ids)
    counts = stand.receiver.count()
    assert set(counts) == ids
    assert max(counts.values()) <= 1 + kills
    assert sum(counts.values()) - len(counts) <= kills * len(HOOKS)
    print(f"{len(counts)} deliveries, {kills} kills, {sum(counts.values()) - len(counts)} repeats")
    await stand.handled()
    dead = {row.key for row in rows_of(stand.settings, DEAD)}
    assert len(dead) == poisoned
    for one in running:
        assert await one.end() < 10


async def test_each_channel_has_its_order_and_its_pace_whoever_sends(stand: Stand) -> None:
    first = stand.start()
    await first.ready()
    ids = await stand.write(range(60), a_second=200, channels=("amber", "team"))
    second = stand.start()
    await second.ready()
    await first.end()
    third = stand.start()
    await third.ready()
    await second.end()
    await stand.delivered(ids, 60)
    came = [request.id for request in stand.receiver.at("/amber")]
    assert came == [id_of("amber", number) for number in range(0, 60, 2)]
    times = [request.at for request in stand.receiver.at("/team")]
    assert len(times) > 2
    # 1.05 s from start to start; a busy machine may take up one late, and the next is then nearer to it
    assert min(after - before for before, after in pairwise(times)) >= 0.8


async def test_a_receiver_that_takes_its_time_is_waited_for_when_hands_change(stand: Stand) -> None:
    """Longer than the session of a worker of the group is: what is under way is settled before others may go on."""
    first = stand.start()
    await first.ready()
    stand.receiver.seconds = 12.0
    ids = await stand.write(range(6), a_second=20)
    await stand.came(ids)
    second = stand.start()
    await asyncio.sleep(2)
    stand.receiver.seconds = 0.05
    await stand.delivered(ids, 40)
    await second.ready()
    more = await stand.write(range(6, 12), a_second=20)
    await stand.came(more)
    await stand.delivered(more)
    assert set(stand.receiver.count().values()) == {1}
    held = [line["held"] for one in (first, second) for line in one.lines() if line.get("event") == "partitions"]
    assert any(set(json.loads(part)) == {0, 1, 2} for part in held)


async def test_a_broker_that_is_killed_and_comes_back_costs_nothing(
    own_broker: Callable[..., Any], prefix: str, tmp_path: Path
) -> None:
    """What is posted when it goes is saved when it is back, and is not posted again."""
    broker = own_broker()
    async with standing_on(broker.address, prefix, tmp_path) as stand:
        first, second = stand.start(), stand.start()
        await first.ready()
        await second.ready()
        stand.receiver.seconds = 0.3
        before = await stand.write(range(90), a_second=60)
        await asyncio.sleep(0.7)
        await asyncio.to_thread(broker.kill)
        had = len(stand.receiver.count())
        assert had < 90
        await asyncio.sleep(6)
        stopped = len(stand.receiver.count())
        assert await first.alive()
        await asyncio.to_thread(broker.start)
        back = time.monotonic()
        while len(stand.receiver.count()) == stopped:
            assert time.monotonic() - back < 30
            await asyncio.sleep(0.1)
        print(f"went on {time.monotonic() - back:.1f} s after the broker was back")
        after = await stand.write(range(90, 120), a_second=60)
        await stand.came(before | after)
        await stand.delivered(before | after)
        assert set(stand.receiver.count()) == before | after
        print(f"{sum(count > 1 for count in stand.receiver.count().values())} came twice")
        assert max(stand.receiver.count().values()) <= 2
        assert await first.end() < 10
        assert await second.end() < 10


async def test_an_end_does_not_wait_for_a_receiver_that_hangs(stand: Stand) -> None:
    """What is cut off goes again, with the same id and marked as such."""
    first = stand.start()
    await first.ready()
    stand.receiver.seconds = 60
    ids = await stand.write(range(6), a_second=20)
    await stand.came(ids)
    assert await first.end() < 10
    stand.receiver.seconds = 0.05
    second = stand.start()
    await stand.delivered(ids, 60)
    assert set(stand.receiver.count().values()) == {2}
    last = await asyncio.to_thread(stand.last)
    assert {tuple(tried.outcome for tried in last[id].attempts) for id in ids} == {("interrupted", "delivered")}
    assert await second.end() < 10


async def test_one_that_stood_still_and_wakes_up_spoils_nothing(stand: Stand) -> None:
    """As when its machine was suspended: the group went on without it, and it may send what it had in hand again."""
    first, second = stand.start(), stand.start()
    await first.ready()
    await second.ready()
    stand.receiver.seconds = 0.3
    writing = asyncio.create_task(stand.write(range(150), a_second=10))
    await asyncio.sleep(2)
    first.process.send_signal(signal.SIGSTOP)
    ids = await writing
    await asyncio.sleep(4)
    await stand.came(ids, 30)
    first.process.send_signal(signal.SIGCONT)
    more = await stand.write(range(150, 180), a_second=10)
    await stand.came(more)
    await stand.delivered(ids | more)
    counts = stand.receiver.count()
    print(f"{sum(counts.values()) - len(counts)} came twice")
    assert max(counts.values()) <= 2
    assert sum(counts.values()) - len(counts) <= len(HOOKS)
    assert await first.end() < 10
    assert await second.end() < 10
