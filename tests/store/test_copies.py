"""Backup while writing, restore, and what is refused."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ceasewire.errors import StoreError
from ceasewire.query import Word
from ceasewire.views import Ask
from embedded.search import SqliteSearch
from embedded.store import Store, open_store, read_store
from embedded.store.copies import backup, restore
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


class Late(sqlite3.Connection):
    """A connection beside which something is written just before it is copied."""

    write: Callable[[], None]

    def backup(self, target: sqlite3.Connection, **how: Any) -> None:
        self.write()
        super().backup(target, **how)


def test_a_backup_is_not_started_anew_by_what_is_written_meanwhile(tmp_path: Path) -> None:
    """It copies the moment at which it began."""
    store = make_store(tmp_path)
    source = sqlite3.connect(store.path, factory=Late, isolation_level=None)

    def write() -> None:
        beside = sqlite3.connect(store.path, isolation_level=None)
        beside.execute("INSERT INTO meta (name, value) VALUES ('late', 1)")
        beside.close()

    source.write = write
    source.execute("BEGIN")
    backup(source, tmp_path / "copy.db")
    source.close()
    store.close()
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM meta WHERE name = 'late'").fetchone() == (0,)
    copy.close()


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


async def test_each_restore_keeps_the_store_that_it_replaced(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await store.backup(tmp_path / "copy.db")
    await put_all(store, [make_tagged(1, "Talks begin")])
    store.close()
    kept = [restore(tmp_path / "copy.db", path, lock) for _ in range(3)]
    assert [one.name for one in kept if one] == [
        "ceasewire.db.before-restore",
        "ceasewire.db.before-restore-2",
        "ceasewire.db.before-restore-3",
    ]
    assert kept[0]
    first = open_store(kept[0], lambda: NOON)
    assert await total(first) == 1
    first.close()


@contextmanager
def beside(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection with an open snapshot, which keeps the log from being folded in."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT count(*) FROM items").fetchone()
    try:
        yield connection
    finally:
        connection.close()


async def test_rows_that_stand_in_the_log_only_are_kept_too(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await store.backup(tmp_path / "copy.db")
    with beside(path):
        await put_all(store, [make_tagged(n, f"Talks {n}") for n in range(50)])
        store.close()
        kept = restore(tmp_path / "copy.db", path, lock)
    assert kept
    restored = open_store(path, lambda: NOON)
    assert (await total(restored), await restored.faults()) == (0, [])
    restored.close()
    restore(kept, path, lock)  # back again: the log goes with its file
    for one in (path, kept):
        store = open_store(one, lambda: NOON)
        assert (await total(store), await store.faults()) == (50, [])
        store.close()
    assert parts(tmp_path) == []


async def test_the_log_of_a_damaged_store_is_kept(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await store.backup(tmp_path / "copy.db")
    with beside(path):
        await put_all(store, [make_tagged(n, f"Talks {n}") for n in range(50)])
        store.close()
        log = path.with_name("ceasewire.db-wal").read_bytes()
    path.with_name("ceasewire.db-wal").write_bytes(log)
    path.write_bytes(b"nothing that can be read" * 100)
    kept = restore(tmp_path / "copy.db", path, lock)
    assert kept
    assert kept.with_name(kept.name + "-wal").read_bytes() == log
    assert not path.with_name("ceasewire.db-wal").exists()


async def test_a_store_that_cannot_be_replaced_is_put_back(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await store.backup(tmp_path / "copy.db")
    await put_all(store, [make_tagged(1, "Talks begin")])
    store.close()
    path.with_name("ceasewire.db-shm").mkdir()  # in the way, as a folder cannot be unlinked
    with pytest.raises(StoreError, match="the store is as it was"):
        restore(tmp_path / "copy.db", path, lock)
    path.with_name("ceasewire.db-shm").rmdir()
    store = open_store(path, lambda: NOON)
    assert await total(store) == 1
    store.close()
    assert not list(tmp_path.glob("*.before-restore*"))


async def test_no_empty_store_is_made_where_a_restore_was_cut_off(tmp_path: Path) -> None:
    path, lock = tmp_path / "ceasewire.db", tmp_path / "ceasewire.lock"
    store = make_store(tmp_path)
    await store.backup(tmp_path / "copy.db")
    store.close()
    path.rename(tmp_path / "ceasewire.db.before-restore")
    for open_it in (open_store, read_store):
        with pytest.raises(StoreError, match=r"a restore was cut off\. Do it again .* mv .*before-restore"):
            open_it(path, lambda: NOON)
    assert not path.exists()
    assert restore(tmp_path / "copy.db", path, lock) is None
    open_store(path, lambda: NOON).close()
