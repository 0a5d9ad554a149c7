"""What became of the sample day, read from its store as any other command would."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from ceasewire.alerts import Action, Decision, Delivery
from ceasewire.identity import item_id
from ceasewire.views import AlertView, Ask, FeedView, Way
from embedded.demo.documents import guid
from embedded.demo.sample import SampleDay, SampleEntry, SampleFeed
from embedded.search import SqliteSearch
from embedded.store import Store


class Fared(msgspec.Struct, frozen=True, kw_only=True):
    """How one entry of the day fared."""

    feed: SampleFeed
    entry: SampleEntry
    """As it stood at the end of the day."""
    way: Way | None
    """None: it never came in."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the end of the day is told from."""

    fared: tuple[Fared, ...]
    alerts: tuple[AlertView, ...]
    """Oldest first."""
    decisions: tuple[tuple[Decision, str], ...]
    """All decisions with the title of their item, oldest first."""
    feeds: Sequence[FeedView]
    stored: int
    """Items in the store, the earlier days included."""

    @property
    def came_in(self) -> tuple[Fared, ...]:
        """The entries that were stored."""
        return tuple(one for one in self.fared if one.way)

    @property
    def languages(self) -> Counter[str]:
        """Entries by the language that was recognised."""
        return Counter(one.way.tagged.language for one in self.fared if one.way)

    @property
    def issues(self) -> Counter[str]:
        """Entries by issue."""
        return Counter(issue for one in self.fared if one.way for issue in one.way.tagged.issues)

    @property
    def held(self) -> dict[str, list[str]]:
        """Reason of a hold to the titles that were held for it, oldest first."""
        found: dict[str, list[str]] = {}
        for decision, title in self.decisions:
            if decision.action == Action.HOLD:
                found.setdefault(decision.reason, []).append(title)
        return found

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All deliveries of all alerts."""
        return tuple(delivery for view in self.alerts for delivery in view.deliveries)


async def read_outcome(day: SampleDay, step: int, store: Store, feeds: Sequence[FeedView]) -> Outcome:
    """The outcome of the day up to a step. Raises StoreError."""
    fared = []
    for feed, entry in day.entries():
        current = entry.at(step)
        if current:
            key = item_id(feed.feed, guid(feed.feed, entry.key))
            fared.append(Fared(feed=feed, entry=current, way=await store.items.way(key)))
    alerts: list[AlertView] = []
    after: str | None = None
    while True:
        page = await store.alerts.alerts(after, 100)
        alerts += page.alerts
        after = page.next
        if after is None:
            break
    decisions: list[tuple[Decision, str]] = []
    while True:
        listed = await store.alerts.decisions(after, 500)
        decisions += listed.decisions
        after = listed.next
        if after is None:
            break
    found = await SqliteSearch(store).search(Ask(limit=1))
    return Outcome(
        fared=tuple(fared),
        alerts=tuple(reversed(alerts)),
        decisions=tuple(reversed(decisions)),
        feeds=feeds,
        stored=found.total,
    )
