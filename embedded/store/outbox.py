"""The deliveries in the store: implements `ports.Outbox` and `ports.Backlog`."""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import chain, islice

from ceasewire.alerts import Delivery, State
from ceasewire.codec import decode
from ceasewire.deliveries import FARTHEST
from embedded.store.gathered import delivery_row
from embedded.store.hits import askable
from embedded.store.readers import Readers
from embedded.store.times import from_ms, to_ms
from embedded.store.unreadable import note, readable
from embedded.store.writer import Writer

_OPEN = "state IN ('pending', 'sending', 'retry')"
_SAVE = """
INSERT INTO deliveries (id, alert, channel, state, due, created, version, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, due = excluded.due, version = excluded.version, value = excluded.value
WHERE excluded.version > deliveries.version OR excluded.value = deliveries.value
"""


class SqliteOutbox:
    """The deliveries that are not done, and what a person asks about single ones."""

    def __init__(self, readers: Readers, writer: Writer | None) -> None:
        self._readers = readers
        self._writer = writer
        self._unread: set[str] = set()
        """What could not be read and is noted."""

    async def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> Sequence[Delivery]:
        """Open deliveries with `due` up to now, oldest due first, without those of the channels in `but`.

        What is due later than any wait comes from a clock that was wrong, and is due.
        """
        others = f"AND channel NOT IN ({', '.join('?' * len(but))})" if but else ""
        unread: dict[str, str] = {}

        def ask(connection: sqlite3.Connection) -> list[Delivery]:
            # two questions, so that each goes along the index and stops at the limit
            rows = chain.from_iterable(
                connection.execute(
                    f"SELECT id, value FROM deliveries WHERE {_OPEN} AND due {span} ? {others} ORDER BY due, id",
                    (to_ms(time), *but),
                )
                for span, time in (("<=", now), (">", now + FARTHEST))
            )
            return list(islice(readable(rows, Delivery, unread), limit))

        found = await self._readers.read(ask)
        await self._note({key: why for key, why in unread.items() if key not in self._unread}, now)
        return found

    async def _note(self, unread: dict[str, str], now: datetime) -> None:
        if unread and self._writer is not None:
            await self._writer.write(lambda connection: note(connection, unread, now))
            self._unread |= unread.keys()

    async def save(self, delivery: Delivery) -> bool:
        """The delivery's new state, durable when this returns; False where the stored one is as new or newer."""
        assert self._writer is not None  # only the runtime sends
        row = delivery_row(delivery)
        return await self._writer.write(lambda connection: connection.execute(_SAVE, row).rowcount == 1)

    async def change(self, delivery: str, step: Callable[[Delivery], Delivery]) -> Delivery | None:
        """The delivery after `step`, read and saved in one transaction, so that no other state comes in between.

        None where there is none.
        """
        assert self._writer is not None  # only the runtime changes what is stored

        def job(connection: sqlite3.Connection) -> Delivery | None:
            row = connection.execute("SELECT value FROM deliveries WHERE id = ?", (askable(delivery),)).fetchone()
            if row is None:
                return None
            changed = step(decode(row[0], Delivery))
            connection.execute(_SAVE, delivery_row(changed))
            return changed

        return await self._writer.write(job)

    async def next_due(self) -> datetime | None:
        """When the next open delivery is due, or None."""

        def ask(connection: sqlite3.Connection) -> int | None:
            value: int | None = connection.execute(f"SELECT min(due) FROM deliveries WHERE {_OPEN}").fetchone()[0]
            return value

        due = await self._readers.read(ask)
        return None if due is None else from_ms(due)

    async def suspended(self, channel: str) -> Sequence[Delivery]:
        """The deliveries of the channel that wait as suspended, oldest first."""

        def ask(connection: sqlite3.Connection) -> list[Delivery]:
            rows = connection.execute(
                "SELECT id, value FROM deliveries WHERE state = 'suspended' AND channel = ? ORDER BY created, id",
                (channel,),
            )
            return list(readable(rows, Delivery, {}))

        return await self._readers.read(ask)

    async def oldest_open(self) -> datetime | None:
        """When the oldest delivery that is not done was opened, or None."""

        def ask(connection: sqlite3.Connection) -> int | None:
            value: int | None = connection.execute(f"SELECT min(created) FROM deliveries WHERE {_OPEN}").fetchone()[0]
            return value

        created = await self._readers.read(ask)
        return None if created is None else from_ms(created)

    async def get(self, delivery: str) -> Delivery | None:
        """One delivery, or None."""

        def ask(connection: sqlite3.Connection) -> Delivery | None:
            row = connection.execute("SELECT value FROM deliveries WHERE id = ?", (askable(delivery),)).fetchone()
            return decode(row[0], Delivery) if row else None

        return await self._readers.read(ask)

    async def counts(self) -> dict[State, int]:
        """The number of deliveries in each state."""

        def ask(connection: sqlite3.Connection) -> dict[State, int]:
            rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
            return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}

        return await self._readers.read(ask)
