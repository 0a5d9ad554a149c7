"""The one thread that writes: each job is one transaction, durable when its result is there."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from ceasewire.errors import CodecError, StoreError
from embedded.store.connections import open_writable
from embedded.store.faults import explain, unreadable

T = TypeVar("T")
Job = Callable[[sqlite3.Connection], T]


class Writer:
    """Owns the writing connection. Use `write` from the event loop; jobs run one after the other."""

    def __init__(self, path: Path, changed: Callable[[], None]) -> None:
        self._path = path
        self._changed = changed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        try:
            self._connection = self._thread.submit(open_writable, path).result()
        except BaseException:
            self._thread.shutdown()
            raise

    async def write(self, job: Job[T], undone: Callable[[], None] | None = None) -> T:
        """Runs the job in a transaction; whole and durable when this returns, else undone and StoreError raised.

        `undone` is called in the writer's thread before any other job where the transaction failed.
        """
        result = await asyncio.wrap_future(self._submit(lambda one: self._transact(one, undone), job))
        self._changed()
        return result

    async def maintain(self, job: Job[T]) -> T:
        """Runs the job outside a transaction, for checkpoints and other care; nobody is told of a change."""
        return await asyncio.wrap_future(self._submit(self._guard, job))

    def write_now(self, job: Job[T]) -> T:
        """As `write`, for callers that have no event loop."""
        return self._submit(self._transact, job).result()

    def close(self) -> None:
        """Waits for the jobs that were given, folds the log into the file and lets go of it."""
        try:
            self._thread.submit(self._finish).result()
        except RuntimeError:  # already closed
            return
        self._thread.shutdown()

    def _submit(self, run: Callable[[Job[T]], T], job: Job[T]) -> Future[T]:
        try:
            return self._thread.submit(run, job)
        except RuntimeError:
            raise StoreError(f"{self._path} is closed") from None

    def _transact(self, job: Job[T], undone: Callable[[], None] | None = None) -> T:
        def whole(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            result = job(connection)
            connection.execute("COMMIT")
            return result

        try:
            return self._guard(whole)
        except BaseException:
            if undone:
                undone()
            raise

    def _guard(self, job: Job[T]) -> T:
        try:
            return job(self._connection)
        except sqlite3.Error as error:
            raise explain(error, self._path) from error
        except CodecError as error:
            raise unreadable(error, self._path) from error
        finally:
            if self._connection.in_transaction:  # a failed job; SQLite itself rolls back some failures, not all
                self._connection.rollback()

    def _finish(self) -> None:
        try:
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:  # a full disk or a reader beside us: the log stays and is read at the next start
            pass
        finally:
            self._connection.close()
