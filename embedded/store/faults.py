"""What SQLite says when it fails, as words that tell a person what to do."""

import shutil
import sqlite3
from pathlib import Path

from ceasewire.errors import CodecError, StoreError

FULL = 1_000_000
"""Bytes of free space under which a failed write is taken for a full disk."""


class DiskFull(StoreError):
    """There is no space to write. Nothing that was accepted is lost; a later try may work."""


class QueryTooSlow(StoreError):
    """A read that was stopped at its time limit."""


def explain(error: sqlite3.Error, path: Path) -> StoreError:
    """The error in words, of the kind that callers tell apart."""
    code = getattr(error, "sqlite_errorcode", 0) or 0
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _no_space(path)):
        return DiskFull(
            f"the disk of {path} is full: nothing that was taken in is lost; "
            "work goes on by itself when there is space again"
        )
    if primary == sqlite3.SQLITE_INTERRUPT:
        return QueryTooSlow("this took too long and was stopped: ask for fewer days or rarer words")
    if primary == sqlite3.SQLITE_NOTADB:
        return StoreError(f"{path} is not a Ceasewire store: it is not a database")
    if primary == sqlite3.SQLITE_CORRUPT:
        return StoreError(f"{path} is damaged ({error}): restore the last backup with: ceasewire restore FILE")
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return no_permission(path)
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"another program holds {path}: end it, or try again")
    return StoreError(f"{path}: {error}")


def unreadable(error: CodecError, path: Path) -> StoreError:
    """Words for a row that this program cannot read."""
    return StoreError(f"{path} holds something that cannot be read ({error}): restore the last backup")


def no_permission(path: Path) -> StoreError:
    """Words for a folder or file that may not be written."""
    return StoreError(f"cannot write {path}: give this user the folder {path.parent}, or choose another with --data")


def _no_space(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < FULL
    except OSError:
        return False
