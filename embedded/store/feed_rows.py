"""Rows of feed states: the small part that each poll changes, and the long memory of entries."""

import sqlite3

import msgspec

from ceasewire.codec import decode, encode
from ceasewire.polling import FeedState, Seen


class _Memory(msgspec.Struct, frozen=True, omit_defaults=True):
    entries: dict[str, Seen] = {}
    aliases: dict[str, str] = {}


class FeedRows:
    """Writes feed states; remembers what each feed's memory was last, so that an unchanged one is not written again."""

    def __init__(self) -> None:
        self._written: dict[str, int] = {}

    def put(self, connection: sqlite3.Connection, state: FeedState) -> tuple[str, int]:
        """Stores the state and gives what `settle` takes once the transaction is through."""
        head = msgspec.structs.replace(state, entries={}, aliases={})
        connection.execute("INSERT OR REPLACE INTO feeds (feed, value) VALUES (?, ?)", (state.feed, encode(head)))
        memory = encode(_Memory(state.entries, state.aliases))
        mark = hash(memory)
        if self._written.get(state.feed) != mark:
            connection.execute("INSERT OR REPLACE INTO feed_entries (feed, value) VALUES (?, ?)", (state.feed, memory))
        return state.feed, mark

    def settle(self, mark: tuple[str, int]) -> None:
        """Called after the commit."""
        self._written[mark[0]] = mark[1]


def get_state(connection: sqlite3.Connection, feed: str) -> FeedState | None:
    """What is remembered of the feed."""
    row = connection.execute(
        "SELECT feeds.value, feed_entries.value FROM feeds LEFT JOIN feed_entries USING (feed) WHERE feed = ?", (feed,)
    ).fetchone()
    return _whole(row[0], row[1]) if row else None


def all_states(connection: sqlite3.Connection, with_entries: bool = False) -> dict[str, FeedState]:
    """The state of each feed that was ever polled; the memory of entries only where it is asked for."""
    if not with_entries:
        rows = connection.execute("SELECT feed, value, NULL FROM feeds")
    else:
        rows = connection.execute(
            "SELECT feed, feeds.value, feed_entries.value FROM feeds LEFT JOIN feed_entries USING (feed)"
        )
    return {feed: _whole(head, memory) for feed, head, memory in rows}


def _whole(head: bytes, memory: bytes | None) -> FeedState:
    state = decode(head, FeedState)
    if memory is None:
        return state
    kept = decode(memory, _Memory)
    return msgspec.structs.replace(state, entries=kept.entries, aliases=kept.aliases)
