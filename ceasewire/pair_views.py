"""What a reader of pairs is given: how many stories name each pair by week, and the sentences that do."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from ceasewire.items import Tagged
from ceasewire.pairs import Pair, pairs
from ceasewire.views import Hit

COUNTED = 20_000
"""Newest items that are counted."""
WEEK = timedelta(days=7)


class PairCount(msgspec.Struct, frozen=True, kw_only=True):
    """How often sentences name an actor and an issue together."""

    actor: str
    issue: str
    total: int
    """Stories of all weeks; one that goes on over several weeks counts once."""
    stories: tuple[int, ...]
    """For each week. An item that is in no story counts as one."""
    items: tuple[int, ...]


class PairWeeks(msgspec.Struct, frozen=True, kw_only=True):
    """Pairs by week, those of the most stories first."""

    weeks: tuple[date, ...]
    """The Monday of each week (UTC), oldest first, weeks without pairs included."""
    pairs: tuple[PairCount, ...]
    counted: int
    """Items that were counted: the newest 20,000 that name a pair."""
    all_counted: bool = True


class Naming(msgspec.Struct, frozen=True, kw_only=True):
    """An item with the sentences of it that were asked for."""

    hit: Hit
    pairs: tuple[Pair, ...]


class NamingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of items whose sentences name pairs, newest first."""

    found: tuple[Naming, ...]
    next: str | None = None


class Told(msgspec.Struct, frozen=True):
    """That an item names a pair; `story` is the item's id where it is in none."""

    actor: str
    issue: str
    week: date
    story: str
    item: str


def monday(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def week_of(moment: datetime) -> date:
    """The Monday of the moment's week in UTC."""
    return monday(moment.astimezone(UTC).date())


def beginning(day: date) -> datetime:
    """The start of the day in UTC."""
    return datetime.combine(day, time(), UTC)


def by_week(told: Iterable[Told], weeks: Sequence[date], counted: int, all_counted: bool = True) -> PairWeeks:
    """The counts of what was told in the weeks; what lies outside of them is left out."""
    found: dict[tuple[str, str], dict[date, tuple[set[str], set[str]]]] = {}
    wanted = frozenset(weeks)
    for one in told:
        if one.week in wanted:
            stories, items = found.setdefault((one.actor, one.issue), {}).setdefault(one.week, (set(), set()))
            stories.add(one.story)
            items.add(one.item)
    nothing: tuple[set[str], set[str]] = (set(), set())
    counts = [
        PairCount(
            actor=actor,
            issue=issue,
            total=len(set().union(*(stories for stories, _ in cells.values()))),
            stories=tuple(len(cells.get(week, nothing)[0]) for week in weeks),
            items=tuple(len(cells.get(week, nothing)[1]) for week in weeks),
        )
        for (actor, issue), cells in found.items()
    ]
    counts.sort(key=lambda one: (-one.total, one.actor, one.issue))
    return PairWeeks(weeks=tuple(weeks), pairs=tuple(counts), counted=counted, all_counted=all_counted)


def sentence_of(tagged: Tagged, pair: Pair) -> str:
    """The words of the sentence that names the pair."""
    span = pair.sentence
    return (tagged.item.title if span.field == "title" else tagged.item.text)[span.start : span.end]


def asked(tagged: Tagged, actor: str | None, issue: str | None) -> tuple[Pair, ...]:
    """The item's pairs of the actor and the issue; of all where one is None."""
    return tuple(pair for pair in pairs(tagged) if actor in (None, pair.actor) and issue in (None, pair.issue))
