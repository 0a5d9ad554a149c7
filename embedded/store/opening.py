"""The store as a whole: opens the file and holds its parts."""

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from ceasewire.errors import StoreError
from ceasewire.polling import FeedState
from embedded.store import copies, pairs, retention, stems
from embedded.store.changes import StoreChanges
from embedded.store.feed_rows import all_states, get_state
from embedded.store.outbox import SqliteOutbox
from embedded.store.reader import SqliteAlerts, SqliteItems, SqliteStories
from embedded.store.readers import Readers
from embedded.store.times import from_ms
from embedded.store.writer import Writer

T = TypeVar("T")


class Store:
    """One SQLite file. Its parts implement ports: `outbox`, `items`, `stories`, `alerts`, `changes`.

    Made by `open_store` (writes) or `read_store` (only reads, beside a running process).
    """

    def __init__(self, path: Path, now: Callable[[], datetime], writable: bool) -> None:
        self.path = path
        self._now = now
        self.changes = StoreChanges()
        self._writer = Writer(path, self.changes.grow) if writable else None
        try:
            if self._writer:
                self._writer.write_now(stems.begin)
            self.readers = Readers(path)
        except BaseException:
            if self._writer:
                self._writer.close()
            raise
        self.outbox = SqliteOutbox(self.readers, self._writer)
        self.items = SqliteItems(self.readers)
        self.stories = SqliteStories(self.readers)
        self.alerts = SqliteAlerts(self.readers)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock that the store was opened with."""
        return self._now

    async def write(self, job: Callable[[sqlite3.Connection], T], undone: Callable[[], None] | None = None) -> T:
        """Runs the job in one durable transaction; raises StoreError, and then nothing of it is stored.

        `undone` is called where the transaction failed, before any other writes.
        """
        return await self._the_writer().write(job, undone)

    async def read(self, ask: Callable[[sqlite3.Connection], T], seconds: float | None = None) -> T:
        """Reads over one snapshot, for at most `seconds`; raises StoreError."""
        return await self.readers.read(ask, seconds)

    async def feed_states(self) -> dict[str, FeedState]:
        """The state of each feed that was ever polled, without the memory of its entries."""
        return await self.read(all_states)

    async def feed_state(self, feed: str) -> FeedState | None:
        """All that is remembered of one feed."""
        return await self.read(lambda connection: get_state(connection, feed))

    async def maintain(self, keep: timedelta) -> int:
        """Removes what is older than `keep`, goes on with what is made anew (words, pairs) and shortens the log.

        Gives the number of items removed. To be called now and then, also soon after the start; works in small
        transactions, so that others get their turn.
        """
        removed = 0
        cutoff = self._now() - keep
        while count := await self.write(lambda connection: retention.remove_items(connection, cutoff)):
            removed += count
        await self.write(lambda connection: retention.remove_gathered(connection, cutoff))
        for go_on in (stems.go_on, pairs.go_on):
            while await self.write(go_on):
                pass
        await self._the_writer().maintain(copies.shorten_log)
        return removed

    async def backup(self, target: Path) -> int:
        """Copies the store as it is now into a new file, checked; gives its size in bytes. Raises StoreError."""
        return await self.read(lambda connection: copies.backup(connection, target))

    async def faults(self) -> list[str]:
        """What is wrong inside the file, in words; empty when all is well. Reads the whole file."""
        return await self.read(copies.faults)

    async def dead(self) -> int:
        """The number of items that one stage could not handle."""
        return await self.read(lambda connection: int(connection.execute("SELECT count(*) FROM dead").fetchone()[0]))

    async def dead_letters(self, limit: int = 20) -> list[str]:
        """The newest of them, each in a line: when, the stage, the item and the reason."""

        def ask(connection: sqlite3.Connection) -> list[str]:
            rows = connection.execute("SELECT at, stage, item, reason FROM dead ORDER BY at DESC LIMIT ?", (limit,))
            return [f"{from_ms(at):%Y-%m-%d %H:%M} UTC, {stage}, {item}: {reason}" for at, stage, item, reason in rows]

        return await self.read(ask)

    def size(self) -> int:
        """Bytes of the file and its log."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """Finishes what was given to write and lets go of the file."""
        self.readers.close()
        if self._writer:
            self._writer.close()

    def _the_writer(self) -> Writer:
        if self._writer is None:
            raise StoreError(f"{self.path} was opened for reading only")
        return self._writer


def open_store(path: Path, now: Callable[[], datetime]) -> Store:
    """The store at `path`, made or brought to the newest schema if need be. Raises StoreError in words.

    The caller holds the runtime's lock (`embedded.store.lock.hold`).
    """
    return Store(path, now, writable=True)


def read_store(path: Path, now: Callable[[], datetime]) -> Store:
    """The store at `path` over read-only connections, beside whoever writes. Raises StoreError in words."""
    return Store(path, now, writable=False)
