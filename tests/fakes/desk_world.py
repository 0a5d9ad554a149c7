"""What the desk's fakes read: a made-up world, by default the day of `desk_news`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from ceasewire.alerts import Alert, Decision, Delivery
from ceasewire.errors import CeasewireError
from ceasewire.items import Item, Tagged
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from ceasewire.views import FeedView, Hit
from tests.fakes import desk_news as news

_MERGED = Story(
    id="i_merged", title="Envoys leave", first=news.STORY.first, last=news.STORY.last, items=("i_herald1",),
    merged_into=news.STORY.id,
)  # fmt: skip


@dataclass
class World:
    """What all fakes read and change."""

    items: list[Tagged] = field(default_factory=lambda: list(news.ITEMS))
    """Each item as it is now, in the order in which they came."""
    feeds: list[FeedView] = field(default_factory=lambda: list(news.FEEDS))
    now: datetime = news.NOW
    delay: float = 0
    """Seconds that a search takes."""
    counting: float = 0
    """Seconds that facets take."""
    faceted: int = 2000
    """Over how many matches facets and pairs are counted."""
    earlier: dict[str, tuple[Item, ...]] = field(default_factory=lambda: {"i_wire1": (news.FIRST_VERSION,)})
    """Item id to its earlier texts, newest first."""
    stories: list[Story] = field(default_factory=lambda: [*news.STORIES, _MERGED])
    alerts: list[Alert] = field(default_factory=lambda: sorted(news.ALERTS, key=lambda alert: alert.at))
    """In the order in which they were raised, as the decisions."""
    decisions: list[Decision] = field(default_factory=lambda: sorted(news.DECISIONS, key=lambda one: one.at))
    deliveries: list[Delivery] = field(default_factory=lambda: list(news.DELIVERIES))
    rules: tuple[str, ...] = ("ceasefire", "ceasefire_anywhere")
    """The ids of the rules in force."""
    number: int = 0
    watchers: set[asyncio.Event] = field(default_factory=set)
    curtain: asyncio.Event | None = None
    """The sample day comes up when this is set; None: at once."""
    fault: CeasewireError | None = None
    """Why the sample day does not come up."""
    done: list[tuple[str, ...]] = field(default_factory=list)
    """What actions were called, with their arguments."""

    def by_id(self, item: str) -> Tagged | None:
        """The item as it is now."""
        return next((one for one in self.items if one.item.id == item), None)

    def versions(self, item: Item) -> tuple[Item, ...]:
        """All texts of an item, newest first."""
        return (item, *self.earlier.get(item.id, ()))

    def story(self, key: str) -> Story | None:
        """The story, or the one that it went into in the end."""
        stories = {story.id: story for story in self.stories}
        found = stories.get(key)
        while found is not None and found.merged_into in stories:
            found = stories[found.merged_into]
        return found

    def story_of(self, item: str) -> Story | None:
        """The story that an item belongs to."""
        held = [story.id for story in self.stories if item in story.items]
        return self.story(held[0]) if held else None

    def hit(self, one: Tagged) -> Hit:
        """The item with its story and the number of its versions."""
        story = self.story_of(one.item.id)
        return Hit(
            tagged=one,
            story=story.id if story else None,
            story_size=len(story.items) if story else 0,
            versions=len(self.versions(one.item)),
        )

    def deliveries_of(self, alerts: Sequence[str]) -> tuple[Delivery, ...]:
        """The deliveries of the alerts, each alert's by channel."""
        return tuple(
            delivery
            for alert in alerts
            for delivery in sorted(self.deliveries, key=lambda one: one.channel)
            if delivery.alert == alert
        )

    def add(self, one: Tagged) -> None:
        """Another item came."""
        self.items.append(one)
        self.tell()

    def tell(self) -> None:
        """Something was stored."""
        self.number += 1
        for watcher in self.watchers:
            watcher.set()


def empty_world(reached: bool) -> World:
    """A first start: no items; feeds not read yet, or none reached."""
    feeds = [
        msgspec.structs.replace(
            view,
            enabled=True,
            state=FeedState(
                feed=view.source.feed,
                health="new" if reached else "failing",
                last_poll=None if reached else datetime.now(UTC),
                failures=0 if reached else 1,
                detail="" if reached else "The name of the host cannot be resolved.",
            ),
        )
        for view in news.FEEDS
    ]
    return World(items=[], feeds=feeds, earlier={}, stories=[], alerts=[], decisions=[], deliveries=[])
