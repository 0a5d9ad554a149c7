"""All configured feeds with their state: implements `ports.Feeds`."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ceasewire.config.feeds import Feed
from ceasewire.polling import FeedState
from ceasewire.views import FeedView

WEEK = timedelta(days=7)
_REMEMBERED = 500
"""`FeedState.recent` holds at most so many."""
_SECRET = re.compile(r"key|token|secret|pass|auth|sig|user|session", re.IGNORECASE)


class States(Protocol):
    """What FeedReader needs of the store."""

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock."""

    async def feed_states(self) -> dict[str, FeedState]:
        """The state of each feed that was ever polled."""


class FeedReader:
    """Joins the list of feeds with what the store remembers of each."""

    def __init__(self, store: States, feeds: Callable[[], Sequence[Feed]]) -> None:
        self._store = store
        self._feeds = feeds

    async def feeds(self) -> Sequence[FeedView]:
        """Every configured feed, in the order of the list."""
        states = await self._store.feed_states()
        now = self._store.now()
        return [view(feed, states.get(feed.id) or FeedState(feed=feed.id), now) for feed in self._feeds()]


def view(feed: Feed, state: FeedState, now: datetime) -> FeedView:
    """One feed as an operator sees it."""
    return FeedView(
        source=feed.source,
        address=shown(feed.url),
        enabled=feed.enabled,
        state=state,
        items_a_week=items_a_week(state, now),
    )


def items_a_week(state: FeedState, now: datetime) -> float:
    """New items in the last 7 days; scaled up where more came than are remembered."""
    recent = [moment for moment in state.recent if moment > now - WEEK]
    if len(recent) < _REMEMBERED or now <= min(recent):
        return float(len(recent))
    return len(recent) * (WEEK / (now - min(recent)))


def shown(url: str) -> str:
    """The address without user, password and the values of query keys that look secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    query = parts.query
    if _SECRET.search(query):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(key, "***" if _SECRET.search(key) else value) for key, value in pairs], safe="*")
    return urlunsplit((parts.scheme, host, parts.path, query, ""))
