"""A bench for producers: a server, an intake, a clock that stands, and a poller over them."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.items import Item, Tagged
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from producers.parse import Bounds
from producers.poller import Poller, Tuning
from tests.fakes.engine import WordEngine
from tests.fakes.feed_server import FeedServer, serving
from tests.fakes.intake import MemoryIntake

LOOPBACK = "127.0.0.1/32"


class Bench:
    """What a test of the poller works with."""

    def __init__(self, server: FeedServer) -> None:
        self.server = server
        self.intake = MemoryIntake()
        self.metrics = Metrics()
        self.moment = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
        self.feeds: list[Feed] = []
        self.settings = PollingSettings(timeout=timedelta(seconds=5), allow_private=(LOOPBACK,))
        self.tag: Callable[[Item], Tagged] | None = None
        self.poller = self.another(self.intake)

    def another(self, intake: MemoryIntake) -> Poller:
        """A poller over another intake, or over the same after a crash."""
        return Poller(
            intake,
            lambda: self.feeds,
            lambda: self.settings,
            self.metrics,
            lambda: self.moment,
            Tuning(
                bounds=Bounds(cpu_seconds=3, wall_seconds=15),
                store_retry_seconds=0.05,
                page_gap_seconds=0.0,
                chance=random.Random(1),
            ),
            tag=self.tag,
        )

    def state(self, feed_id: str) -> FeedState:
        """What the poller knows of a feed now."""
        return self.poller.states().get(feed_id) or FeedState(feed=feed_id)

    def add(self, feed_id: str, url: str, **more: Any) -> Feed:
        """Puts a feed on the list."""
        feed = Feed(id=feed_id, url=url, outlet=more.pop("outlet", f"Outlet {feed_id}"), **more)
        self.feeds = [*(known for known in self.feeds if known.id != feed_id), feed]
        return feed

    async def check(self, feed_id: str, force: bool = False) -> FeedState:
        """Polls a feed now."""
        return await self.poller.check(feed_id, force)

    def later(self, **span: float) -> None:
        """Moves the clock."""
        self.moment += timedelta(**span)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with serving() as fake:
        yield fake


@pytest.fixture
async def bench(server: FeedServer) -> AsyncIterator[Bench]:
    made = Bench(server)
    first = made.poller
    yield made
    await first.close()
    await made.poller.close()


@pytest.fixture
async def reading(server: FeedServer) -> AsyncIterator[Bench]:
    """A bench that reads pages, of what has "ceasefire" in its title."""
    made = Bench(server)
    made.tag = WordEngine().tag
    first, made.poller = made.poller, made.another(made.intake)
    await first.close()
    yield made
    await made.poller.close()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Waits for a condition; fails where it does not come true in time."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert condition()


@contextlib.asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[None]:
    """The poller's loop, stopped at the end."""
    stop = asyncio.Event()
    task = asyncio.create_task(bench.poller.run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
