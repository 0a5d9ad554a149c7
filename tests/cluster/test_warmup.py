"""Reading what a group has handled from the log on a real broker: from where, up to where, and on."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ceasewire import topics
from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.errors import StoreError
from cluster.broker import Outgoing, Place
from streams.editions import EditionsTopic
from streams.stage import Row
from streams.warmup import WINDOWS_BACK, Warmup
from tests.cluster.brokers import asking, make_topics, settings_for, write_at

HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)


async def write(settings: KafkaSettings, hours: list[float]) -> None:
    """Rows of a topic that keeps the times it is given, so many hours before NOW."""
    await write_at(settings, "tagged", [(b"", b"%f" % ago, NOW - ago * HOUR) for ago in hours])


def commit(settings: KafkaSettings, offset: int) -> None:
    with asking(settings) as broker:
        broker.move("gather", {Place("tagged", 0): offset})


class Folded:
    """Keeps what was folded."""

    def __init__(self, settings: KafkaSettings, window: timedelta = HOUR) -> None:
        self.offsets: list[int] = []
        self.window, self.outdated = window, False
        self.warmup = Warmup(settings, "tagged", "gather", self._fold, lambda: self.window, self._renew)

    def _fold(self, row: Row) -> None:
        assert row.topic == "tagged"
        self.offsets.append(row.offset)

    def _renew(self) -> bool:
        if self.outdated:
            self.offsets.clear()
        outdated, self.outdated = self.outdated, False
        return outdated


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    found = settings_for(kafka, prefix, partitions=1)
    make_topics(found)
    return found


async def within(seconds: float, true: Callable[[], object]) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_nothing_is_read_where_nothing_was_committed(settings: KafkaSettings) -> None:
    await write(settings, [3, 2, 1])
    folded = Folded(settings)
    assert await folded.warmup.work() == 0
    assert folded.offsets == []
    await folded.warmup.close()


async def test_the_windows_before_the_last_row_that_was_handled(settings: KafkaSettings) -> None:
    hours = [20.0, 10.0, 7.5, 6.9, 4.0, 3.0, 2.0, 0.5]
    await write(settings, hours)
    await asyncio.to_thread(commit, settings, 6)
    folded = Folded(settings)
    # the last row that was handled is 3 hours old
    assert WINDOWS_BACK == 4
    assert await folded.warmup.work() == 3
    assert folded.offsets == [3, 4, 5]
    assert folded.warmup.through == 6
    await folded.warmup.close()


async def test_one_that_stands_by_follows_what_is_committed(settings: KafkaSettings) -> None:
    await write(settings, [3.0, 2.5, 2.0, 1.5])
    await asyncio.to_thread(commit, settings, 1)
    folded = Folded(settings)
    folded.warmup.follow()
    await within(10, lambda: folded.offsets == [0])
    await asyncio.to_thread(commit, settings, 3)
    await within(10, lambda: folded.offsets == [0, 1, 2])
    await asyncio.to_thread(commit, settings, 4)
    assert await folded.warmup.work() <= 1
    assert folded.offsets == [0, 1, 2, 3]
    folded.warmup.took(row_at(5))  # rows that came live meanwhile
    await asyncio.to_thread(commit, settings, 4)
    assert await folded.warmup.work() == 0
    assert folded.warmup.through == 6
    await folded.warmup.close()


@pytest.mark.parametrize("committed", [4, 0])
async def test_one_that_must_look_farther_back_reads_anew(settings: KafkaSettings, committed: int) -> None:
    """Up to the last row that came live, which need not be committed yet."""
    await write(settings, [20.0, 7.5, 6.0, 4.0, 3.0, 2.9, 2.8, 2.7])
    await asyncio.to_thread(commit, settings, 5)
    folded = Folded(settings)
    assert await folded.warmup.work() == 3
    assert folded.offsets == [2, 3, 4]
    folded.warmup.took(row_at(6))
    await asyncio.to_thread(commit, settings, committed)
    folded.window, folded.outdated = 4 * HOUR, True
    assert await folded.warmup.work() == 6
    assert folded.offsets == [1, 2, 3, 4, 5, 6]
    assert folded.warmup.through == 7
    await folded.warmup.close()


def row_at(offset: int) -> Row:
    return Row("tagged", 0, offset, b"", b"", NOW)


async def test_a_broker_that_is_away_is_told(kafka: str) -> None:
    folded = Folded(settings_for("127.0.0.1:1", "t-"))
    with pytest.raises(StoreError, match="t-tagged cannot be read"):
        await folded.warmup.work()
    await folded.warmup.close()


async def test_the_edition_only_ever_grows(settings: KafkaSettings) -> None:
    editions = EditionsTopic(settings)
    await editions.read()
    assert editions.number == 1
    stop = asyncio.Event()
    following = asyncio.create_task(editions.run(stop))
    for number, expected in ((3, 3), (2, 3), (12, 12)):
        with asking(settings) as broker:
            broker.write([Outgoing(topics.EDITIONS, KEY, encode(Edition(number=number)))])
            broker.write([Outgoing(topics.EDITIONS, KEY, b"{}no"), Outgoing(topics.EDITIONS, b"other", b"{}")])
        await within(5, lambda: editions.number == expected)  # noqa: B023
    stop.set()
    await asyncio.wait_for(following, 5)
    await editions.close()
