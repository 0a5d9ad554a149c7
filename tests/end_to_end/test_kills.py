"""The running program is killed again and again: nothing is lost, nothing is doubled, every alert keeps its id."""

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ceasewire.codec import decode
from ceasewire.items import Tagged
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.search import SqliteSearch
from embedded.store import read_store
from tests.end_to_end.world import SECRET, World, entry_text

ENTRIES = 400
COMMAND = [str(Path(sys.executable).parent / "ceasewire")]


def write_configuration(folder: Path, world: World) -> None:
    """One growing feed, one rule, one webhook, all on this machine."""
    (folder / "rules").mkdir(parents=True)
    (folder / "feeds.yml").write_text(
        f"feeds:\n- {{id: world, url: '{world.address}/feed', outlet: World, language: en, interval: 1 s,"
        " max_interval: 1 s, page: false, ignore_validators: true, allow_private: [127.0.0.0/8]}\n"
    )
    (folder / "channels.yml").write_text(
        f"channels:\n- {{id: hook, kind: webhook, url: '{world.address}/hook', secret: {SECRET},"
        " allow_private: [127.0.0.0/8]}\n"
    )
    (folder / "settings.yml").write_text("desk: {port: 0}\n")
    (folder / "rules" / "ceasefire.yml").write_text(
        "id: ceasefire\nname: Ceasefire\nquery: issue:ceasefire conflict:ukraine_russia\n"
        "max_age: 24 h\nchannels: [hook]\n"
    )


def start(places: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """The program in a process group of its own."""
    with log.open("ab") as writing:
        return subprocess.Popen(
            [*COMMAND, *places, "run"], stdout=writing, stderr=writing, start_new_session=True, env={**os.environ}
        )


async def until(true: Callable[[], bool], seconds: float, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Waits for something to become true; fails with the program's own words where it does not."""
    for _ in range(int(seconds / 0.02)):
        if true():
            return
        assert process.poll() is None, f"ended by itself: {log.read_text()[-2000:]}"
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {log.read_text()[-2000:]}")


async def counted(path: Path, *words: str) -> list[int]:
    """How many items a search finds by each of the words."""
    store = read_store(path, lambda: datetime.now(UTC))
    try:
        return [(await SqliteSearch(store).search(Ask(node=Word(word)))).total for word in words]
    finally:
        store.close()


async def kill_again_and_again(tmp_path: Path, kills: int) -> None:
    """The timeline: start, kill 0.1 to 0.7 s after the first fetch, again; at the end let it finish; count."""
    seed = random.SystemRandom().randrange(10**6)
    luck = random.Random(seed)
    print(f"seed {seed}")
    log = tmp_path / "log"
    async with World(ENTRIES, step=max(1, ENTRIES // kills)) as world:
        write_configuration(tmp_path / "config", world)
        places = ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
        for _ in range(kills):
            fetched = world.fetches
            process = start(places, log)
            await until(lambda seen=fetched: world.fetches > seen, 30, process, log)  # type: ignore[misc]
            await asyncio.sleep(luck.uniform(0.1, 0.7))
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        fetched = world.fetches
        process = start(places, log)
        await until(lambda: world.fetches > fetched and set(world.titles.values()) >= world.alerting, 90, process, log)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0, log.read_text()[-2000:]

        assert world.bad_signatures == 0
        assert set(world.titles.values()) == world.alerting
        assert len(world.titles) == len(world.alerting), "one alert came under two ids"
        repeats = sum(world.received.values()) - len(world.received)
        assert repeats <= kills, f"{repeats} repeats in {kills} kills"
        print(f"{kills} kills, {len(world.alerting)} alerts, {repeats} repeats")
    with sqlite3.connect(tmp_path / "data" / "ceasewire.db") as store:
        assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        bodies = store.execute("SELECT tagged FROM bodies").fetchall()
    store.close()
    stored = Counter(decode(body, Tagged).item.title for (body,) in bodies)
    assert stored == Counter(entry_text(number)[0] for number in range(ENTRIES))
    assert await counted(tmp_path / "data" / "ceasewire.db", "ceasefire", "fair") == [100, 300]


@pytest.mark.timeout(400)
async def test_twenty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 20)


@pytest.mark.long
@pytest.mark.timeout(3000)
async def test_two_hundred_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    await kill_again_and_again(tmp_path, 200)
