"""Fakes of all that the desk reads and does, over the made-up world of `desk_world`."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from ceasewire.alerts import Action, State
from ceasewire.deliveries import resume
from ceasewire.errors import ConfigurationError, Fault
from ceasewire.polling import FeedState
from ceasewire.ports import Search
from ceasewire.views import Ask, Facets, FeedView, Found, Volume
from desk import Ports
from tests.fakes import desk_news as news
from tests.fakes.desk_reading import FakeAlerts, FakeItems, FakeStories
from tests.fakes.desk_world import World, empty_world
from tests.fakes.pairs import FakePairs, counted
from tests.fakes.search import FakeSearch

__all__ = ["HELD", "FakeActions", "FakeChanges", "FakeFeeds", "FakeNames", "World", "empty_world", "ports"]

NAMES = {
    "ukraine_russia": "Ukraine and Russia", "eu": "European Union", "zelensky": "Volodymyr Zelenskyy",
    "security_guarantees": "Security guarantees", "prisoner_exchange": "Prisoner exchange",
    "verification_monitoring": "Verification and monitoring", "abducted_children": "Abducted children",
    "frozen_assets": "Frozen assets", "nuclear_safety": "Nuclear safety", "united_nations": "United Nations",
    "european_commission": "European Commission",
}  # fmt: skip
PAUSE = 0.5
"""Seconds between two numbers for one watcher."""


class FakeNames:
    """Names of ids; those not in the table are written with a capital."""

    def issue(self, id: str) -> str:
        return NAMES.get(id, id.replace("_", " ").capitalize())

    actor = conflict = place = mark = issue

    def known_marks(self) -> tuple[str, ...]:
        return ("opinion", "live_blog", "headline_unsupported")

    def known_issues(self) -> tuple[str, ...]:
        return ("ceasefire", "security_guarantees", "prisoner_exchange", "territory")

    def known_actors(self) -> tuple[str, ...]:
        return ("zelensky", "russia", "eu")

    def known_conflicts(self) -> tuple[str, ...]:
        return ("ukraine_russia",)


@dataclass
class LateSearch:
    """A search that takes as long as the world says."""

    plain: Search
    world: World

    async def search(self, ask: Ask) -> Found:
        await asyncio.sleep(self.world.delay)
        return await self.plain.search(ask)

    async def facets(self, ask: Ask) -> Facets:
        await asyncio.sleep(self.world.counting)
        return await self.plain.facets(ask)

    async def volume(self, ask: Ask) -> Volume:
        return await self.plain.volume(ask)


@dataclass
class FakeFeeds:
    world: World

    async def feeds(self) -> Sequence[FeedView]:
        return tuple(self.world.feeds)


@dataclass
class FakeChanges:
    world: World

    async def changes(self) -> AsyncIterator[int]:
        watcher = asyncio.Event()
        self.world.watchers.add(watcher)
        try:
            while True:
                await watcher.wait()
                watcher.clear()
                yield self.world.number
                await asyncio.sleep(PAUSE)
        finally:
            self.world.watchers.discard(watcher)


@dataclass
class FakeActions:
    world: World

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        self.world.done.append(("check", feed))
        if self.world.fault:
            raise self.world.fault
        for place, view in enumerate(self.world.feeds):
            if view.source.feed == feed:
                now = self.world.now
                state = msgspec.structs.replace(
                    view.state, health="ok", reason="", detail="", failures=0, last_poll=now, last_success=now
                )
                self.world.feeds[place] = msgspec.structs.replace(view, state=state)
                return state
        raise ConfigurationError([Fault("feeds.yml", None, f"no feed is named {feed}")])

    async def retry_delivery(self, delivery: str) -> bool:
        self.world.done.append(("retry", delivery))
        for place, known in enumerate(self.world.deliveries):
            if known.id == delivery and known.state is not State.DELIVERED:
                self.world.deliveries[place] = resume(known, self.world.now)
                return True
        return False

    async def play_sample_day(self) -> str:
        self.world.done.append(("sample",))
        if self.world.curtain:
            await self.world.curtain.wait()
        if self.world.fault:
            raise self.world.fault
        return "http://127.0.0.1:8399/"


def ports(world: World) -> Ports:
    """All fakes over one world."""
    search = FakeSearch(lambda: world.items, lambda: world.now, world.hit, world.faceted)
    return Ports(
        search=LateSearch(search, world),
        items=FakeItems(world),
        stories=FakeStories(world),
        pairs=FakePairs(lambda ask: counted(search.matches(ask)), world.faceted),
        alerts=FakeAlerts(world),
        feeds=FakeFeeds(world),
        changes=FakeChanges(world),
        actions=FakeActions(world),
    )


HELD = sum(1 for decision in news.DECISIONS if decision.action is Action.HOLD)
