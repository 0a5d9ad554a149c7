"""Pairs: which actors and issues are named together, week by week, and the sentences that do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire import places
from ceasewire.items import Span, Tagged
from ceasewire.pair_views import Naming, PairWeeks, monday
from ceasewire.pairs import Pair
from ceasewire.query import Property
from desk.deadline import QUERY_SECONDS, READ_SECONDS, TooSlow, within
from desk.marks import Excerpt, Stretch, cut, stretches
from desk.narrowing import Narrowing, read_narrowing
from desk.pages.names import named
from desk.pages.volume import LEVELS
from desk.ports import Names
from desk.rendering import Desk
from desk.rows import Row, row

SENTENCES = "/pairs/sentences"
ROWS = 100
"""Pairs that one table shows."""
PAGE = 30
AROUND = 90
"""Characters of the text that are shown before and after a sentence."""


@dataclass(frozen=True)
class Choice:
    """A property to choose a value of."""

    name: Property
    word: str
    every: str
    """What stands for no choice."""
    values: tuple[tuple[str, str], ...]
    """Ids and their names, by name."""
    chosen: str


@dataclass(frozen=True)
class Cell:
    """The stories of a week, how strong the cell is shaded, and where its sentences are."""

    stories: int
    level: int
    address: str


@dataclass(frozen=True)
class Line:
    """An actor and an issue through all weeks."""

    actor: str
    issue: str
    total: int
    address: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Telling:
    """An item with the sentences that name the pair."""

    row: Row
    sentences: tuple[Excerpt, ...]


def lines(found: PairWeeks, narrowing: Narrowing) -> tuple[Line, ...]:
    """The table, the pairs of the most stories first."""
    shown = [one for one in found.pairs if _wanted(one.actor, one.issue, narrowing)][:ROWS]
    most = max((max(one.stories) for one in shown), default=0)
    made = []
    for one in shown:
        pair = {"actor": one.actor, "issue": one.issue}
        cells = tuple(
            Cell(count, _level(count, most), narrowing.address(SENTENCES, **pair, week=week, weeks=None))
            for week, count in zip(found.weeks, one.stories, strict=True)
        )
        made.append(Line(one.actor, one.issue, one.total, narrowing.address(SENTENCES, **pair), cells))
    return tuple(made)


def wanted(found: PairWeeks, narrowing: Narrowing) -> PairWeeks:
    """The counts of the actor and the issue that were asked for."""
    pairs = tuple(one for one in found.pairs if _wanted(one.actor, one.issue, narrowing))
    return PairWeeks(weeks=found.weeks, pairs=pairs, counted=found.counted, all_counted=found.all_counted)


def _wanted(actor: str, issue: str, narrowing: Narrowing) -> bool:
    return narrowing.chosen.get("actor", actor) == actor and narrowing.chosen.get("issue", issue) == issue


def _level(count: int, most: int) -> int:
    return 0 if count == 0 else min(LEVELS, 1 + int((LEVELS - 1) * (count / most) ** 0.6 + 0.5))


class PairsPage:
    """The table, and the sentences of a cell."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of these pages."""
        return [Route("/pairs", self.show), Route(SENTENCES, self.sentences)]

    async def show(self, request: Request) -> Response:
        """Stories by pair and week."""
        narrowing = await read_narrowing(self._desk, request)
        found, slow = None, False
        if narrowing.fault is None:
            try:
                found = wanted(await counted(self._desk, narrowing), narrowing)
            except TooSlow:
                slow = True
        values = {
            "narrowing": narrowing,
            "found": found,
            "slow": slow,
            "lines": lines(found, narrowing) if found else (),
            "choices": choices(self._desk.names(), narrowing),
            "running": narrowing.weeks[-1] == monday(self._desk.now().date()),
            "week_name": week_name,
        }
        return self._desk.page(request, "pairs.html", values, 400 if narrowing.fault else 200)

    async def sentences(self, request: Request) -> Response:
        """The sentences of one pair in the weeks, newest first."""
        narrowing = await read_narrowing(self._desk, request)
        names = self._desk.names()
        actor, issue = narrowing.chosen.get("actor"), narrowing.chosen.get("issue")
        if actor is None or issue is None:
            raise HTTPException(404)
        told: tuple[Telling, ...] = ()
        older, slow = None, False
        if narrowing.fault is None:
            try:
                page = await within(
                    seconds(narrowing), self._desk.ports.pairs.sentences(narrowing.ask(PAGE), actor, issue)
                )
            except TooSlow:
                slow = True
            else:
                told = tuple(_telling(one, names) for one in page.found)
                older = narrowing.address(SENTENCES, week=narrowing.week, after=page.next) if page.next else None
        values = {
            "narrowing": narrowing,
            "actor": actor,
            "issue": issue,
            "conflict": narrowing.chosen.get("conflict"),
            "lang": narrowing.chosen.get("lang"),
            "told": told,
            "slow": slow,
            "older": older,
            "back": narrowing.address("/pairs", actor=None, issue=None),
            "week_name": week_name,
        }
        return self._desk.page(request, "sentences.html", values, 400 if narrowing.fault else 200)


