"""Rebuilds the word index when the stemmer has changed: newest items first, a chunk at a time, over restarts."""

import sqlite3

from ceasewire.items import Tagged
from ceasewire.text.stemming import STEMMER_VERSION
from embedded.store.rows import stemmed
from embedded.store.unreadable import read_or_none

CHUNK = 500
"""Items a transaction."""


def begin(connection: sqlite3.Connection, version: int = STEMMER_VERSION) -> None:
    """At opening: where the index was made by another stemmer, empties it; items later than all go in at once."""
    known = connection.execute("SELECT value FROM meta WHERE name = 'stemmer'").fetchone()
    if known is not None and known[0] == version:
        return
    if known is not None:
        connection.execute("INSERT INTO words (words) VALUES ('delete-all')")
        after = connection.execute("SELECT coalesce(max(n), 0) + 1 FROM items").fetchone()[0]
        _set(connection, "words_from", after)
    _set(connection, "stemmer", version)


def go_on(connection: sqlite3.Connection) -> bool:
    """Indexes the next chunk of older items; False when none is left."""
    start = connection.execute("SELECT value FROM meta WHERE name = 'words_from'").fetchone()
    if start is None:
        return False
    rows = connection.execute(
        "SELECT n, lede, tagged FROM items JOIN bodies USING (n) WHERE n < ? ORDER BY n DESC LIMIT ?",
        (start[0], CHUNK),
    ).fetchall()
    for n, lede, body in rows:
        tagged = read_or_none(f"item {n}", body, Tagged)
        if tagged is not None:
            connection.execute(
                "INSERT INTO words (rowid, title, lede, rest) VALUES (?, ?, ?, ?)", (n, *stemmed(tagged, lede))
            )
    if len(rows) < CHUNK:
        connection.execute("DELETE FROM meta WHERE name = 'words_from'")
        return False
    _set(connection, "words_from", rows[-1][0])
    return True


def _set(connection: sqlite3.Connection, name: str, value: int) -> None:
    connection.execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, value))
