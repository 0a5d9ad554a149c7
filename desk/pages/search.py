"""The search page: one box, the same grammar as rules, and facets that are parts of the query."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ceasewire import places
from ceasewire.grammar import small_operator
from ceasewire.query import Property
from ceasewire.views import Count, Facets, FeedView
from desk.deadline import QUERY_SECONDS, READ_SECONDS, TooSlow, within
from desk.filters import chosen, toggled
from desk.known import checked
from desk.ports import Names
from desk.rendering import Desk, with_params
from desk.requests import Question, read_question
from desk.rows import rows
from desk.times import short_day

PAGE = 30
SHOWN = 12
"""Values of a facet that are shown."""


@dataclass(frozen=True)
class Choice:
    """A value of a facet, with the address that adds it to the query or takes it away."""

    name: str
    count: int | None
    address: str
    active: bool


@dataclass(frozen=True)
class Facet:
    """One facet."""

    name: str
    choices: tuple[Choice, ...]


def address(question: Question, **changed: str | None) -> str:
    """The address of the search, with some parameters changed; always its first page."""
    params: dict[str, str | None] = {
        "q": question.query,
        "since": question.since.isoformat() if question.since else None,
        "until": question.until.isoformat() if question.until else None,
    }
    return with_params("/search", params | changed)


def facet(question: Question, name: Property, title: str, counts: Sequence[Count], show: Callable[[str], str]) -> Facet:
    """A facet over a property; what the query demands stands first, also where nothing was counted."""
    active = chosen(question.node, name)
    counted = {count.value: count.count for count in counts}
    values = [*active, *(value for value in counted if value not in active)]
    choices = [
        Choice(show(v), counted.get(v), address(question, q=toggled(question.node, name, v)), v in active)
        for v in values[: SHOWN + len(active)]
    ]
    return Facet(title, tuple(choices))


def days_facet(question: Question, counts: Sequence[Count], now: datetime) -> Facet:
    """The facet of days; a chosen day sets both ends of the span."""
    choices = []
    for count in counts[:SHOWN]:
        counted = date.fromisoformat(count.value)
        active = question.since == question.until == counted
        day = None if active else count.value
        choices.append(Choice(short_day(counted, now), count.count, address(question, since=day, until=day), active))
    return Facet("Day", tuple(choices))


def facets(
    question: Question, found: Facets, names: Names, feeds: Sequence[FeedView], now: datetime
) -> tuple[Facet, ...]:
    """All facets of a search that have a value to choose."""
    outlets = {feed.source.feed: feed.source.outlet for feed in feeds}
    made = (
        facet(question, "issue", "Issue", found.issues, names.issue),
        facet(question, "actor", "Actor", found.actors, names.actor),
        facet(question, "lang", "Language", found.languages, places.language),
        facet(question, "source", "Source", found.sources, lambda id: outlets.get(id, id)),
        facet(question, "conflict", "Conflict", found.conflicts, names.conflict),
        days_facet(question, found.days, now),
    )
    return tuple(one for one in made if one.choices)


def spans(question: Question, today: date) -> tuple[Choice, ...]:
    """Quick choices of a span of days that ends today."""
    choices = []
    for name, length in (("Any time", None), ("Today", 1), ("7 days", 7), ("30 days", 30)):
        since = today - timedelta(days=length - 1) if length else None
        active = question.since == since and question.until is None
        choices.append(
            Choice(name, None, address(question, since=since.isoformat() if since else None, until=None), active)
        )
    return tuple(choices)


class SearchPage:
    """The search."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this page."""
        return [Route("/search", self.show)]

    async def show(self, request: Request) -> Response:
        """Results and facets; a query at fault is shown with its place; an address or id leads to its item."""
        question = read_question(request.query_params)
        if question.query.startswith(("http://", "https://", "i_")) and " " not in question.query:
            view = await within(READ_SECONDS, self._desk.ports.items.item(question.query))
            if view is not None:
                return RedirectResponse(f"/items/{view.hit.tagged.item.id}", 303)
        question = await checked(self._desk, question)
        values: dict[str, object] = {
            "question": question,
            "small": small_operator(question.query) if question.node and not question.fault else None,
            "spans": spans(question, self._desk.now().date()),
            "found": None,
            "rows": (),
            "facets": (),
            "counted": None,
            "slow": False,
            "older": None,
            "made": int(self._desk.now().timestamp() * 1000),
        }
        if question.fault is None:
            try:
                values |= await self._results(question)
            except TooSlow:
                values["slow"] = True
        return self._desk.page(request, "search.html", values, 400 if question.fault else 200)

    async def _results(self, question: Question) -> dict[str, object]:
        search, names = self._desk.ports.search, self._desk.names()
        seconds = QUERY_SECONDS if question.query else READ_SECONDS
        found, counted, feeds = await asyncio.gather(
            within(seconds, search.search(question.ask(PAGE))),
            self._counted(seconds, question),
            within(READ_SECONDS, self._desk.ports.feeds.feeds()),
        )
        shown = facets(question, counted, names, feeds, self._desk.now()) if counted else ()
        older = address(question, after=found.next) if found.next else None
        return {
            "found": found,
            "rows": rows(found.hits, names),
            "facets": shown,
            "counted": counted,
            "older": older,
        }

    async def _counted(self, seconds: float, question: Question) -> Facets | None:
        """The facets, or None where counting takes too long: the items are shown without them."""
        try:
            return await within(seconds, self._desk.ports.search.facets(question.ask(PAGE)))
        except TooSlow:
            return None