async def counted(desk: Desk, narrowing: Narrowing) -> PairWeeks:
    """Stories by pair and week. Raises TooSlow."""
    return await within(seconds(narrowing), desk.ports.pairs.weeks(narrowing.node, narrowing.weeks))


def seconds(narrowing: Narrowing) -> float:
    """How long the read may take."""
    return QUERY_SECONDS if narrowing.query else READ_SECONDS


def choices(names: Names, narrowing: Narrowing) -> tuple[Choice, ...]:
    """What the table can be narrowed by, beside a query."""
    groups: tuple[tuple[Property, str, str, list[tuple[str, str]]], ...] = (
        ("conflict", "Conflict", "all conflicts", named(names.known_conflicts(), names.conflict)),
        ("lang", "Language", "all languages", named(places.LANGUAGES, places.language)),
        ("actor", "Actor", "all actors", named(names.known_actors(), names.actor)),
        ("issue", "Issue", "all issues", named(names.known_issues(), names.issue)),
    )
    made = []
    for name, word, every, values in groups:
        chosen = narrowing.chosen.get(name, "")
        # what stored items carry and no pack knows any more can be asked for too
        strange = [(chosen, chosen)] if chosen and chosen not in dict(values) else []
        made.append(Choice(name, word, every, (*values, *strange), chosen))
    return tuple(made)


def week_name(week: date) -> str:
    """The days of a week: `16 to 22 November 2026`."""
    end = week + timedelta(days=6)
    start = f"{week.day} {week:%B}" if week.month != end.month else f"{week.day}"
    return (
        f"{start} {week.year} to {end.day} {end:%B %Y}"
        if week.year != end.year
        else f"{start} to {end.day} {end:%B %Y}"
    )


def _telling(naming: Naming, names: Names) -> Telling:
    tagged = naming.hit.tagged
    pairs = naming.pairs
    return Telling(row(tagged, names, naming.hit), tuple(_excerpt(tagged, pair) for pair in pairs))


def _excerpt(tagged: Tagged, pair: Pair) -> Excerpt:
    """The sentence, marked as a whole, with the words of the pair in it and a little of what stands around it."""
    span = pair.sentence
    text = tagged.item.title if span.field == "title" else tagged.item.text
    tags = (f"actor:{pair.actor}", f"issue:{pair.issue}")
    covers: Sequence[Stretch] = [
        one
        for one in stretches(tagged, span.field, [Span(span.field, span.start, span.end)])
        if one.found or (one.tag in tags and one.start < span.end and one.end > span.start)
    ]
    start, end = max(span.start - AROUND, 0), min(span.end + AROUND, len(text))
    if start:
        start = text.find(" ", start, span.start) + 1 or span.start
    if end < len(text):
        end = max(text.rfind(" ", span.end, end), span.end)
    return Excerpt(cut(text, covers, start, end), start > 0, end < len(text))
