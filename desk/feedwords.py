"""The health of feeds in words, and what the empty desk should say."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ceasewire.views import FeedView

HEALTH = {
    "new": "not read yet",
    "ok": "reads well",
    "empty": "valid, but holds nothing",
    "quiet": "reads well, but brings nothing new",
    "failing": "cannot be read",
    "waiting": "asked us to wait",
    "off": "switched off",
}
ORDER = ("failing", "waiting", "quiet", "empty", "new", "ok", "off")
"""What needs a person stands first."""


def health(feed: FeedView) -> str:
    """The state as a page names it: a feed that is not polled is `off`."""
    return feed.state.health if feed.enabled else "off"


@dataclass(frozen=True)
class Summary:
    """All feeds in one line."""

    feeds: int
    reading: int
    """Feeds whose last poll was read."""
    counts: tuple[tuple[str, int], ...]

    @property
    def failing(self) -> int:
        """Feeds that cannot be read now."""
        return dict(self.counts).get("failing", 0)


def summary(feeds: Sequence[FeedView]) -> Summary:
    """How many feeds are in which state."""
    states = [health(feed) for feed in feeds]
    counts = tuple((name, states.count(name)) for name in ORDER if name in states)
    reading = sum(1 for name in states if name in ("ok", "quiet", "empty"))
    return Summary(len(states) - states.count("off"), reading, counts)


Emptiness = Literal["no_feeds", "first_read", "none_reached", "nothing_yet"]


def emptiness(feeds: Sequence[FeedView]) -> Emptiness:
    """Why there are no items: it decides what the empty desk tells a person to do."""
    active = [feed for feed in feeds if feed.enabled]
    if not active:
        return "no_feeds"
    if any(feed.state.last_success for feed in active):
        return "nothing_yet"
    tried = [feed for feed in active if feed.state.last_poll]
    return "none_reached" if len(tried) == len(active) else "first_read"
