"""Tells those who watch that something new was stored."""

import asyncio
from collections.abc import AsyncIterator

PAUSE = 0.5
"""Seconds between two numbers for one watcher."""


class StoreChanges:
    """Implements `ports.Changes` for one event loop."""

    def __init__(self) -> None:
        self._number = 0
        self._watchers: set[asyncio.Event] = set()

    def grow(self) -> None:
        """Called in the event loop after each commit."""
        self._number += 1
        for watcher in self._watchers:
            watcher.set()

    async def changes(self) -> AsyncIterator[int]:
        """A growing number after commits; at most two a second."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            while True:
                await watcher.wait()
                watcher.clear()
                yield self._number
                await asyncio.sleep(PAUSE)
        finally:
            self._watchers.discard(watcher)
