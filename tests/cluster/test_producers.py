"""`python -m producers` as a process over a real broker: polled, killed, without its broker, and in shares."""

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ceasewire.codec import decode
from ceasewire.config.settings import KafkaSettings
from ceasewire.items import Item
from ceasewire.polling import FeedState
from producers.progress import OVERDUE, ROUND, stalled
from tests.cli.folders import write_feeds
from tests.cluster.brokers import make_topics, rows_of, settings_for
from tests.cluster.workers import Worker, make_config
from tests.fakes.feed_server import Answer, Asked, FeedServer, rss, serving
from tests.store.making import NOON, make_state

Own = Callable[..., Any]
LISTED = 15
pytestmark = pytest.mark.timeout(300)  # each starts several processes


class Producer(Worker):
    """`python -m producers --shard SHARD` as a process."""

    def start(self) -> "Producer":
        with self.log.open("ab") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", "producers", "--port", "0", "--shard", self._part],
                stdout=said,
                stderr=said,
                env=self._environ,
                start_new_session=True,
            )
        return self


class Wires:
    """Feeds that list something new at each poll, and what they ever listed."""

    def __init__(self, server: FeedServer, count: int) -> None:
        self.server = server
        self.paths = [f"/f{number}" for number in range(count)]
        self.listed: set[str] = set()
        self._polls = dict.fromkeys(self.paths, 0)
        for path in self.paths:
            server.routes[path] = self._answer

    @property
    def urls(self) -> list[str]:
        return [self.server.url(path) for path in self.paths]

    def _answer(self, asked: Asked) -> Answer:
        self._polls[asked.path] += 1
        newest = self._polls[asked.path] * 3
        titles = [f"News {number} of {asked.path[1:]}" for number in range(newest, max(newest - LISTED, 0), -1)]
        self.listed |= set(titles)
        return Answer(rss(*titles), headers={"Content-Type": "application/rss+xml"})


@pytest.fixture
def producer(tmp_path: Path) -> Iterator[Callable[..., Producer]]:
    """Makes producers; what still runs at the end is killed."""
    config = make_config(tmp_path)
    (config / "settings.yml").write_text(
        "packs: []\nlog:\n  form: json\npolling:\n  allow_private: [127.0.0.0/8]\n  parsers: 1\n"
    )
    made: list[Producer] = []

    def make(settings: KafkaSettings, shard: str = "1/1") -> Producer:
        made.append(Producer(tmp_path, settings, shard, f"producer{len(made)}"))
        return made[-1]

    yield make
    for one in made:
        if one._running is not None and one.code() is None:
            one.kill()


