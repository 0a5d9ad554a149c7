"""What every reader of feeds must give: the one over the configuration and the desk's fake."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from ceasewire.config.feeds import Feed
from ceasewire.items import Source
from ceasewire.polling import FeedState
from ceasewire.ports import Feeds
from ceasewire.views import FeedView
from process.feed_views import ConfiguredFeeds
from tests.fakes.desk_ports import FakeFeeds, World
from tests.store.making import NOON

CONFIGURED = [
    Feed(id="late_wire", url="https://late.example/feed?lang=en", outlet="Late Wire", kind="agency", language="en"),
    Feed(id="blocked", url="https://user:secret-1@blocked.example/feed?api_key=secret-2&page=1", outlet="Blocked"),
    Feed(
        id="off",
        url="https://off.example/secret-3/feed?code=secret/4=&key=secret-5",
        outlet="Off",
        country="PL",
        enabled=False,
    ),
    Feed(id="fresh", url="https://fresh.example/feed", outlet="Fresh"),
    Feed(id="hidden", url="https://me:secret-6@hidden.example/secret-6-and-more", outlet="Hidden"),
]
SECRETS = ("secret-3", "secret-6", "https://me:secret-6@hidden.example/secret-6-and-more", "secret/4=", "")
STATES = {
    "blocked": FeedState(feed="blocked", health="failing", reason="refused", failures=3, last_poll=NOON),
    "late_wire": FeedState(
        feed="late_wire", health="ok", last_success=NOON,
        recent=tuple(NOON - timedelta(days=days) for days in (9, 6, 2, 0)),
    ),
    "not_in_the_list": FeedState(feed="not_in_the_list", health="ok"),
}  # fmt: skip
VIEWS = [
    FeedView(
        source=Source(feed="late_wire", outlet="Late Wire", kind="agency", language="en"),
        address="https://late.example/feed?lang=en",
        enabled=True,
        state=STATES["late_wire"],
        items_a_week=3,
    ),
    FeedView(
        source=Source(feed="blocked", outlet="Blocked"),
        address="https://blocked.example/feed?api_key=***&page=1",
        enabled=True,
        state=STATES["blocked"],
        items_a_week=0,
    ),
    FeedView(
        source=Source(feed="off", outlet="Off", country="PL"),
        address="https://off.example/***/feed?code=***&key=***",
        enabled=False,
        state=FeedState(feed="off"),
        items_a_week=0,
    ),
    FeedView(
        source=Source(feed="fresh", outlet="Fresh"),
        address="https://fresh.example/feed",
        enabled=True,
        state=FeedState(feed="fresh"),
        items_a_week=0,
    ),
    FeedView(
        source=Source(feed="hidden", outlet="Hidden"),
        address="***",
        enabled=True,
        state=FeedState(feed="hidden"),
        items_a_week=0,
    ),
]
Change = Callable[[list[int]], None]
"""Leaves only the feeds at these places, in this order."""


def _configured() -> tuple[Feeds, Change]:
    listed = list(CONFIGURED)

    async def states() -> dict[str, FeedState]:
        return STATES

    def change(places: list[int]) -> None:
        listed[:] = [CONFIGURED[place] for place in places]

    return ConfiguredFeeds(lambda: listed, states, lambda: NOON, lambda: SECRETS), change


def _fake() -> tuple[Feeds, Change]:
    world = World(feeds=list(VIEWS))

    def change(places: list[int]) -> None:
        world.feeds = [VIEWS[place] for place in places]

    return FakeFeeds(world), change


@pytest.fixture(params=[_configured, _fake], ids=["configured", "fake"])
def made(request: pytest.FixtureRequest) -> tuple[Feeds, Change]:
    kind: Callable[[], tuple[Feeds, Change]] = request.param
    return kind()


async def test_every_configured_feed_in_the_order_of_the_list(made: tuple[Feeds, Change]) -> None:
    feeds, _ = made
    assert list(await feeds.feeds()) == VIEWS
    assert list(await feeds.feeds()) == VIEWS


async def test_a_changed_list_is_seen_at_the_next_look(made: tuple[Feeds, Change]) -> None:
    feeds, change = made
    before = await feeds.feeds()
    change([3, 0])
    assert list(await feeds.feeds()) == [VIEWS[3], VIEWS[0]]
    assert list(before) == VIEWS, "what was given must not change"
    change([])
    assert list(await feeds.feeds()) == []


async def test_no_secret_shows(made: tuple[Feeds, Change]) -> None:
    feeds, _ = made
    assert "secret" not in repr(await feeds.feeds())
