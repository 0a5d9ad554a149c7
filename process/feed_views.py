"""The configured feeds with their states, for the desk and the command line."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ceasewire.config.feeds import Feed
from ceasewire.polling import FeedState
from ceasewire.views import FeedView

WEEK = timedelta(days=7)
_SECRET_NAMES = ("key", "token", "auth", "secret", "pass", "sig", "session")


class ConfiguredFeeds:
    """Implements `ports.Feeds`: every feed of the list in force, also those that were never polled."""

    def __init__(
        self,
        feeds: Callable[[], Sequence[Feed]],
        states: Callable[[], Awaitable[Mapping[str, FeedState]]],
        now: Callable[[], datetime],
        secrets: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._feeds = feeds
        self._states = states
        self._now = now
        self._secrets = secrets

    async def feeds(self) -> Sequence[FeedView]:
        """Every configured feed, in the order of the list."""
        states = await self._states()
        now = self._now()
        secrets = tuple(self._secrets())
        return [view(feed, states.get(feed.id), now, secrets) for feed in self._feeds()]


def view(feed: Feed, state: FeedState | None, now: datetime, secrets: Iterable[str] = ()) -> FeedView:
    """One feed as an operator sees it."""
    known = state or FeedState(feed=feed.id)
    address = feed.url
    # before the address is taken apart, which may spell a secret otherwise; one may be the beginning of another
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        address = address.replace(secret, "***")
    return FeedView(
        source=feed.source,
        address=show_feed_address(address),
        enabled=feed.enabled,
        state=known,
        items_a_week=float(sum(1 for at in known.recent if at >= now - WEEK)),
    )


def show_feed_address(address: str) -> str:
    """An address without user and password, and without the values of parameters that are named like keys."""
    try:
        parts = urlsplit(address)
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return "***"
    if any(_is_secret(name) for name, _ in pairs):
        query = urlencode([(name, "***" if _is_secret(name) else value) for name, value in pairs], safe="*")
    else:
        query = parts.query
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, query, ""))


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_NAMES)
