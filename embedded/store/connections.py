"""Opens the SQLite file: one connection that writes, and read-only ones beside it."""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from ceasewire.errors import StoreError
from embedded.store.faults import explain, no_permission
from embedded.store.kept import refuse_if_cut_off
from embedded.store.schema import STEPS, check_version, migrate

BUSY = 5.0
"""Seconds to wait for another program's write."""


def open_writable(path: Path) -> sqlite3.Connection:
    """The writing connection: WAL, synchronous=FULL, newest schema; makes folder (0700) and file (0600).

    Raises StoreError in words; makes no new store beside one that a restore put aside.
    """
    refuse_if_cut_off(path)
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise no_permission(path) from error
    connection = sqlite3.connect(path, timeout=BUSY, isolation_level=None, check_same_thread=False)
    try:
        check_version(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA journal_size_limit = 67108864")
        connection.execute("PRAGMA cache_size = -16000")
        migrate(connection, path)
    except sqlite3.Error as error:
        connection.close()
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def open_readable(path: Path) -> sqlite3.Connection:
    """A connection that cannot write; raises StoreError where the file is missing, alien or of another schema."""
    refuse_if_cut_off(path)
    if not path.exists():
        raise StoreError(f"there is no store at {path} yet: start Ceasewire with: ceasewire run")
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode=ro",
            uri=True,
            timeout=BUSY,
            isolation_level=None,
            check_same_thread=False,
        )
    except sqlite3.Error as error:
        raise explain(error, path) from error
    try:
        version = check_version(connection, path)
        if version < len(STEPS):
            raise StoreError(f"{path} has the older schema {version}: start this version once with: ceasewire run")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA cache_size = -8000")
    except sqlite3.Error as error:
        connection.close()
        raise explain(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection
