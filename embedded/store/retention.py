"""Removes what is older than the store is told to keep, a chunk at a time."""

import sqlite3
from datetime import datetime

from embedded.store.rows import remove
from embedded.store.times import to_ms

CHUNK = 200
"""Items removed in one transaction."""


def remove_items(connection: sqlite3.Connection, cutoff: datetime) -> int:
    """Removes up to a chunk of items first stored before `cutoff`; gives how many."""
    rows = connection.execute(
        "SELECT n FROM items WHERE stored < ? ORDER BY stored LIMIT ?", (to_ms(cutoff), CHUNK)
    ).fetchall()
    for (n,) in rows:
        remove(connection, n)
    return len(rows)


def remove_gathered(connection: sqlite3.Connection, cutoff: datetime) -> None:
    """Removes members, stories, decisions, alerts and finished deliveries from before `cutoff`."""
    limit = (to_ms(cutoff),)
    # imported items are old from the start: what belongs to them goes when they go
    connection.execute("DELETE FROM members WHERE at < ? AND item NOT IN (SELECT id FROM items)", limit)
    connection.execute("DELETE FROM decisions WHERE at < ?", limit)
    connection.execute("DELETE FROM alerts WHERE at < ?", limit)
    connection.execute(
        "DELETE FROM deliveries WHERE created < ? AND state NOT IN ('pending', 'sending', 'retry')", limit
    )
    connection.execute(
        "DELETE FROM stories WHERE last < ? AND NOT EXISTS (SELECT 1 FROM members WHERE story = stories.id)", limit
    )
    connection.execute("DELETE FROM dead WHERE at < ?", limit)
