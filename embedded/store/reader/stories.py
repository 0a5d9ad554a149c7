"""Stories by their latest news: implements `ports.Stories`."""

import sqlite3

from ceasewire.codec import decode
from ceasewire.stories import Story
from ceasewire.views import StoryPage, StoryView
from embedded.store.hits import askable, tagged_items, whole_story
from embedded.store.readers import Readers

SHOWN = 200
"""Items of one story that are given."""
THREADED = 20
"""Other stories of its thread that are given."""
_FIRST = (1 << 62, "")


class SqliteStories:
    """Stories of the store."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers

    async def stories(self, after: str | None = None, limit: int = 30) -> StoryPage:
        """Stories with the latest news first; an `after` that is no cursor of ours starts at the top."""
        last, key = _cursor(after)

        def ask(connection: sqlite3.Connection) -> StoryPage:
            rows = connection.execute(
                "SELECT last, id, value FROM stories WHERE merged_into IS NULL AND (last, id) < (?, ?) "
                "ORDER BY last DESC, id DESC LIMIT ?",
                (last, key, limit + 1),
            ).fetchall()
            more = f"{rows[limit - 1][0]}.{rows[limit - 1][1]}" if len(rows) > limit else None
            return StoryPage(stories=tuple(decode(value, Story) for _, _, value in rows[:limit]), next=more)

        return await self._readers.read(ask)

    async def story(self, story: str) -> StoryView | None:
        """One story with its items, oldest first; the id of a merged one leads to the story it went into."""

        def ask(connection: sqlite3.Connection) -> StoryView | None:
            row = connection.execute("SELECT value FROM stories WHERE id = ?", (askable(story),)).fetchone()
            if row is None:
                return None
            whole = whole_story(connection, decode(row[0], Story))
            items = sorted(tagged_items(connection, whole.items[:SHOWN]), key=lambda tagged: tagged.item.at)
            rows = connection.execute(
                "SELECT value FROM stories WHERE thread = ? AND id != ? AND merged_into IS NULL "
                "ORDER BY last DESC, id DESC LIMIT ?",
                (whole.began, whole.id, THREADED),
            )
            return StoryView(story=whole, items=tuple(items), thread=tuple(decode(value, Story) for (value,) in rows))

        return await self._readers.read(ask)


def _cursor(after: str | None) -> tuple[int, str]:
    last, _, key = (after or "").partition(".")
    return (int(last), askable(key)) if key and last.removeprefix("-").isdecimal() and len(last) < 18 else _FIRST
