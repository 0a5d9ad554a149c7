"""Copies of the store: online backup, restore, and the check that a file is whole."""

import os
import shutil
import sqlite3
from pathlib import Path

from ceasewire.errors import StoreError
from embedded.store.faults import explain
from embedded.store.kept import free_name, log_of
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
            # a transaction reads one snapshot from its first look on; without one each commit starts the copy anew
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
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

    Nothing that was kept is ever overwritten. Refused while a runtime runs (by its lock) and for a backup that is
    not whole or of a newer schema: StoreError.
    """
    with hold(lock):
        if not source.is_file():
            raise StoreError(f"there is no file {source}")
        part = store.with_name(store.name + ".part")
        try:
            _copy(source, part)
            if log_of(source).exists():  # one that a restore put aside, with its log
                _copy(log_of(source), log_of(part))
            _fold_and_check(part, source)
            _persist(part)
            return _exchange(part, store)
        except OSError as error:
            raise StoreError(f"cannot write {store}: {error.strerror}; the store is as it was") from error
        finally:
            for path in (part, *_beside(part)):
                path.unlink(missing_ok=True)


def faults(connection: sqlite3.Connection) -> list[str]:
    """What SQLite's integrity check finds, at most ten lines; empty when all is well."""
    rows = connection.execute("PRAGMA integrity_check(10)").fetchall()
    return [] if rows == [("ok",)] else [str(row[0]) for row in rows]


def shorten_log(connection: sqlite3.Connection) -> None:
    """Folds the log into the file and cuts it to nothing, if no reader is in the way."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fold_and_check(part: Path, source: Path) -> None:
    """Makes one whole file of the copy and its log; raises StoreError, which names the source, where it is none."""
    try:
        connection = sqlite3.connect(part, isolation_level=None)
        try:
            if check_version(connection, source) == 0:
                raise StoreError(f"{source} is not a Ceasewire store: it is empty")
            found = faults(connection)
            shorten_log(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explain(error, source) from error
    if found:
        raise StoreError(f"{source} is damaged and was not restored: {found[0]}")


def _exchange(part: Path, store: Path) -> Path | None:
    """Moves the store out of the way and `part` in its place; where that fails the store is put back."""
    kept = _put_aside(store) if store.exists() else None
    try:
        for path in _beside(store):  # a log that is not of this file would damage it
            path.unlink(missing_ok=True)
        part.replace(store)
    except OSError as error:
        if kept:
            _put_back(kept, store, error)
        raise
    _persist(store.parent)
    return kept


def _put_aside(store: Path) -> Path:
    """Gives the store another name, and its log with it: that may hold rows that the file lacks.

    Nothing is folded in before: on a damaged file that could lose them. The log is copied first, so that the kept
    store is whole whenever this ends.
    """
    kept = free_name(store)
    log = log_of(store)
    try:
        if log.exists() and log.stat().st_size:  # left by a kill, or by another program that reads
            _copy(log, log_of(kept))
            _persist(log_of(kept))
        store.replace(kept)
    except OSError:
        log_of(kept).unlink(missing_ok=True)
        raise
    return kept


def _put_back(kept: Path, store: Path, error: OSError) -> None:
    try:
        if log_of(kept).exists():
            log_of(kept).replace(log_of(store))
        kept.replace(store)
    except OSError:
        words = f"cannot write {store}: {error.strerror}; the old store is kept as {kept}: rename it to {store.name}"
        raise StoreError(words) from error


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    target.chmod(0o600)


def _beside(store: Path) -> tuple[Path, Path]:
    return log_of(store), store.with_name(store.name + "-shm")


def _persist(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
