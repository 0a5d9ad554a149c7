"""Backup while writing, restore, and what is refused."""

import asyncio
import stat
from pathlib import Path

import pytest

from ceasewire.errors import StoreError
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.search import SqliteSearch
from embedded.store import Store, open_store
from embedded.store.copies import restore
from embedded.store.lock import hold
from tests.store.making import NOON, make_store, make_tagged, put_all


async def total(store: Store) -> int:
    return (await SqliteSearch(store).search(Ask(node=Word("talks")))).total


def parts(folder: Path) -> list[Path]:
    """Copies that were not finished."""
    return list(folder.glob("*.part"))


async def test_a_backup_while_writing_is_one_moment_of_the_store(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(n, f"Talks {n}", "Envoys met. " * 30) for n in range(300)])
    stop = asyncio.Event()

    async def write() -> None:
        number = 1000
        while not stop.is_set():
            await put_all(store, [make_tagged(number + n, f"Talks {number + n}") for n in range(10)])
            number += 10

    writing = asyncio.ensure_future(write())
    sizes = [await store.backup(tmp_path / f"copy{n}.db") for n in range(3)]
    stop.set()
    await writing
    assert all(sizes)
    assert stat.S_IMODE((tmp_path / "copy0.db").stat().st_mode) == 0o600
    store.close()
    for number in range(3):
        copy = open_store(tmp_path / f"copy{number}.db", lambda: NOON)
        found = await total(copy)
        assert found >= 300
        assert found % 10 == 0
        assert await copy.faults() == []
        copy.close()
    assert parts(tmp_path) == []


async def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    (tmp_path / "copy.db").write_text("precious")
    with pytest.raises(StoreError, match="is there already"):
        await store.backup(tmp_path / "copy.db")
    with pytest.raises(StoreError, match="cannot write"):
        await store.backup(tmp_path / "no" / "folder" / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "precious"
    store.close()


async def test_a_restored_store_is_the_one_that_was_copied(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(1, "Talks begin")])
    await store.backup(tmp_path / "copy.db")
    await put_all(store, [make_tagged(2, "Talks go on")])
    store.close()
    kept = restore(tmp_path / "copy.db", path, lock)
    assert kept == tmp_path / "ceasewire.db.before-restore"
    store = open_store(path, lambda: NOON)
    assert await total(store) == 1
    await put_all(store, [make_tagged(3, "Talks end")])
    assert await total(store) == 2
    store.close()
    before = open_store(kept, lambda: NOON)
    assert await total(before) == 2
    before.close()
    assert restore(tmp_path / "copy.db", tmp_path / "elsewhere.db", lock) is None


async def test_a_restore_is_refused_while_a_runtime_runs_or_for_a_bad_file(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await put_all(store, [make_tagged(n, f"Talks {n}", "Envoys met. " * 50) for n in range(200)])
    await store.backup(tmp_path / "copy.db")
    store.close()
    held = path.read_bytes()
    with hold(lock), pytest.raises(StoreError, match="runs already"):
        restore(tmp_path / "copy.db", path, lock)
    whole = (tmp_path / "copy.db").read_bytes()
    (tmp_path / "torn.db").write_bytes(whole[: len(whole) // 3])
    (tmp_path / "text.db").write_bytes(b"these are my notes " * 100)
    (tmp_path / "empty.db").write_bytes(b"")
    bad = bytearray(whole)
    bad[8192:12288] = bytes(4096)
    (tmp_path / "bad.db").write_bytes(bad)
    for name in ("torn.db", "text.db", "empty.db", "bad.db", "missing.db"):
        with pytest.raises(StoreError):
            restore(tmp_path / name, path, lock)
        assert path.read_bytes() == held
    assert parts(tmp_path) == []
