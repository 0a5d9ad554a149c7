"""Rows that Faust passes over at a rebalance, or brings twice: each is handled, and once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

from faust.types import TP
from structlog.testing import capture_logs

from ceasewire import topics
from ceasewire.metrics import Metrics
from streams.app import App, build
from tests.cluster.brokers import make_topics, settings_for
from tests.cluster.test_app import Echo, lost_but_for, running, thread, within, write
from tests.cluster.workers import committed, until_done


class Taken:
    """A stream that gives one batch, beside the little of Faust that is asked meanwhile."""

    def __init__(self, *messages: tuple[int, int]) -> None:
        """Generation and offset of each."""
        self.events = [
            SimpleNamespace(
                message=SimpleNamespace(
                    generation_id=generation, partition=0, offset=offset, key=b"k", value=b"v", timestamp=0.0
                )
            )
            for generation, offset in messages
        ]
        self.acked: list[int] = []
        self.consumer_generation_id = 2
        self.consumer = SimpleNamespace(unacked=self)
        self.producer = self
        self.let_go: list[int] = []

    async def noack_take(self, _: int, within: float) -> AsyncIterator[list[SimpleNamespace]]:
        yield self.events

    async def ack(self, event: SimpleNamespace) -> None:
        self.acked.append(event.message.offset)

    def discard(self, message: SimpleNamespace) -> None:
        self.let_go.append(message.offset)

    async def send(self, *_: object, **__: object) -> asyncio.Future[None]:
        sent = asyncio.get_running_loop().create_future()
        sent.set_result(None)
        return sent


async def test_a_row_of_an_earlier_deal_takes_none_of_this_one_with_it() -> None:
    """One that Faust held in hand while the group dealt anew stands before those that are ours now."""
    stage = Echo()
    app = build(stage, settings_for("127.0.0.1:1", "t-"), Metrics())
    stream = Taken((1, 9), (2, 5), (2, 6))
    app._app = cast("Any", stream)
    app.assigned(frozenset({0}))
    app._offsets.begin({0: 5})
    await within(5, lambda: stage.ready)
    await app._act(stream)
    assert stage.handled == [(0, 5), (0, 6)]
    assert stream.acked == [5, 6]
    assert stream.let_go == [9, 5, 6]
    assert app._offsets.uncommitted == {0: 7}


async def test_rows_that_were_passed_over_are_handled_first(kafka: str, prefix: str) -> None:
    """As Faust does with what it had in hand at a rebalance, where nothing is committed that it could go back to."""
    settings = settings_for(kafka, prefix, partitions=1)
    await thread(lambda: make_topics(settings))
    await thread(lambda: write(settings, *[b"row"] * 8))
    stage = Echo()
    app = build(stage, settings, Metrics())
    stream = Taken((2, 2), (2, 3), (2, 6))
    app._app = cast("Any", stream)
    app.assigned(frozenset({0}))
    app._offsets.begin({0: 1})
    await within(5, lambda: stage.ready)
    await app._act(stream)
    assert stage.handled == [(0, offset) for offset in range(1, 7)]
    assert stream.acked == [2, 3, 6]
    assert app._offsets.uncommitted == {0: 7}


async def test_rows_that_come_twice_in_a_deal_are_handled_once() -> None:
    stage = Echo()
    app = build(stage, settings_for("127.0.0.1:1", "t-"), Metrics())
    stream = Taken((2, 5), (2, 6), (2, 5), (2, 7), (2, 4))
    app._app = cast("Any", stream)
    app.assigned(frozenset({0}))
    app._offsets.begin({0: 5})
    await within(5, lambda: stage.ready)
    await app._act(stream)
    await app._act(stream)
    assert stage.handled == [(0, 5), (0, 6), (0, 7)]
    assert app._offsets.uncommitted == {0: 8}


def joined(app: App) -> bool:
    return app._held is not None


async def test_who_stands_by_passes_no_row_over_when_it_takes_over(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix, partitions=1)
    await thread(lambda: make_topics(settings))
    stop = asyncio.Event()

    async def feed() -> None:
        while not stop.is_set():
            await thread(lambda: write(settings, b"row"))

    feeding = asyncio.create_task(feed())
    with capture_logs() as said:
        working = AsyncExitStack()
        for number in range(5):
            stage, standing_by = Echo(), AsyncExitStack()
            app = build(stage, settings, Metrics())
            await standing_by.enter_async_context(running(app))
            await within(30, partial(joined, app))
            assert not number or app._held == frozenset()
            await working.aclose()
            await within(30, partial(getattr, stage, "handled"))
            working = standing_by
        stop.set()
        await feeding
        await thread(lambda: until_done(settings, "echo", topics.ITEMS, 30, lambda: ""))
        await working.aclose()
    odd = [line for line in said if line["event"] in ("rows_passed_over", "rows_came_again", "rows_asked_for_again")]
    assert not odd
    assert not lost_but_for(settings)


async def test_last_rows_that_were_passed_over_are_asked_for_again(kafka: str, prefix: str) -> None:
    """Where no row comes after them, none tells that they are missing."""
    settings = settings_for(kafka, prefix, partitions=1)
    await thread(lambda: make_topics(settings))
    stage = Echo()
    app = build(stage, settings, Metrics())
    async with running(app):
        await within(20, lambda: stage.ready)
        await thread(lambda: write(settings, *[b"row"] * 5))
        await within(10, lambda: sum(committed(settings, "echo").values()) == 5)
        assert app._app is not None
        # as where Faust was at the end of what it fetched when it let go of it
        app._app.consumer.pause_partitions(app._app.consumer.assignment())
        await asyncio.sleep(1.2)
        await thread(lambda: write(settings, *[b"row"] * 5))
        await cast("Any", app._app.consumer).seek_wait({TP(settings.prefix + topics.ITEMS, 0): 10})
        app._app.consumer.resume_partitions(app._app.consumer.assignment())
        await asyncio.sleep(1.0)
        assert len(stage.handled) == 5
        await within(30, lambda: len(stage.handled) == 10)
        await within(5, lambda: sum(committed(settings, "echo").values()) == 10)
