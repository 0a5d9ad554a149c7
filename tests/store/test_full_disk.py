"""A disk that is full: nothing that was taken in is lost, it is said in words, and work goes on by itself."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from embedded.intake import SqliteIntake
from embedded.store import Store
from embedded.store.faults import DiskFull
from tests.fakes.engine import WordEngine
from tests.store.making import Clock, make_item, make_state, make_store

NO_DISK = "NOT RUN: no small disk can be mounted here (it needs root and CAP_SYS_ADMIN)"


class Quota:
    """A store that may not grow: SQLite's own limit of pages, which needs no mount."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def fill(self, store: Store) -> None:
        await store.write(lambda c: c.execute(f"PRAGMA max_page_count = {_pages(c) + 3}") and None)

    async def free(self, store: Store) -> None:
        await store.write(lambda c: c.execute("PRAGMA max_page_count = 1000000") and None)


class Disk:
    """A file system of 4 MB that a balloon fills."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.balloon = folder / "balloon"

    async def fill(self, store: Store) -> None:
        handle = os.open(self.balloon, os.O_WRONLY | os.O_CREAT)
        try:
            while os.write(handle, bytes(4096)):
                pass
        except OSError:
            pass
        finally:
            os.close(handle)

    async def free(self, store: Store) -> None:
        os.unlink(self.balloon)


@pytest.fixture(params=["disk", "quota"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk | Quota]:
    if request.param == "quota":
        yield Quota(tmp_path)
        return
    if not _mount(tmp_path):
        pytest.skip(NO_DISK)
    yield Disk(tmp_path)
    subprocess.run(["umount", tmp_path], check=True)


async def test_a_full_disk_loses_nothing(disk: Disk | Quota) -> None:
    seed = random.randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    luck = random.Random(seed)
    engine = WordEngine()
    store = make_store(disk.folder)
    intake = SqliteIntake(store, lambda: engine, lambda *_: "{}", Clock(), Metrics())  # type: ignore[arg-type,return-value]
    taken: list[str] = []

    async def poll(number: int) -> None:
        items = [make_item(number * 10 + n, f"Talks {number} {n}", "Envoys met. " * 60) for n in range(5)]
        await intake.commit(items, make_state(etag=str(number)))
        taken.extend(item.id for item in items)

    number = 0
    for _ in range(5):
        for _ in range(luck.randrange(1, 6)):
            number += 1
            await poll(number)
        await disk.fill(store)
        refusals: list[str] = []
        for _ in range(30):
            try:
                await poll(number + 1)
                number += 1
            except DiskFull as error:
                refusals.append(str(error))
        assert refusals
        assert "by itself when there is space" in refusals[-1]
        assert len(await _ids(store)) == len(taken)
        await disk.free(store)
        number += 1
        await poll(number)
        assert await _ids(store) == set(taken)
        state = await intake.state("morning_wire")
        assert state == make_state(etag=str(number))
    assert await store.faults() == []
    intake.close()
    store.close()


@pytest.fixture(params=["full", "missing"])
def tiny(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder without space for a store, and one that is not there."""
    folder = tmp_path / "tiny"
    if request.param == "missing":
        yield folder
        return
    folder.mkdir()
    if not _mount(folder, kilobytes=40):
        pytest.skip(NO_DISK)
    yield folder
    subprocess.run(["umount", folder], check=True)


async def test_a_backup_that_finds_no_place_leaves_nothing(tmp_path: Path, tiny: Path) -> None:
    store = make_store(tmp_path)
    with pytest.raises(StoreError):
        await store.backup(tiny / "copy.db")
    store.close()
    assert not _inside(tiny)


async def _ids(store: Store) -> set[str]:
    return await store.read(lambda c: {row[0] for row in c.execute("SELECT id FROM items")})


def _inside(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.exists() else []


def _pages(connection: object) -> int:
    return int(connection.execute("PRAGMA page_count").fetchone()[0])  # type: ignore[attr-defined]


def _mount(folder: Path, kilobytes: int = 4096) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False
