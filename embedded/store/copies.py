"""Copies of the store: online backup, restore, and the check that a file is whole."""

import os
import shutil
import sqlite3
from pathlib import Path

from ceasewire.errors import StoreError
from embedded.store.faults import explain
from embedded.store.lock import hold
from embedded.store.schema import check_version

PAGES = 2000
"""Pages copied at a time."""


def backup(connection: sqlite3.Connection, target: Path) -> int:
    """Copies the snapshot that `connection` reads into the new file `target` (0600); gives its bytes.

    The file appears under its name only when it is whole and durable. Raises StoreError.
    """
    if target.exists():
        raise StoreError(f"{target} is there already: choose another name")
    part = target.with_name(target.name + ".part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            connection.backup(copy, pages=PAGES, sleep=0)
            copy.execute("PRAGMA journal_mode = DELETE")
            found = faults(copy)
        finally:
            copy.close()
        if found:
            raise StoreError(f"the copy is not whole, so it was thrown away: {found[0]}")
        _persist(part)
        part.replace(target)
        _persist(target.parent)
        return target.stat().st_size
    except sqlite3.Error as error:
        raise explain(error, target) from error
    except OSError as error:
        raise StoreError(f"cannot write {target}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def restore(source: Path, store: Path, lock: Path) -> Path | None:
    """Puts the backup `source` in the place of the store; gives where the old store was kept, if there was one.

    Refused while a runtime runs (by its lock) and for a backup that is not whole or of a newer schema: StoreError.
    """
    with hold(lock):
        _check_backup(source)
        part = store.with_name(store.name + ".part")
        try:
            shutil.copyfile(source, part)
            part.chmod(0o600)
            _persist(part)
            kept = _put_aside(store)
            part.replace(store)
            _persist(store.parent)
        except OSError as error:
            raise StoreError(f"cannot write {store}: {error.strerror}; the store is as it was") from error
        finally:
            part.unlink(missing_ok=True)
        return kept


def faults(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's integrity check finds, at most ten lines; empty when all is well."""
    rows = connection.execute("PRAGMA integrity_check(10)").fetchall()
    return [] if rows == [("ok",)] else [str(row[0]) for row in rows]


def shorten_log(connection: sqlite3.Connection) -> None:
    """Folds the log into the file and cuts it to nothing, if no reader is in the way."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise StoreError(f"there is no file {source}")
    try:
        connection = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        try:
            if check_version(connection, source) == 0:
                raise StoreError(f"{source} is not a Ceasewire store: it is empty")
            found = faults(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, source) from error
    if found:
        raise StoreError(f"{source} is damaged and was not restored: {found[0]}")


def _put_aside(store: Path) -> Path | None:
    """Moves the store out of the way, its log folded in first."""
    if not store.exists():
        return None
    kept = store.with_name(store.name + ".before-restore")
    try:
        connection = sqlite3.connect(store, isolation_level=None)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
    except sqlite3.Error:  # a damaged store is why one restores
        pass
    store.replace(kept)
    for ending in ("-wal", "-shm"):
        store.with_name(store.name + ending).unlink(missing_ok=True)
    return kept


def _persist(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
