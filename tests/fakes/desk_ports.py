"""Fakes of all that the desk reads, over the made-up day of `desk_news`; their search is plain and slow."""

import asyncio
import unicodedata
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from ceasewire.alerts import Action, State
from ceasewire.items import Span, Tagged
from ceasewire.polling import FeedState
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word
from ceasewire.views import (
    AlertPage,
    AlertView,
    Ask,
    Count,
    DecisionPage,
    Facets,
    FeedView,
    Found,
    Hit,
    ItemView,
    StoryPage,
    StoryView,
    Verdict,
    Volume,
    Way,
)
from desk import Ports
from tests.fakes import desk_news as news

NAMES = {
    "ukraine_russia": "Ukraine and Russia", "eu": "European Union", "zelensky": "Volodymyr Zelenskyy",
    "security_guarantees": "Security guarantees", "prisoner_exchange": "Prisoner exchange",
    "verification_monitoring": "Verification and monitoring", "abducted_children": "Abducted children",
    "frozen_assets": "Frozen assets", "nuclear_safety": "Nuclear safety", "united_nations": "United Nations",
    "european_commission": "European Commission",
}  # fmt: skip


class FakeNames:
    """Names of ids; those not in the table are written with a capital."""

    def issue(self, id: str) -> str:
        return NAMES.get(id, id.replace("_", " ").capitalize())

    actor = conflict = place = issue

    def known_issues(self) -> tuple[str, ...]:
        return ("ceasefire", "security_guarantees", "prisoner_exchange", "territory")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def meets(node: Node | None, one: Tagged) -> bool:
    """Whether an item meets a query, by plain substrings."""
    match node:
        case None:
            return True
        case Word(text=text) | Phrase(text=text):
            return _fold(text) in _fold(one.item.title + " " + one.item.text)
        case Has(name=name, value=value):
            have = {
                "issue": one.issues,
                "actor": one.actors,
                "conflict": (one.conflict,),
                "lang": (one.language,),
                "source": (one.item.source.feed, one.item.source.outlet.casefold()),
                "relevance": (one.relevance,),
            }[name]
            return value in have
        case And(parts=parts):
            return all(meets(part, one) for part in parts)
        case Or(parts=parts):
            return any(meets(part, one) for part in parts)
        case Not(part=part):
            return not meets(part, one)
        case In(zone=zone, part=part):
            text = "" if zone == "title" else one.item.text[:300]
            return meets(part, msgspec.structs.replace(one, item=msgspec.structs.replace(one.item, text=text)))


def _words(node: Node | None) -> list[str]:
    match node:
        case Word(text=text) | Phrase(text=text):
            return [text]
        case And(parts=parts) | Or(parts=parts):
            return [word for part in parts for word in _words(part)]
        case In(part=part):
            return _words(part)
    return []


@dataclass
class World:
    """What all fakes read and change."""

    items: list[Tagged] = field(default_factory=lambda: list(news.ITEMS))
    feeds: list[FeedView] = field(default_factory=lambda: list(news.FEEDS))
    now: datetime = news.NOW
    delay: float = 0
    """Seconds that a search takes."""
    counting: float = 0
    """Seconds that facets take."""
    number: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    done: list[tuple[str, ...]] = field(default_factory=list)
    """What actions were called, with their arguments."""

    def hit(self, one: Tagged, node: Node | None = None) -> Hit:
        story = next((s for s in news.STORIES if one.item.id in s.items), None)
        marks = []
        for word in _words(node):
            for name, text in (("title", one.item.title), ("text", one.item.text)):
                at = _fold(text).find(_fold(word))
                if at >= 0:
                    marks.append(Span("title" if name == "title" else "text", at, at + len(word)))
        return Hit(
            tagged=one,
            story=story.id if story else None,
            story_size=len(story.items) if story else 0,
            versions=2 if one.item.id == "i_wire1" else 1,
            highlights=tuple(marks),
        )

    def matches(self, ask: Ask) -> list[Tagged]:
        newest = sorted(self.items, key=lambda one: one.item.at, reverse=True)
        return [
            one
            for one in newest
            if meets(ask.node, one)
            and (ask.since is None or one.item.at >= ask.since)
            and (ask.until is None or one.item.at < ask.until)
        ]

    def add(self, one: Tagged) -> None:
        self.items.append(one)
        self.number += 1
        self.changed.set()


@dataclass
class FakeSearch:
    world: World

    async def search(self, ask: Ask) -> Found:
        await asyncio.sleep(self.world.delay)
        found = self.world.matches(ask)
        start = int(ask.after or 0)
        page = found[start : start + ask.limit]
        after = start + ask.limit
        hits = tuple(self.world.hit(one, ask.node) for one in page)
        return Found(hits=hits, total=len(found), next=str(after) if after < len(found) else None)

    async def facets(self, ask: Ask) -> Facets:
        await asyncio.sleep(self.world.counting)
        found = self.world.matches(ask)

        def counts(values: list[str]) -> tuple[Count, ...]:
            return tuple(Count(value, count) for value, count in Counter(values).most_common())

        return Facets(
            counted=len(found),
            all_counted=len(found) < 12,
            issues=counts([issue for one in found for issue in one.issues]),
            actors=counts([actor for one in found for actor in one.actors]),
            languages=counts([one.language for one in found]),
            sources=counts([one.item.source.feed for one in found]),
            conflicts=counts([one.conflict for one in found if one.conflict]),
            days=tuple(sorted(counts([one.item.at.date().isoformat() for one in found]), key=lambda c: c.value)[::-1]),
        )

    async def volume(self, ask: Ask) -> Volume:
        """Invented numbers for the days before, and the real ones of the last."""
        last = self.world.now.date()
        first = ask.since.date() if ask.since else last - timedelta(days=29)
        days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
        if not self.world.items:
            return Volume(days=days, issues={}, items=(0,) * len(days))
        issues: dict[str, tuple[int, ...]] = {}
        for place, issue in enumerate(
            ("ceasefire", "security_guarantees", "territory", "prisoner_exchange", "frozen_assets", "nuclear_safety",
             "abducted_children", "peacekeepers", "reconstruction", "verification_monitoring")
        ):  # fmt: skip
            issues[issue] = tuple(
                max(
                    0, round((42 - 4 * place) * (1 + ((n * (7 + place)) % 11 - 5) / 9) * (0.4 if n % 7 > 4 else 1)) // 3
                )
                for n in range(len(days))
            )
        return Volume(days=days, issues=issues, items=tuple(sum(day) * 2 for day in zip(*issues.values(), strict=True)))


