"""The tables of the store, and the steps from each schema version to the next.

`PRAGMA user_version` holds the number of steps that a file has taken. A step never changes once released:
a later need is a new step at the end.
"""

import sqlite3
from pathlib import Path

from ceasewire.errors import StoreError

APPLICATION = 0x43454153
"""`PRAGMA application_id` of a store: "CEAS"."""

FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE items (
    n INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rev INTEGER NOT NULL,
    at INTEGER NOT NULL,
    stored INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    lede INTEGER NOT NULL,
    versions INTEGER NOT NULL DEFAULT 1,
    url TEXT
);
CREATE INDEX items_at ON items (at);
CREATE INDEX items_stored ON items (stored);
CREATE INDEX items_url ON items (url) WHERE url IS NOT NULL;
CREATE TABLE bodies (n INTEGER PRIMARY KEY, tagged BLOB NOT NULL);
CREATE TABLE versions (item TEXT, rev INTEGER, value BLOB NOT NULL, PRIMARY KEY (item, rev)) WITHOUT ROWID;
CREATE TABLE tags (
    kind TEXT, tag TEXT, item INTEGER, zone INTEGER NOT NULL, PRIMARY KEY (kind, tag, item)
) WITHOUT ROWID;
CREATE INDEX tags_item ON tags (item, kind, tag);
CREATE VIRTUAL TABLE words USING fts5 (
    title, lede, rest, content='', columnsize=0, tokenize='unicode61 remove_diacritics 2'
);
CREATE TABLE daily (day INTEGER, issue TEXT, count INTEGER NOT NULL, PRIMARY KEY (day, issue)) WITHOUT ROWID;
CREATE TABLE members (item TEXT PRIMARY KEY, story TEXT NOT NULL, at INTEGER NOT NULL, value BLOB NOT NULL);
CREATE INDEX members_at ON members (at);
CREATE INDEX members_story ON members (story);
CREATE TABLE stories (id TEXT PRIMARY KEY, last INTEGER NOT NULL, merged_into TEXT, value BLOB NOT NULL);
CREATE INDEX stories_last ON stories (last, id);
CREATE INDEX stories_merged ON stories (merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE alerts (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, story TEXT NOT NULL, item TEXT NOT NULL,
    at INTEGER NOT NULL, value BLOB NOT NULL
);
CREATE INDEX alerts_story ON alerts (story);
CREATE TABLE decisions (
    n INTEGER PRIMARY KEY, item TEXT NOT NULL, rev INTEGER NOT NULL, rule TEXT NOT NULL, story TEXT NOT NULL,
    at INTEGER NOT NULL, value BLOB NOT NULL, UNIQUE (item, rev, rule)
);
CREATE INDEX decisions_story ON decisions (story, rule);
CREATE TABLE deliveries (
    id TEXT PRIMARY KEY, alert TEXT NOT NULL, channel TEXT NOT NULL, state TEXT NOT NULL, due INTEGER NOT NULL,
    created INTEGER NOT NULL, version INTEGER NOT NULL, value BLOB NOT NULL
);
CREATE INDEX deliveries_open ON deliveries (due) WHERE state IN ('pending', 'sending', 'retry');
CREATE INDEX deliveries_alert ON deliveries (alert);
CREATE INDEX deliveries_suspended ON deliveries (channel, created) WHERE state = 'suspended';
CREATE TABLE feeds (feed TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE feed_entries (feed TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE dead (
    stage TEXT, item TEXT, rev INTEGER, at INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (stage, item, rev)
) WITHOUT ROWID;
"""
"""Times are milliseconds since 1970 in UTC.

items: `n` is the number that tags, bodies and words share, in the order of dates (see `embedded.store.rows.place`);
`rev` = the highest seen, that of the text may be lower; `stored` = first seen; `lede` = end of the third sentence;
`url` = canonical, without its scheme. tags: zone 0 title, 1 lede, 2 rest, the best one. words: stems.
daily: counted items a day (UTC) by issue, '' = all. dead: what one stage could not handle.
"""

THREADS = """
ALTER TABLE stories ADD COLUMN thread TEXT;
CREATE INDEX stories_thread ON stories (thread, last);
"""
"""The story that a story's thread began with, itself too."""

PAIRS = """
CREATE TABLE pairs (item INTEGER, actor TEXT, issue TEXT, PRIMARY KEY (item, actor, issue)) WITHOUT ROWID;
CREATE INDEX pairs_named ON pairs (actor, issue, item);
INSERT INTO meta (name, value) SELECT 'pairs_from', n FROM (SELECT max(n) + 1 AS n FROM items) WHERE n IS NOT NULL;
"""
"""What one sentence of an item names together; of items under `pairs_from` it is still to be made."""

STEPS: tuple[str, ...] = (FIRST, THREADS, PAIRS)
"""SQL of each step; the step at index i leads from schema i to i + 1."""


def migrate(connection: sqlite3.Connection, path: Path, steps: tuple[str, ...] = STEPS) -> None:
    """Brings the file to the newest schema, each step in a transaction; raises StoreError for a newer or alien file."""
    version = check_version(connection, path, len(steps))
    while version < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in _statements(steps[version]):
                connection.execute(statement)
            version += 1
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def check_version(connection: sqlite3.Connection, path: Path, newest: int = len(STEPS)) -> int:
    """The schema version of the file; raises StoreError where it is newer than `newest` or no store of ours."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    application = int(connection.execute("PRAGMA application_id").fetchone()[0])
    tables = int(connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if application != APPLICATION and (tables or version or application):
        raise StoreError(f"{path} is not a Ceasewire store: it is a database of another program")
    if version > newest:
        raise StoreError(
            f"{path} was written by a newer Ceasewire (schema {version}; this one reads up to {newest}): "
            "update Ceasewire, or restore a backup that this version made"
        )
    return version


def _statements(script: str) -> list[str]:
    """The statements of a script, so that they run inside one transaction (`executescript` would commit)."""
    found, pending = [], ""
    for part in script.split(";"):
        pending += part + ";"
        if sqlite3.complete_statement(pending):
            if pending.strip(" \n;"):
                found.append(pending)
            pending = ""
    return found
