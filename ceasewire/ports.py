"""Where the domain meets the outside: each port has one to three methods, and one contract suite for all its kinds."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Literal, Protocol

import msgspec

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.items import Item
from ceasewire.pair_views import NamingPage, PairWeeks
from ceasewire.polling import FeedState
from ceasewire.query import Node
from ceasewire.views import (
    AlertPage,
    AlertView,
    Ask,
    DecisionPage,
    Facets,
    FeedView,
    Found,
    ItemView,
    StoryPage,
    StoryView,
    Volume,
    Way,
)


class Intake(Protocol):
    """Takes what a poll brought. Exists over SQLite (one transaction) and Kafka (awaited sends, then `feeds`)."""

    async def state(self, feed: str) -> FeedState | None:
        """What is remembered of the feed."""

    async def commit(self, items: Sequence[Item], state: FeedState) -> None:
        """Everything of the poll, or nothing: the items and, last, the feed's state. Raises StoreError."""


class Outbox(Protocol):
    """The deliveries that are not done."""

    async def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> Sequence[Delivery]:
        """Open deliveries (pending, retry, or left as sending) with `due` up to now, oldest due first.

        Those of the channels in `but` are left out. A time that `deliveries.FARTHEST` is not enough for is due too.
        """

    async def save(self, delivery: Delivery) -> bool:
        """The delivery's new state, durable when this returns.

        False, and nothing changes, where another state of this version or a higher one is stored: somebody else went
        on from the state that this one was made of. The very state that is stored may be saved again.
        """

    async def next_due(self) -> datetime | None:
        """When the next open delivery is due, or None."""


class Backlog(Protocol):
    """What the outbox holds beside what is due."""

    async def counts(self) -> Mapping[State, int]:
        """The number of deliveries in each state."""

    async def suspended(self, channel: str) -> Sequence[Delivery]:
        """The deliveries of the channel that wait as suspended, oldest first."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one try to deliver: an expected failure is a value."""

    kind: Literal["delivered", "failed", "gone"]
    """gone: the receiver says for good that it wants no more (410)."""
    name: str
    """A named outcome of `ceasewire.deliveries.OUTCOMES`, also the metric label."""
    status: int | None = None
    seconds: float = 0.0
    retry_after: float | None = None
    """Seconds that the receiver asks us to wait."""
    detail: str = ""


class Sender(Protocol):
    """Posts one delivery to its channel."""

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        """One try; never raises for what a receiver or the network does."""


class Search(Protocol):
    """Finds items. Exists over SQLite and Elasticsearch."""

    async def search(self, ask: Ask) -> Found:
        """A page of matches, newest first."""

    async def facets(self, ask: Ask) -> Facets:
        """Counts over the newest 2,000 matches."""

    async def volume(self, ask: Ask) -> Volume:
        """Items a day by issue, over the span of the ask (default: the last 30 days)."""


class Pairs(Protocol):
    """Reads which actors and issues sentences name together. Exists over SQLite and Elasticsearch.

    Of items about negotiations, or that carry an issue of a conflict, as volumes are.
    """

    async def weeks(self, node: Node | None, weeks: Sequence[date]) -> PairWeeks:
        """Stories by pair and week, over the newest 20,000 matches of the query; `weeks` are Mondays in a row."""

    async def sentences(self, ask: Ask, actor: str | None = None, issue: str | None = None) -> NamingPage:
        """A page of the matches that name the actor and the issue together (None = any), latest date first."""


class Items(Protocol):
    """Reads single items."""

    async def item(self, key: str) -> ItemView | None:
        """By id or address."""

    async def way(self, key: str) -> Way | None:
        """By id or address: all that happened to the item."""


class Stories(Protocol):
    """Reads stories."""

    async def stories(self, after: str | None = None, limit: int = 30) -> StoryPage:
        """Stories with the latest news first."""

    async def story(self, story: str) -> StoryView | None:
        """One story; the id of a merged one leads to the story it went into."""


class Alerts(Protocol):
    """Reads alerts and the decisions behind them."""

    async def alerts(self, after: str | None = None, limit: int = 30) -> AlertPage:
        """Alerts, newest first."""

    async def alert(self, alert: str) -> AlertView | None:
        """One alert."""

    async def decisions(self, after: str | None = None, limit: int = 50) -> DecisionPage:
        """All decisions, held ones too, newest first."""


class Feeds(Protocol):
    """Reads the state of all feeds."""

    async def feeds(self) -> Sequence[FeedView]:
        """Every configured feed, in the order of the list."""


class Changes(Protocol):
    """Tells that something new was stored."""

    def changes(self) -> AsyncIterator[int]:
        """A growing number whenever items, alerts or feed states were committed; at most two a second."""


class Actions(Protocol):
    """What a person may do from the desk or the command line while the program runs."""

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        """Polls now and gives the state after it."""

    async def retry_delivery(self, delivery: str) -> bool:
        """Makes a delivery due now, unless it is just being sent; False where there is none or it is delivered."""

    async def play_sample_day(self) -> str:
        """Starts the sample day in a store of its own and gives the address of its desk."""
