"""What the outbox holds beside what is due: implements `ports.Backlog`, and lists what a person may send again."""

import sqlite3
from collections.abc import Mapping, Sequence

from ceasewire.alerts import Delivery, State
from ceasewire.codec import decode
from embedded.store.opening import Store

_UNDELIVERED = "state IN ('suspended', 'expired', 'retry')"


class SqliteBacklog:
    """Over one store, also one that was opened for reading only."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def counts(self) -> Mapping[State, int]:
        """The number of deliveries in each state."""
        return await self._store.outbox.counts()

    async def suspended(self, channel: str) -> Sequence[Delivery]:
        """The deliveries of the channel that wait as suspended, oldest first."""
        return await self._listed("state = 'suspended' AND channel = ?", (channel,))

    async def undelivered(self) -> Sequence[Delivery]:
        """All that failed and can be sent again by hand: retry, suspended, expired; oldest first."""
        return await self._listed(_UNDELIVERED, ())

    async def _listed(self, where: str, values: tuple[str, ...]) -> Sequence[Delivery]:
        def ask(connection: sqlite3.Connection) -> list[Delivery]:
            rows = connection.execute(f"SELECT value FROM deliveries WHERE {where} ORDER BY created, id", values)
            return [decode(value, Delivery) for (value,) in rows]

        return await self._store.read(ask)
