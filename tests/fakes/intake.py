"""An intake in memory that can be told to refuse."""

import time
from collections.abc import Sequence

from ceasewire.errors import StoreError
from ceasewire.items import Item
from ceasewire.polling import FeedState


class MemoryIntake:
    """Keeps what was committed."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.times: list[float] = []
        """When each item was committed, on a clock that only counts."""
        self.states: dict[str, FeedState] = {}
        self.commits = 0
        self.refuses: str | None = None
        """Where set, commits fail with this text, as on a full disk."""

    async def state(self, feed: str) -> FeedState | None:
        return self.states.get(feed)

    async def commit(self, items: Sequence[Item], state: FeedState) -> None:
        if self.refuses is not None:
            raise StoreError(self.refuses)
        self.commits += 1
        known = {(item.id, item.rev) for item in self.items}
        new = [item for item in items if (item.id, item.rev) not in known]
        self.items.extend(new)
        self.times.extend([time.monotonic()] * len(new))
        self.states[state.feed] = state

    def titles(self, feed: str) -> list[str]:
        """The titles of what a feed brought, in the order of commits."""
        return [item.title for item in self.items if item.source.feed == feed]
