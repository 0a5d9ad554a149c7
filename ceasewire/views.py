"""What a reader of the store is given: hits, facets, volumes, and the whole way of an item."""

from datetime import date, datetime

import msgspec

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.items import Item, Source, Span, Tagged
from ceasewire.polling import FeedState
from ceasewire.query import Node
from ceasewire.stories import Story


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A search: a query tree (None = everything), a span of days, a page. Newest first."""

    node: Node | None = None
    since: datetime | None = None
    """Items with `at` from here on."""
    until: datetime | None = None
    """Items with `at` before this."""
    after: str | None = None
    """Cursor of the page before (`Found.next`), opaque."""
    limit: int = 30


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One item that a search found."""

    tagged: Tagged
    story: str | None = None
    story_size: int = 0
    versions: int = 1
    highlights: tuple[Span, ...] = ()
    """Where the words of the query stand."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a search."""

    hits: tuple[Hit, ...]
    total: int
    total_is_least: bool = False
    """True where counting stopped and there may be more."""
    next: str | None = None


class Count(msgspec.Struct, frozen=True):
    """How many of the counted matches have a value."""

    value: str
    count: int


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over the newest matches of a search, at most 2,000, each list highest first."""

    counted: int
    all_counted: bool
    issues: tuple[Count, ...] = ()
    actors: tuple[Count, ...] = ()
    languages: tuple[Count, ...] = ()
    sources: tuple[Count, ...] = ()
    """Feed ids."""
    conflicts: tuple[Count, ...] = ()
    days: tuple[Count, ...] = ()
    """ISO days in UTC, newest first."""


class Volume(msgspec.Struct, frozen=True, kw_only=True):
    """Items a day (UTC) about negotiations, or that carry an issue of a conflict."""

    days: tuple[date, ...]
    """Every day of the span, oldest first, days without items included."""
    issues: dict[str, tuple[int, ...]]
    """Issue id to a count for each of `days`; most frequent issue first."""
    items: tuple[int, ...]
    """All of these items a day."""


class ItemView(msgspec.Struct, frozen=True, kw_only=True):
    """One item with its earlier texts."""

    hit: Hit
    versions: tuple[Item, ...]
    """All revisions, newest first, the shown one included."""


class StoryView(msgspec.Struct, frozen=True, kw_only=True):
    """One story with its items, oldest first (at most 200)."""

    story: Story
    items: tuple[Tagged, ...]
    thread: tuple[Story, ...] = ()
    """Other stories about the same development, latest news first (at most 20)."""


class AlertView(msgspec.Struct, frozen=True, kw_only=True):
    """One alert with the item that raised it, all decisions on its rule and story, and its deliveries."""

    alert: Alert
    tagged: Tagged
    decisions: tuple[Decision, ...]
    deliveries: tuple[Delivery, ...]


class AlertPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of alerts, newest first."""

    alerts: tuple[AlertView, ...]
    next: str | None = None


class DecisionPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of decisions, newest first, each with the title of its item."""

    decisions: tuple[tuple[Decision, str], ...]
    next: str | None = None


class StoryPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of stories, latest news first, merged ones left out."""

    stories: tuple[Story, ...]
    next: str | None = None


class FeedView(msgspec.Struct, frozen=True, kw_only=True):
    """A feed as an operator sees it."""

    source: Source
    address: str
    """Without credentials and query secrets, for show."""
    enabled: bool
    state: FeedState
    items_a_week: float


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule says of one item: met or not, and the decision that followed."""

    rule: str
    met: bool
    decision: Decision | None = None


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """The whole way of an item: polled, admitted, tagged, gathered, each rule, each delivery."""

    versions: tuple[Item, ...]
    tagged: Tagged
    feed: FeedState | None
    story: Story | None
    verdicts: tuple[Verdict, ...]
    alerts: tuple[Alert, ...]
    deliveries: tuple[Delivery, ...]
    dead: tuple[str, ...] = ()
    """What could not handle the item by a fault of ours, each in a line: the stage and the reason."""
