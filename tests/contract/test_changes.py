"""What everything that tells of changes must do: the store's and the desk's fake."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from ceasewire.ports import Changes
from tests.fakes.desk_news import ITEMS
from tests.fakes.desk_ports import FakeChanges, World
from tests.store.making import make_store, make_tagged, put_all


@dataclass(frozen=True)
class Made:
    """The port, and a way to store an item."""

    port: Changes
    store: Callable[[], Awaitable[object]]


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[Made]:
    store = make_store(folder)
    count = iter(range(1000))
    yield Made(store.changes, lambda: put_all(store, [make_tagged(next(count))]))
    store.close()


@asynccontextmanager
async def _fake(_folder: Path) -> AsyncIterator[Made]:
    world = World()

    async def store() -> None:
        world.add(ITEMS[0])

    yield Made(FakeChanges(world), store)


@pytest.fixture(params=[_sqlite, _fake], ids=["sqlite", "fake"])
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Made]:
    async with request.param(tmp_path) as one:
        yield one


class Watcher:
    """One that watches from now on."""

    def __init__(self, port: Changes) -> None:
        self._changes = port.changes()
        self.next = asyncio.ensure_future(anext(self._changes))

    async def number(self) -> int:
        """The next number; after it the watcher waits for another."""
        number = await asyncio.wait_for(self.next, 5)
        self.next = asyncio.ensure_future(anext(self._changes))
        return number

    async def end(self) -> None:
        """Watches no more."""
        self.next.cancel()
        await asyncio.gather(self.next, return_exceptions=True)
        await self._changes.aclose()  # type: ignore[attr-defined]


async def test_nothing_is_told_before_something_is_stored(made: Made) -> None:
    watcher = Watcher(made.port)
    done, _ = await asyncio.wait({watcher.next}, timeout=0.2)
    assert not done
    await made.store()
    assert await watcher.number() == 1
    await watcher.end()


async def test_numbers_grow_and_come_at_most_twice_a_second(made: Made) -> None:
    watcher = Watcher(made.port)
    await asyncio.sleep(0)
    began = time.monotonic()
    await made.store()
    numbers = [await watcher.number()]
    for _ in range(3):
        await made.store()
        await made.store()
        numbers.append(await watcher.number())
    assert time.monotonic() - began >= 3 * 0.45
    assert numbers == [1, 3, 5, 7]
    await watcher.end()


async def test_each_watcher_is_told_of_each_change(made: Made) -> None:
    watchers = [Watcher(made.port) for _ in range(3)]
    await asyncio.sleep(0)
    await made.store()
    assert [await watcher.number() for watcher in watchers] == [1, 1, 1]
    await watchers[0].end()
    await made.store()
    assert [await watcher.number() for watcher in watchers[1:]] == [2, 2]
    for watcher in watchers[1:]:
        await watcher.end()


async def test_one_that_comes_later_is_told_of_later_changes_only(made: Made) -> None:
    await made.store()
    watcher = Watcher(made.port)
    done, _ = await asyncio.wait({watcher.next}, timeout=0.2)
    assert not done
    await made.store()
    assert await watcher.number() == 2
    await watcher.end()
