"""Stored items as hits, with their story and number of versions."""

import sqlite3
from collections.abc import Sequence

import msgspec

from ceasewire.codec import decode
from ceasewire.items import Tagged
from ceasewire.stories import Story
from ceasewire.views import Hit
from embedded.store.unreadable import read_or_none, readable

_HITS = """
SELECT items.n, bodies.tagged, items.versions, stories.value
FROM json_each(?) AS wanted
JOIN items ON items.n = wanted.value
JOIN bodies ON bodies.n = items.n
LEFT JOIN members ON members.item = items.id
LEFT JOIN stories ON stories.id = members.story
"""


def hits(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Hit]:
    """The items with these row numbers, in this order; missing ones are left out."""
    found = {}
    # what cannot be read is left out of a page
    for n, body, versions, value in connection.execute(_HITS, (msgspec.json.encode(list(numbers)).decode(),)):
        tagged = read_or_none(f"item {n}", body, Tagged)
        begun = read_or_none(f"story of item {n}", value, Story) if value else None
        story = whole_story(connection, begun) if begun else None
        if tagged is None:
            continue
        found[n] = Hit(
            tagged=tagged,
            story=story.id if story else None,
            story_size=len(story.items) if story else 0,
            versions=versions,
        )
    return [found[n] for n in numbers if n in found]


def whole_story(connection: sqlite3.Connection, story: Story) -> Story:
    """The story that a merged one went into, or the story itself."""
    for _ in range(100):  # a chain of merges ends; a damaged one must not hang us
        if story.merged_into is None:
            break
        row = connection.execute("SELECT value FROM stories WHERE id = ?", (story.merged_into,)).fetchone()
        if row is None:
            break
        story = decode(row[0], Story)
    return story


def tagged_items(connection: sqlite3.Connection, ids: Sequence[str]) -> list[Tagged]:
    """The items with these ids, in this order; missing ones are left out."""
    rows = connection.execute(
        "SELECT items.id, tagged FROM json_each(?) AS wanted JOIN items ON items.id = wanted.value "
        "JOIN bodies USING (n)",
        (msgspec.json.encode(list(ids)).decode(),),
    )
    found = {tagged.item.id: tagged for tagged in readable(rows, Tagged, {})}
    return [found[key] for key in ids if key in found]


def askable(key: str) -> str:
    """The key as SQLite can be asked it: bytes of a command line that are no UTF-8 come as signs it has no form for."""
    return key.encode(errors="replace").decode()


def find_number(connection: sqlite3.Connection, key: str, url: str) -> int | None:
    """The row number of the item with this id, or the newest with this canonical address."""
    key, url = askable(key), askable(url)
    row = connection.execute("SELECT n FROM items WHERE id = ?", (key,)).fetchone()
    row = row or connection.execute("SELECT n FROM items WHERE url = ? ORDER BY n DESC LIMIT 1", (url,)).fetchone()
    return int(row[0]) if row else None
