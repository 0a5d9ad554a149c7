"""What pack commands read: a text, a stored item, or the stored items of a time."""

import asyncio
import sys
from datetime import UTC, datetime

from ceasewire.items import Item, Tagged
from ceasewire.views import Ask
from embedded.batches import make_item
from embedded.cli.reading import read_ask
from embedded.pack_files import stored
from embedded.search import SqliteSearch
from embedded.store import Store, read_store
from embedded.store.reader import SqliteItems
from process.places import Places

_LARGEST = 5_000_000
_SECONDS = 60


def read_text(places: Places, source: str) -> Item:
    """The stored item of this id or address where there is one; else the words themselves, the first line as title."""
    if source == "-":
        source = sys.stdin.buffer.read(_LARGEST).decode("utf-8", "replace")
    elif " " not in source.strip() and places.store.exists():
        found = asyncio.run(_item(places, source.strip()))
        if found is not None:
            return found
    title, _, text = source.strip().partition("\n")
    return make_item("text", title.strip(), text.strip())


def stored_items(places: Places, query: str, since: str, limit: int) -> list[Tagged]:
    """The newest stored items of a query and time; raises StoreError where there is no store."""
    ask = read_ask(places, query, since, "", limit)
    return asyncio.run(_all(places, ask, limit))


async def _all(places: Places, ask: Ask, limit: int) -> list[Tagged]:
    store = _open(places)
    try:
        return [tagged async for tagged in stored(SqliteSearch(store, seconds=_SECONDS), ask, limit)]
    finally:
        store.close()


async def _item(places: Places, key: str) -> Item | None:
    store = _open(places)
    try:
        view = await SqliteItems(store.readers).item(key)
        return view.hit.tagged.item if view else None
    finally:
        store.close()


def _open(places: Places) -> Store:
    return read_store(places.store, lambda: datetime.now(UTC))
