"""Faust's consumer where partitions are dealt anew in the midst of what it does; the broker beneath it is played."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from faust.types import TP

from ceasewire.metrics import Metrics
from streams.app import App, build
from streams.faust_consumer import Consumer
from tests.cluster.brokers import settings_for
from tests.cluster.test_app import Echo
from tests.streams.test_offsets import rows

PLACE, OTHER = TP("t-items", 0), TP("t-items", 1)


class Thread:
    """What Faust's thread does with the broker; each call can be held up, as a slow answer would."""

    def __init__(self, committed: dict[TP, int | None]) -> None:
        self.held = set(committed)
        self.committed = committed
        self.refuses = False
        self.asked: list[str] = []
        self.sought: dict[TP, int] = {}
        self._held_up: dict[str, asyncio.Event] = {}

    def hold_up(self, call: str) -> asyncio.Event:
        """The next such call returns once this is set."""
        self._held_up[call] = asyncio.Event()
        return self._held_up[call]

    async def _answer(self, call: str) -> None:
        self.asked.append(call)
        if call in self._held_up:
            await self._held_up[call].wait()

    def assignment(self) -> set[TP]:
        return set(self.held)

    async def seek_to_committed(self) -> dict[TP, int | None]:
        found = dict(self.committed)
        await self._answer("seek_to_committed")
        return found

    async def earliest_offsets(self, *places: TP) -> dict[TP, int]:
        await self._answer("earliest_offsets")
        return dict.fromkeys(places, 0)

    async def seek_wait(self, offsets: Mapping[TP, int]) -> None:
        await self._answer("seek_wait")
        self.sought |= offsets

    async def commit(self, offsets: Mapping[TP, int]) -> bool:
        refused = self.refuses
        await self._answer("commit")
        if not refused:
            self.committed |= offsets
        return not refused


class Produced:
    """A producer that has nothing on its way."""

    async def flush(self) -> None: ...


@asynccontextmanager
async def dealt(committed: dict[TP, int | None]) -> AsyncIterator[tuple[App, Consumer, Thread]]:
    """A worker of the first deal, which was told where its partitions begin."""
    app = build(Echo(), settings_for("127.0.0.1:1", "t-"), Metrics())
    faust = app._make()
    faust._producer = cast("Any", Produced())
    consumer, thread = cast("Consumer", faust.consumer), Thread(committed)
    consumer._thread = cast("Any", thread)
    faust.topics._acking_topics.add(PLACE.topic)  # type: ignore[attr-defined]
    deal(app, consumer, 1, *committed)
    await consumer.perform_seek()
    yield app, consumer, thread
    if app._preparing is not None:
        app._preparing.cancel()


def deal(app: App, consumer: Consumer, turn: int, *places: TP) -> None:
    """As when the group has dealt anew."""
    cast("Thread", consumer._thread).held = set(places)
    consumer.app.consumer_generation_id = turn
    app.assigned(frozenset(place.partition for place in places))


def skip(consumer: Consumer, place: TP, offset: int) -> None:
    """As Faust's stream does with a row of an earlier deal: it acks it."""
    message = consumer._to_message(place, _Found(place, offset))
    assert not message.acked
    consumer.ack(message)
    assert message.acked


class _Found:
    timestamp, timestamp_type, headers, key, value = 0, 0, (), b"k", b"v"
    checksum = None
    serialized_key_size = serialized_value_size = 1

    def __init__(self, place: TP, offset: int) -> None:
        self.topic, self.partition, self.offset = place.topic, place.partition, offset


def done(app: App, place: TP, *offsets: int) -> None:
    app._offsets.handle(rows(place.partition, *offsets))


async def test_rows_that_were_skipped_are_not_committed() -> None:
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        done(app, PLACE, 5, 6)
        for offset in (5, 6, 7, 8):
            skip(consumer, PLACE, offset)
        assert await consumer.commit()
        assert thread.committed == {PLACE: 7}
        assert not await consumer.commit()
        assert not consumer._acked


@pytest.mark.parametrize("call", ["seek_to_committed", "earliest_offsets", "seek_wait"])
async def test_a_commit_meanwhile_does_not_say_where_a_partition_begins(call: str) -> None:
    """Row 5 was in hand when the group dealt anew, was skipped, and is the very next that is to be handled."""
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        deal(app, consumer, 2, PLACE)
        goes_on = thread.hold_up(call)
        seeking = asyncio.create_task(consumer.perform_seek())
        await asyncio.sleep(0.01)
        skip(consumer, PLACE, 5)
        await consumer.commit()
        goes_on.set()
        await seeking
        assert app._offsets.next(0) == 5
        assert thread.committed == {PLACE: 5}