@dataclass
class FakeItems:
    world: World

    def _find(self, key: str) -> Tagged | None:
        return next((one for one in self.world.items if key in (one.item.id, one.item.url)), None)

    async def item(self, key: str) -> ItemView | None:
        one = self._find(key)
        if one is None:
            return None
        versions = (one.item, news.FIRST_VERSION) if one.item.id == "i_wire1" else (one.item,)
        return ItemView(hit=self.world.hit(one), versions=versions)

    async def way(self, key: str) -> Way | None:
        one = self._find(key)
        if one is None:
            return None
        decisions = {d.rule: d for d in news.DECISIONS if d.item == one.item.id}
        alerts = tuple(a for a in news.ALERTS if a.item == one.item.id)
        met = {hit.rule for hit in one.rules}
        view = next((f for f in self.world.feeds if f.source.feed == one.item.source.feed), None)
        return Way(
            versions=(one.item,),
            tagged=one,
            feed=view.state if view else None,
            story=next((s for s in news.STORIES if one.item.id in s.items), None),
            verdicts=tuple(
                Verdict(rule=rule, met=rule in met, decision=decisions.get(rule))
                for rule in ("ceasefire", "ceasefire_anywhere")
            ),
            alerts=alerts,
            deliveries=tuple(d for d in news.DELIVERIES if d.alert in {a.id for a in alerts}),
        )


@dataclass
class FakeStories:
    world: World

    async def stories(self, after: str | None = None, limit: int = 30) -> StoryPage:
        return StoryPage(stories=news.STORIES if self.world.items else ())

    async def story(self, story: str) -> StoryView | None:
        wanted = "i_wire1" if story == "i_merged" else story
        found = next((s for s in news.STORIES if s.id == wanted), None)
        if found is None:
            return None
        items = tuple(one for one in self.world.items if one.item.id in found.items)
        return StoryView(story=found, items=tuple(sorted(items, key=lambda one: one.item.at)))


@dataclass
class FakeAlerts:
    world: World

    def _view(self, alert: str) -> AlertView | None:
        found = next((a for a in news.ALERTS if a.id == alert), None)
        if found is None:
            return None
        return AlertView(
            alert=found,
            tagged=next(one for one in news.ITEMS if one.item.id == found.item),
            decisions=tuple(d for d in news.DECISIONS if d.alert == alert),
            deliveries=tuple(d for d in news.DELIVERIES if d.alert == alert),
        )

    async def alerts(self, after: str | None = None, limit: int = 30) -> AlertPage:
        if not self.world.items:
            return AlertPage(alerts=())
        views = [self._view(a.id) for a in sorted(news.ALERTS, key=lambda a: a.at, reverse=True)]
        return AlertPage(alerts=tuple(view for view in views if view)[:limit])

    async def alert(self, alert: str) -> AlertView | None:
        return self._view(alert)

    async def decisions(self, after: str | None = None, limit: int = 50) -> DecisionPage:
        titles = {one.item.id: one.item.title for one in news.ITEMS}
        listed = sorted(news.DECISIONS, key=lambda d: d.at, reverse=True) if self.world.items else []
        start = int(after or 0)
        page = tuple((d, titles[d.item]) for d in listed[start : start + limit])
        return DecisionPage(decisions=page, next=str(start + limit) if start + limit < len(listed) else None)


@dataclass
class FakeFeeds:
    world: World

    async def feeds(self) -> Sequence[FeedView]:
        return tuple(self.world.feeds)


@dataclass
class FakeChanges:
    world: World

    async def changes(self) -> AsyncIterator[int]:
        while True:
            await self.world.changed.wait()
            self.world.changed.clear()
            yield self.world.number


@dataclass
class FakeActions:
    world: World

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        self.world.done.append(("check", feed))
        view = next(f for f in self.world.feeds if f.source.feed == feed)
        return msgspec.structs.replace(view.state, health="ok", reason="", detail="", last_success=self.world.now)

    async def retry_delivery(self, delivery: str) -> bool:
        self.world.done.append(("retry", delivery))
        known = next((d for d in news.DELIVERIES if d.id == delivery), None)
        return known is not None and known.state is not State.DELIVERED

    async def play_sample_day(self) -> str:
        self.world.done.append(("sample",))
        return "http://127.0.0.1:8399/"


def ports(world: World) -> Ports:
    """All fakes over one world."""
    return Ports(
        search=FakeSearch(world),
        items=FakeItems(world),
        stories=FakeStories(world),
        alerts=FakeAlerts(world),
        feeds=FakeFeeds(world),
        changes=FakeChanges(world),
        actions=FakeActions(world),
    )


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
    return World(items=[], feeds=feeds)


HELD = sum(1 for decision in news.DECISIONS if decision.action is Action.HOLD)
