"""What every intake must do: the store's, Kafka's and the fake's."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from ceasewire.codec import decode
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from ceasewire.polling import Seen
from ceasewire.ports import Intake
from embedded.intake import SqliteIntake
from tests.fakes.engine import WordEngine
from tests.fakes.intake import MemoryIntake
from tests.store.making import NOON, Clock, make_item, make_state, make_store


@dataclass(frozen=True)
class Made:
    """An intake, and a way to see what it took."""

    intake: Intake
    item: Callable[[str], Awaitable[Item | None]]


@asynccontextmanager
async def _sqlite(folder: Path) -> AsyncIterator[Made]:
    store = make_store(folder, Clock())
    intake = SqliteIntake(store, WordEngine, lambda *_: "{}", Clock(), Metrics())  # type: ignore[arg-type]

    async def item(key: str) -> Item | None:
        way = await store.items.way(key)
        return way.tagged.item if way else None

    yield Made(intake, item)
    intake.close()
    store.close()


@asynccontextmanager
async def _memory(_folder: Path) -> AsyncIterator[Made]:
    intake = MemoryIntake()

    async def item(key: str) -> Item | None:
        return next((one for one in reversed(intake.items) if one.id == key), None)

    yield Made(intake, item)


@asynccontextmanager
async def _kafka(_folder: Path, bootstrap: str, prefix: str) -> AsyncIterator[Made]:
    from tests.cluster.brokers import make_topics, rows_of, settings_for, taking  # noqa: PLC0415

    settings = settings_for(bootstrap, prefix)
    make_topics(settings)

    async def item(key: str) -> Item | None:
        rows = await asyncio.to_thread(rows_of, settings, "items")
        return next((decode(row.value or b"", Item) for row in reversed(rows) if row.key == key.encode()), None)

    async with taking(settings) as intake:
        yield Made(intake, item)


@pytest.fixture(
    params=[_sqlite, pytest.param(_kafka, marks=pytest.mark.kafka), _memory], ids=["store", "kafka", "fake"]
)
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Made]:
    services = ("kafka", "prefix") if request.param is _kafka else ()
    async with request.param(tmp_path, *(request.getfixturevalue(name) for name in services)) as one:
        yield one


async def test_nothing_is_remembered_of_a_new_feed(made: Made) -> None:
    assert await made.intake.state("morning_wire") is None


async def test_a_state_comes_back_whole(made: Made) -> None:
    seen = Seen(item="i_1", rev=7, fingerprint="f", first_seen=NOON, last_seen=NOON)
    state = make_state(
        etag='"1"',
        last_modified="then",
        body_hash="b",
        address_hash="a",
        entries={"guid:ключ": seen},
        aliases={"link": "guid:ключ"},
        unstable_ids=True,
        recent=(NOON,),
        health="failing",
        reason="not_found",
        detail="слова",
        next_poll=NOON + timedelta(minutes=5),
    )
    await made.intake.commit([], state)
    assert await made.intake.state("morning_wire") == state
    assert await made.intake.state("evening_post") is None


async def test_a_new_state_takes_the_place_of_the_old(made: Made) -> None:
    seen = Seen(item="i_1", rev=7, fingerprint="f", first_seen=NOON, last_seen=NOON)
    await made.intake.commit([], make_state(etag="1", entries={"a": seen}))
    await made.intake.commit([], make_state(entries={"b": seen}))
    assert await made.intake.state("morning_wire") == make_state(entries={"b": seen})


async def test_items_are_taken_with_the_state(made: Made) -> None:
    items = [make_item(1, "Rain in the hills"), make_item(2, "Ceasefire talks open")]
    await made.intake.commit(items, make_state(etag="1"))
    assert [await made.item(one.id) for one in items] == items
    assert await made.intake.state("morning_wire") == make_state(etag="1")


async def test_a_commit_that_is_repeated_changes_nothing(made: Made) -> None:
    item = make_item(1, "Rain in the hills")
    for _ in range(2):
        await made.intake.commit([item], make_state(etag="1"))
    assert await made.item(item.id) == item


async def test_a_later_revision_takes_the_place_of_the_former(made: Made) -> None:
    item = make_item(1, "Rain in the hills")
    edited = msgspec.structs.replace(make_item(1, "Snow in the hills"), rev=2)
    await made.intake.commit([item], make_state())
    await made.intake.commit([edited], make_state())
    assert await made.item(item.id) == edited