async def test_where_nothing_was_ever_committed_what_was_skipped_does_not_say_where_it_begins() -> None:
    async with dealt({PLACE: None}) as (app, consumer, thread):
        deal(app, consumer, 2, PLACE)
        skip(consumer, PLACE, 0)
        await consumer.commit()
        await consumer.perform_seek()
        assert app._offsets.next(0) == 0
        assert thread.committed == {PLACE: None}
        assert thread.sought == {PLACE: 0}


@pytest.mark.parametrize("call", ["seek_to_committed", "earliest_offsets", "seek_wait"])
async def test_a_seek_of_an_earlier_deal_says_nothing_of_this_one(call: str) -> None:
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        deal(app, consumer, 2, PLACE)
        goes_on = thread.hold_up(call)
        seeking = asyncio.create_task(consumer.perform_seek())
        await asyncio.sleep(0.01)
        thread.committed |= {PLACE: 9, OTHER: 3}  # another worker did that in between
        deal(app, consumer, 3, PLACE, OTHER)
        goes_on.set()
        await seeking
        assert not app._offsets.begun.is_set()
        await consumer.perform_seek()
        assert [app._offsets.next(place) for place in (0, 1)] == [9, 3]


async def test_a_refused_commit_is_none() -> None:
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        done(app, PLACE, 5, 6)
        thread.refuses = True
        assert not await consumer.commit()
        assert app._offsets.uncommitted == {0: 7}
        thread.refuses = False
        assert await consumer.commit()
        assert thread.committed == {PLACE: 7}


async def test_a_commit_that_the_deal_overtook_is_not_made() -> None:
    """Whoever has the partition by now has gone on from there: it must not be set back."""
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        done(app, PLACE, 5, 6)
        offsets = consumer._filter_committable_offsets([])
        assert offsets == {PLACE: 7}
        thread.committed = {PLACE: 12}
        deal(app, consumer, 2, PLACE)
        assert not await consumer._commit_offsets(offsets)
        await consumer.perform_seek()
        assert not await consumer._commit_offsets(offsets)
        assert thread.committed == {PLACE: 12}


async def test_rows_commit_when_they_are_let_go_though_another_commit_is_on_its_way() -> None:
    async with dealt({PLACE: 5}) as (app, consumer, thread):
        done(app, PLACE, 5)
        goes_on = thread.hold_up("commit")
        first = asyncio.create_task(consumer.commit())
        await asyncio.sleep(0.01)
        done(app, PLACE, 6, 7)
        app._leaving.set()
        leaving = asyncio.create_task(consumer.on_partitions_revoked({PLACE}))
        await asyncio.sleep(0.01)
        goes_on.set()
        await first
        await asyncio.wait_for(leaving, 5)
        assert thread.committed == {PLACE: 8}
        assert app._offsets.next(0) is None


async def test_what_faust_read_before_does_not_keep_a_row_back() -> None:
    """It would drop what lies before the last row that it read, also in the next deal."""
    async with dealt({PLACE: 5}) as (_, consumer, _thread):
        read = consumer._read_offset
        read[PLACE] = 400
        read.update({PLACE: 400})
        assert read[PLACE] is None
        assert PLACE not in read
        assert not list(read)


async def test_nothing_flows_from_a_deal_on_until_it_is_ready() -> None:
    """Faust stops the flow only where it held something; what it then throws away it would not fetch again."""
    async with dealt({PLACE: 5}) as (app, consumer, _):
        seen: list[tuple[bool, bool]] = []

        async def assigned(_: set[TP], __: int = 0) -> None:
            seen.append((one.flow_active, one.app.flow_control.is_active()))

        async def revoked(_: set[TP]) -> None: ...

        async def message(_: object) -> None: ...

        one = Consumer(app, app._offsets, consumer.transport, message, revoked, cast("Any", assigned))
        one.resume_flow()
        one.app.flow_control.resume()
        one.app.on_rebalance_start()
        await one.on_partitions_assigned({PLACE}, 2)
        assert seen == [(False, False)]