async def eventually(true: Callable[[], Any], one: Producer, seconds: float = 40.0) -> Any:
    """Waits for it and gives it; fails after the time, or when the producer ended."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if found := await asyncio.to_thread(true):
            return found
        assert one.code() is None, one.said[-3000:]
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {one.said[-3000:]}")


def stored(settings: KafkaSettings) -> list[Item]:
    return [decode(row.value or b"", Item) for row in rows_of(settings, "items")]


def titles(settings: KafkaSettings) -> set[str]:
    return {item.title for item in stored(settings)}


async def test_while_the_broker_is_away_nothing_is_fetched_and_then_nothing_is_lost(
    own_broker: Own, prefix: str, producer: Callable[..., Producer], tmp_path: Path
) -> None:
    broker = await asyncio.to_thread(own_broker)
    settings = settings_for(broker.address, prefix)
    await asyncio.to_thread(make_topics, settings)
    async with serving() as server:
        wires = Wires(server, 4)
        write_feeds(tmp_path / "config", *wires.urls)
        one = producer(settings).start()
        await eventually(lambda: all(server.times(path) > 2 for path in wires.paths), one)
        assert (await asyncio.to_thread(one.ask, "/ready"))[0] == 200
        await asyncio.to_thread(broker.kill)
        await eventually(lambda: one.ask("/ready")[0] == 503, one, 10)
        _, said = await asyncio.to_thread(one.ask, "/ready")
        assert json.loads(said)["reasons"][0].startswith("broker_away: ")
        await asyncio.sleep(1.5)
        asked = len(server.asked)
        await asyncio.sleep(6)
        assert len(server.asked) == asked
        assert (await asyncio.to_thread(one.ask, "/live"))[0] == 200
        listed = set(wires.listed)
        began = time.monotonic()
        await asyncio.to_thread(broker.start)
        await eventually(lambda: one.ask("/ready")[0] == 200, one, 30)
        await eventually(lambda: listed <= titles(settings), one, 30)
        await eventually(lambda: len(server.asked) > asked + 8, one, 30)
        assert time.monotonic() - began < 60
        ended, seconds = await asyncio.to_thread(one.end)
        assert (ended, seconds < 10) == (0, True)
    items = await asyncio.to_thread(stored, settings)
    written = {item.title for item in items}
    assert written <= wires.listed
    assert len(wires.listed - written) <= len(wires.paths)  # what was being read as it was told to end
    assert {len({item.id for item in items if item.title == title}) for title in written} == {1}


async def test_a_producer_killed_again_and_again_stores_every_entry_once(
    kafka: str, prefix: str, producer: Callable[..., Producer], tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix)
    await asyncio.to_thread(make_topics, settings)
    chance = random.Random(4)
    async with serving() as server:
        wires = Wires(server, 6)
        write_feeds(tmp_path / "config", *wires.urls)
        one = producer(settings)
        for _ in range(4):
            before = len(server.asked)
            await asyncio.to_thread(one.start)
            await eventually(lambda before=before: len(server.asked) > before + 6, one)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 1.5))
            await asyncio.to_thread(one.kill)
        listed, before = set(wires.listed), len(server.asked)
        await asyncio.to_thread(one.start)
        await eventually(lambda: len(server.asked) > before + 6 and listed <= titles(settings), one)
        assert (await asyncio.to_thread(one.end))[0] == 0
    items = await asyncio.to_thread(stored, settings)
    written = {item.title for item in items}
    # what was being read as it was told to end may be left for the next
    assert listed <= written <= wires.listed
    assert len({item.id for item in items}) == len(written)


async def test_each_feed_is_polled_by_one_of_two_and_goes_over_when_the_other_ends(
    kafka: str, prefix: str, producer: Callable[..., Producer], tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix)
    await asyncio.to_thread(make_topics, settings)
    async with serving() as server:
        wires = Wires(server, 6)
        write_feeds(tmp_path / "config", *wires.urls)
        two = [producer(settings, shard).start() for shard in ("1/2", "2/2")]
        for one in two:
            await eventually(lambda one=one: one.ask("/ready")[0] == 200, one)  # type: ignore[misc]
        await eventually(lambda: all(server.times(path) > 2 for path in wires.paths), two[0])
        for one in two:
            assert (await asyncio.to_thread(one.end))[0] == 0
        # two pollers of one feed would have written repeats
        once_but_for_the_last(await asyncio.to_thread(stored, settings), wires)
        alone = producer(settings, "1/1").start()
        before = {path: server.times(path) for path in wires.paths}
        await eventually(lambda: all(server.times(path) > before[path] for path in wires.paths), alone)
        assert (await asyncio.to_thread(alone.end))[0] == 0
    once_but_for_the_last(await asyncio.to_thread(stored, settings), wires)


def once_but_for_the_last(written: Sequence[Item], wires: Wires) -> None:
    """Each listed entry is written once, but for what a feed was about to give when its producer was told to end."""
    titles = {item.title for item in written}
    assert len(written) == len(titles)
    assert titles <= set(wires.listed)
    assert len(set(wires.listed) - titles) <= len(wires.paths)


async def test_without_a_broker_it_waits_red_fetches_nothing_and_ends_when_told(
    prefix: str, producer: Callable[..., Producer], tmp_path: Path
) -> None:
    async with serving() as server:
        wires = Wires(server, 2)
        write_feeds(tmp_path / "config", *wires.urls)
        one = producer(settings_for("127.0.0.1:9", prefix)).start()
        await eventually(lambda: "broker_away" in one.ask("/ready")[1], one)
        assert (await asyncio.to_thread(one.ask, "/live"))[0] == 200
        await asyncio.sleep(2)
        assert not server.asked
        code, seconds = await asyncio.to_thread(one.end)
        assert (code, seconds < 5) == (0, True), one.said[-2000:]


def test_a_share_that_is_none_ends_the_start_in_words(producer: Callable[..., Producer]) -> None:
    one = producer(settings_for("127.0.0.1:9", ""), "5/4").start()
    assert one._running is not None
    assert one._running.wait(30) == 2
    assert "5/4 is no share" in one.said


def test_polling_counts_as_stalled_where_nothing_moves_though_feeds_are_due() -> None:
    fine = [make_state("a", last_poll=NOON, next_poll=NOON)]
    assert stalled(NOON, fine, NOON) == ()
    assert stalled(NOON, fine, NOON + ROUND * 2)[0].startswith("polling_stalled: feeds were last looked through 120 s")
    later = NOON + OVERDUE * 2
    assert stalled(later, fine, later)[0] == "polling_stalled: 1 feeds are due, and none was polled for 600 s"
    other = make_state("b", last_poll=later, next_poll=later)
    assert stalled(later, [*fine, other], later) == ()
    assert stalled(later, [FeedState(feed="new")], later) == ()
