"""Rows of feed states: the small part that each poll changes, and the long memory of entries."""

import sqlite3

import msgspec

from ceasewire.codec import encode
from ceasewire.polling import FeedState, Seen
from embedded.store.unreadable import read_or_none


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
    """What is remembered of the feed; what cannot be read is forgotten, and written anew by the next poll."""
    row = connection.execute(
        "SELECT feeds.value, feed_entries.value FROM feeds LEFT JOIN feed_entries USING (feed) WHERE feed = ?", (feed,)
    ).fetchone()
    return _whole(feed, row[0], row[1]) if row else None


def all_states(connection: sqlite3.Connection, with_entries: bool = False) -> dict[str, FeedState]:
    """The state of each feed that was ever polled; the memory of entries only where it is asked for."""
    if not with_entries:
        rows = connection.execute("SELECT feed, value, NULL FROM feeds")
    else:
        rows = connection.execute(
            "SELECT feed, feeds.value, feed_entries.value FROM feeds LEFT JOIN feed_entries USING (feed)"
        )
    states = {feed: _whole(feed, head, memory) for feed, head, memory in rows}
    return {feed: state for feed, state in states.items() if state is not None}


def _whole(feed: str, head: bytes, memory: bytes | None) -> FeedState | None:
    state = read_or_none(feed, head, FeedState)
    kept = read_or_none(feed, memory, _Memory) if state and memory is not None else None
    if state is None or kept is None:
        return state
    return msgspec.structs.replace(state, entries=kept.entries, aliases=kept.aliases)
