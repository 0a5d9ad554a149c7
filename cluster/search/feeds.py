"""What the producers know of each feed, and that something new was indexed, from Elasticsearch."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import structlog

from ceasewire.errors import StoreError
from ceasewire.polling import FeedState
from cluster.search.client import Index
from cluster.search.hits import whole

_MOST = 10_000


async def feed_states(index: Index) -> Mapping[str, FeedState]:
    """The state of each feed that was ever polled, without its entries. Raises StoreError."""
    answer = await index.ask("feeds", query={"match_all": {}}, size=_MOST)
    return {one["_id"]: whole(one["_source"], "state", FeedState) for one in answer["hits"]["hits"]}


class IndexChanges:
    """Implements `ports.Changes`: looks for what is new, since an index tells nobody by itself."""

    def __init__(self, index: Index, pause: float = 1.0) -> None:
        self._index = index
        self._pause = pause

    async def changes(self) -> AsyncIterator[int]:
        """A growing number whenever items, alerts or feed states were indexed since the last look."""
        number, known = 0, await self._look()
        while True:
            await asyncio.sleep(self._pause)
            seen = await self._look()
            if seen != known and seen is not None:
                number, known = number + 1, seen
                yield number

    async def _look(self) -> tuple[object, ...] | None:
        """What differs once something was indexed; None where the index cannot be asked now."""
        try:
            return await self._newest()
        except StoreError as error:
            structlog.get_logger().warning("index_not_asked", why=str(error))
            return None

    async def _newest(self) -> tuple[object, ...]:
        kinds = ("items", "alerts", "deliveries", "feeds")
        answer = await self._index.ask_all(
            kinds,
            size=0,
            track_total_hits=True,
            aggs={"last": {"max": {"field": "event.ingested"}}},
        )
        return tuple((one["hits"]["total"]["value"], one["aggregations"]["last"]["value"]) for one in answer)
