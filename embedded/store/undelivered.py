"""The deliveries that a person may send again."""

import sqlite3
from collections.abc import Sequence

from ceasewire.alerts import Delivery
from embedded.store.opening import Store
from embedded.store.unreadable import readable


async def undelivered(store: Store) -> Sequence[Delivery]:
    """All that failed at least once and are not delivered (retry, suspended, expired), oldest first."""

    def ask(connection: sqlite3.Connection) -> list[Delivery]:
        rows = connection.execute(
            "SELECT id, value FROM deliveries WHERE state IN ('retry', 'suspended', 'expired') ORDER BY created, id"
        )
        return list(readable(rows, Delivery, {}))

    return await store.read(ask)
