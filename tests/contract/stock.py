"""The same items, stories, alerts and deliveries in the store and in the fakes of the desk."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import msgspec

from ceasewire.alerts import Action, Alert, Attempt, Decision, Delivery, Reason, State
from ceasewire.crossings import Judgement
from ceasewire.items import RuleHit, Source, Span, Tagged
from ceasewire.polling import FeedState
from ceasewire.ports import Alerts, Items, Pairs, Stories
from ceasewire.stories import Member, Story
from ceasewire.topics import ALERTS, DELIVERIES, FEEDS, STORIES, TAGGED
from ceasewire.views import FeedView
from cluster.search.alerts import ElasticAlerts
from cluster.search.client import Index
from cluster.search.items import ElasticItems
from cluster.search.pairs import ElasticPairs
from cluster.search.searching import ElasticSearch
from cluster.search.stories import ElasticStories
from embedded.search import SqlitePairs
from embedded.store.feed_rows import FeedRows
from embedded.store.gathered import open_deliveries, put_alert, put_decision, put_members, put_stories
from embedded.store.reader import SqliteItems
from tests.contract.elastic import fill, opened
from tests.fakes.desk_ports import ports
from tests.fakes.desk_world import World
from tests.store.making import NOON, Clock, make_state, make_store, make_tagged, put_all

RULES = ("ceasefire", "prisoners")
COUNTED = 4
"""Items over which pairs are counted here."""
HIT = RuleHit(rule="ceasefire", sentence=Span("title", 0, 9), words=(Span("title", 0, 9),))


def ago(minutes: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=minutes)


def key(number: int) -> str:
    """The id of the item with this number."""
    return f"i_{number:026}"


@dataclass(frozen=True)
class Stock:
    """What came, in the order in which it came: a later revision stands after the earlier one."""

    tagged: Sequence[Tagged] = ()
    stories: Sequence[Story] = ()
    alerts: Sequence[Alert] = ()
    decisions: Sequence[Decision] = ()
    deliveries: Sequence[Delivery] = ()
    states: Sequence[FeedState] = ()


@dataclass(frozen=True)
class Reading:
    """The ports over one stock, and a way to let more come."""

    items: Items
    stories: Stories
    alerts: Alerts
    pairs: Pairs
    more: Callable[[Stock], Awaitable[None]]


def story(number: int, *items: int, last: float = 0, merged_into: int | None = None) -> Story:
    """A story whose latest news is `last` minutes old."""
    at = NOON - ago(last)
    return Story(
        id=key(number),
        title=f"Envoys meet in town {number}",
        first=at,
        last=at,
        items=tuple(key(item) for item in (items or (number,))),
        outlets=("Morning Wire",),
        copies={"ceasefire": 1},
        merged_into=None if merged_into is None else key(merged_into),
    )


def alert(number: int, of: int, *, in_story: int | None = None, rev: int = 1, cause: str = "first") -> Alert:
    """An alert on an item."""
    return Alert(
        id=f"a_{number}",
        rule="ceasefire",
        story=key(of if in_story is None else in_story),
        cause=cause,
        conflict="river_war",
        item=key(of),
        rev=rev,
        hit=HIT,
        channels=("team", "room"),
        at=NOON + ago(number),
    )


def decision(of: int, *, in_story: int | None = None, alert: int | None = None, **changes: object) -> Decision:
    """What was decided on an item; held as a copy unless said otherwise."""
    values = {"rev": 1, "rule": "ceasefire", "action": Action.HOLD, "reason": Reason.SAME_STORY, "at": NOON} | changes
    return Decision(
        item=key(of),
        story=key(of if in_story is None else in_story),
        alert=None if alert is None else f"a_{alert}",
        **values,  # type: ignore[arg-type]
    )


def delivery(alert: int, channel: str, state: State = State.PENDING) -> Delivery:
    """A delivery of an alert; one that was tried says so."""
    tried = () if state is State.PENDING else (Attempt(at=NOON, outcome="server_error", status=503, detail="слова"),)
    return Delivery(
        id=f"msg_{alert}_{channel}",
        alert=f"a_{alert}",
        channel=channel,
        kind="slack" if channel == "room" else "webhook",
        state=state,
        created=NOON,
        due=NOON,
        body='{"type": "alert.created"}',
        tries=len(tried),
        attempts=tried,
    )


def member(of: Tagged, story: str) -> Member:
    """The item as gathering remembers it."""
    item = of.item
    return Member(
        item=item.id, rev=item.rev, fingerprint=item.fingerprint, story=story, at=item.seen, published=item.at,
        feed=item.source.feed, outlet=item.source.outlet, title_key=item.title,
    )  # fmt: skip


@asynccontextmanager
async def _store(folder: Path) -> AsyncIterator[Reading]:
    store = make_store(folder, Clock())
    rows = FeedRows()

    async def more(stock: Stock) -> None:
        await put_all(store, stock.tagged)
        home = {item: one.id for one in reversed(stock.stories) for item in one.items}
        members = [member(one, home[one.item.id]) for one in stock.tagged if one.item.id in home]

        def job(connection):  # type: ignore[no-untyped-def]
            put_members(connection, members)
            put_stories(connection, stock.stories)
            assert all(put_decision(connection, one) for one in stock.decisions)
            assert all(put_alert(connection, one) for one in stock.alerts)
            open_deliveries(connection, stock.deliveries)
            for state in stock.states:
                rows.put(connection, state)

        await store.write(job)

    yield Reading(
        SqliteItems(store.readers, lambda: RULES), store.stories, store.alerts, SqlitePairs(store, most=COUNTED), more
    )
    store.close()


@asynccontextmanager
async def _fake(_folder: Path) -> AsyncIterator[Reading]:
    world = World(
        items=[],
        feeds=[],
        now=NOON,
        earlier={},
        stories=[],
        alerts=[],
        decisions=[],
        deliveries=[],
        rules=RULES,
        faceted=COUNTED,
    )
    made = ports(world)

    async def more(stock: Stock) -> None:
        for one in stock.tagged:
            _take(world, one)
        known = {one.id: one for one in (*world.stories, *stock.stories)}
        world.stories = list(known.values())
        world.alerts += stock.alerts
        world.decisions += stock.decisions
        world.deliveries += stock.deliveries
        world.feeds += [
            FeedView(
                source=Source(feed=state.feed, outlet="Wire"), address="", enabled=True, state=state, items_a_week=0
            )
            for state in stock.states
        ]

    yield Reading(made.items, made.stories, made.alerts, made.pairs, more)


def _take(world: World, one: Tagged) -> None:
    for place, known in enumerate(world.items):
        if known.item.id == one.item.id:
            if one.item.rev > known.item.rev:
                world.earlier[one.item.id] = world.versions(known.item)
                world.items[place] = one
            return
    world.items.append(one)


@asynccontextmanager
async def elastic(url: str) -> AsyncIterator[Reading]:
    """The ports over indices of a real node, filled as the indexer fills them."""
    async with opened(url, f"t{token_hex(6)}") as (client, settings):
        index = Index(client, settings)

        async def more(stock: Stock) -> None:
            judged = [Judgement(alert=one, tagged=_alerted(stock, one)) for one in stock.alerts]
            decided = [Judgement(decision=one, title=_title(stock, one.item)) for one in stock.decisions]
            rows: list[tuple[str, Sequence[msgspec.Struct]]] = [
                (TAGGED, stock.tagged),
                (STORIES, stock.stories),
                (ALERTS, [*judged, *decided]),
                (DELIVERIES, stock.deliveries),
                (FEEDS, stock.states),
            ]
            await fill(client, settings, [(topic, value) for topic, values in rows for value in values])

        yield Reading(
            ElasticItems(index, lambda: RULES),
            ElasticStories(index),
            ElasticAlerts(index),
            ElasticPairs(index, ElasticSearch(index, Clock()).query, at_once=3, most=COUNTED),
            more,
        )


def _alerted(stock: Stock, alert: Alert) -> Tagged | None:
    """The text that raised the alert."""
    return next((one for one in stock.tagged if (one.item.id, one.item.rev) == (alert.item, alert.rev)), None)


def _title(stock: Stock, item: str) -> str:
    return next((one.item.title for one in reversed(stock.tagged) if one.item.id == item), "")


KINDS = {"sqlite": _store, "fake": _fake}
__all__ = ["HIT", "KINDS", "NOON", "RULES", "Reading", "Stock", "ago", "alert", "decision", "delivery", "elastic",
           "key", "make_state", "make_tagged", "story"]  # fmt: skip
