"""Which pairs each item names, as rows to be counted; for items of an older store they are made beside the work."""

import sqlite3

from ceasewire.items import Tagged
from ceasewire.pairs import pairs
from embedded.store.unreadable import read_or_none

CHUNK = 500
"""Items a transaction."""
Ids = tuple[tuple[str, str], ...]


def ids_of(tagged: Tagged) -> Ids:
    """The actor and the issue of each pair of an item, each pair once."""
    return tuple(dict.fromkeys((pair.actor, pair.issue) for pair in pairs(tagged)))


def put_pairs(connection: sqlite3.Connection, n: int, ids: Ids) -> None:
    """Stores the pairs of the item with this row number."""
    connection.executemany(
        "INSERT OR IGNORE INTO pairs (item, actor, issue) VALUES (?, ?, ?)", [(n, *pair) for pair in ids]
    )


def remove_pairs(connection: sqlite3.Connection, n: int) -> None:
    """Takes the pairs of the item out."""
    connection.execute("DELETE FROM pairs WHERE item = ?", (n,))


def go_on(connection: sqlite3.Connection) -> bool:
    """Makes the pairs of the next chunk of items that were stored before pairs were, newest first; False at the end."""
    start = connection.execute("SELECT value FROM meta WHERE name = 'pairs_from'").fetchone()
    if start is None:
        return False
    rows = connection.execute(
        "SELECT n, tagged FROM items JOIN bodies USING (n) WHERE n < ? ORDER BY n DESC LIMIT ?", (start[0], CHUNK)
    ).fetchall()
    for n, body in rows:
        tagged = read_or_none(f"item {n}", body, Tagged)
        if tagged is not None:
            put_pairs(connection, n, ids_of(tagged))
    if len(rows) < CHUNK:
        connection.execute("DELETE FROM meta WHERE name = 'pairs_from'")
        return False
    connection.execute("UPDATE meta SET value = ? WHERE name = 'pairs_from'", (rows[-1][0],))
    return True
