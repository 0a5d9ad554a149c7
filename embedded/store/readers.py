"""Read-only connections, one for each of a few threads."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ceasewire.errors import CodecError, StoreError
from embedded.store.connections import open_readable
from embedded.store.faults import explain, unreadable

T = TypeVar("T")
Ask = Callable[[sqlite3.Connection], T]
_STEPS = 2000
"""SQLite instructions between two looks at the clock."""


class Readers:
    """Runs reads beside the writer, each over one snapshot of the store."""

    def __init__(self, path: Path, threads: int = 3) -> None:
        open_readable(path).close()
        self._path = path
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store-reader")
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []

    async def read(self, ask: Ask[T], seconds: float | None = None) -> T:
        """What `ask` gives over one snapshot; stopped after `seconds` of work. Raises StoreError in words."""
        try:
            future = self._threads.submit(self._run, ask, seconds)
        except RuntimeError:
            raise StoreError(f"{self._path} is closed") from None
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Ends the threads and closes their connections."""
        self._threads.shutdown()
        for connection in self._connections:
            connection.close()
        self._connections.clear()

    def _run(self, ask: Ask[T], seconds: float | None) -> T:
        connection: sqlite3.Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = open_readable(self._path)
            self._connections.append(connection)
        if seconds is not None:
            deadline = time.monotonic() + seconds
            connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            connection.execute("BEGIN")
            return ask(connection)
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except CodecError as error:
            raise unreadable(error, self._path) from error
        finally:
            if seconds is not None:
                connection.set_progress_handler(None, 0)
            if connection.in_transaction:
                connection.rollback()
