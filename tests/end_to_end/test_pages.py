"""The running program reads linked pages: an alert that only the page gives, and kills in the midst of it."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ceasewire.codec import decode
from ceasewire.items import Tagged
from embedded.checking import check
from embedded.store import read_store
from embedded.store.feed_rows import all_states
from process.places import Places
from tests.cli.folders import ENVIRON, eventually, make_places
from tests.cli.test_runtime import get, running
from tests.fakes.feed_server import FeedServer, serving
from tests.fakes.pages import list_entries, serve_page, told
from tests.fakes.receiver import Receiver, receiving

COMMAND = [str(Path(sys.executable).parent / "ceasewire")]


def write_news(server: FeedServer, count: int) -> None:
    """A feed of entries that name Kyiv, whose pages alone speak of the harbour."""
    entries = []
    for number in range(count):
        title = f"Envoy {number} of the government is expected in Kyiv"
        page = serve_page(server, f"/n/{number}", *told(f"harbour {number}"), title=title)
        entries.append((title, f"Visit number {number}.", page))
    list_entries(server, "/feed", *entries, at=datetime.now(UTC))


def stored(path: Path) -> list[Tagged]:
    with closing(sqlite3.connect(path)) as store:
        bodies = store.execute("SELECT tagged FROM bodies").fetchall()
    return [decode(body, Tagged) for (body,) in bodies]


async def outcomes(path: Path) -> Counter[str]:
    """What became of the pages of all feeds, as the store has it."""
    if not path.exists():
        return Counter()
    store = read_store(path, lambda: datetime.now(UTC))
    try:
        states = await store.read(lambda connection: all_states(connection, with_entries=True))
    finally:
        store.close()
    pages = [seen.page for state in states.values() for seen in state.entries.values() if seen.page]
    return Counter("wanted" if page.wanted else page.outcome for page in pages)


async def test_a_page_raises_the_alert_that_its_entry_did_not(tmp_path: Path) -> None:
    async with serving() as server, receiving() as receiver:
        write_news(server, 1)
        places = make_places(tmp_path, server.url("/feed"), channel=f"{receiver.address}/hook")
        async with running(places) as runtime:
            await eventually(lambda: receiver.at("/hook"))
            _, found = await get(f"{runtime.address}api/items?q=harbour")
            (hit,) = found["hits"]
            assert hit["tagged"]["item"]["extent"] == "page"
            assert hit["versions"] == 2
            asked = server.times("/feed")
            await eventually(lambda: server.times("/feed") > asked + 2)
            assert "ceasewire_pages_total" in (await get(f"{runtime.address}metrics"))[1]
        assert len(receiver.at("/hook")) == 1
        assert server.times("/n/0") == 1


async def test_a_page_of_an_entry_that_a_command_stored_is_read_when_the_program_runs(tmp_path: Path) -> None:
    async with serving() as server, receiving() as receiver:
        write_news(server, 1)
        places = make_places(tmp_path, server.url("/feed"), channel=f"{receiver.address}/hook")
        await check(places, ENVIRON, ["f0"], False)
        assert await outcomes(places.store) == {"wanted": 1}
        assert server.times("/n/0") == 0
        async with running(places):
            await eventually(lambda: receiver.at("/hook"))
        assert await outcomes(places.store) == {"read": 1}


async def kill_again_and_again(places: Places, server: FeedServer, log: Path, entries: int, kills: int) -> None:
    luck = random.Random(kills)
    command = [*COMMAND, "--config", str(places.config), "--data", str(places.data), "run"]
    for kill in range(kills + 1):
        with log.open("ab") as said:
            process = subprocess.Popen(
                command, stdout=said, stderr=said, start_new_session=True, env={**os.environ, **ENVIRON}
            )
        asked = len(server.asked)
        await eventually(lambda asked=asked: len(server.asked) > asked, 60)  # type: ignore[misc]
        if kill < kills:
            await asyncio.sleep(luck.uniform(0.5, 2.5))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    for _ in range(600):
        if await outcomes(places.store) == {"read": entries}:
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=15) == 0, log.read_text()[-2000:]


def alerted(receiver: Receiver) -> Counter[str]:
    """Titles of the items that alerts told of, by different ids."""
    told = {post.headers["webhook-id"]: post.verify(ENVIRON["TEAM_KEY"]) for post in receiver.at("/hook")}
    return Counter(one["data"]["item"]["title"] for one in told.values())


@pytest.mark.timeout(300)
async def test_kills_lose_no_page_and_double_no_alert(tmp_path: Path) -> None:
    entries = 8
    async with serving() as server, receiving() as receiver:
        write_news(server, entries)
        places = make_places(tmp_path, server.url("/feed"), channel=f"{receiver.address}/hook")
        await kill_again_and_again(places, server, tmp_path / "log", entries, 5)
        assert await outcomes(places.store) == {"read": entries}
        items = stored(places.store)
        assert len(items) == entries
        assert {tagged.item.extent for tagged in items} == {"page"}
        assert all(f"harbour {tagged.item.title.split()[1]}" in tagged.item.text for tagged in items)
        assert sorted(alerted(receiver).values()) == [1] * entries
