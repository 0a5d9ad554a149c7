"""The front page: what came in last, told once for each story, beside alerts, issues and feeds."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.query import Has
from ceasewire.views import Ask, Volume
from desk.deadline import READ_SECONDS, within
from desk.feedwords import emptiness, summary
from desk.rendering import Desk
from desk.requests import read_cursor
from desk.rows import Row, rows

PAGE = 40


@dataclass(frozen=True)
class Group:
    """The newest item of a story on this page, and the others of it."""

    row: Row
    others: tuple[Row, ...]


@dataclass(frozen=True)
class Day:
    """The groups of one day (UTC)."""

    day: date
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Bar:
    """An issue with its items a day of the last days."""

    issue: str
    counts: tuple[int, ...]
    total: int

    @property
    def most(self) -> int:
        """Of its busiest day; all bars are drawn to one scale."""
        return max(self.counts)


def days(listed: Sequence[Row]) -> tuple[Day, ...]:
    """The rows by day, and in it by story, in the order they came."""
    stories: dict[str, list[Row]] = {}
    for row in listed:
        stories.setdefault(row.story or row.item.id, []).append(row)
    found: dict[date, list[Group]] = {}
    for told in stories.values():
        found.setdefault(told[0].item.at.date(), []).append(Group(told[0], tuple(told[1:])))
    return tuple(Day(day, tuple(groups)) for day, groups in sorted(found.items(), reverse=True))


def busiest(volume: Volume, span: int = 14, most: int = 8) -> tuple[Bar, ...]:
    """The issues with the most items in the last `span` days."""
    bars = [Bar(issue, counts[-span:], sum(counts[-span:])) for issue, counts in volume.issues.items()]
    return tuple(sorted((bar for bar in bars if bar.total), key=lambda bar: -bar.total)[:most])


class Latest:
    """The front page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this page."""
        return [Route("/", self.show), Route("/side", self.side)]

    async def show(self, request: Request) -> Response:
        """Items about negotiations, or all with ?show=all."""
        ports, everything = self._desk.ports, request.query_params.get("show") == "all"
        node = None if everything else Has("relevance", "main")
        ask = Ask(node=node, after=read_cursor(request.query_params), limit=PAGE)
        found, feeds, overview = await within(
            READ_SECONDS, asyncio.gather(ports.search.search(ask), ports.feeds.feeds(), self._overview())
        )
        listed = rows(found.hits, self._desk.names())
        anything = bool(listed) or (not everything and bool((await ports.search.search(Ask(limit=1))).hits))
        values = {
            "days": days(listed),
            "found": found,
            "everything": everything,
            "first_page": ask.after is None,
            "anything": anything,
            "feeds": feeds,
            "summary": summary(feeds),
            "emptiness": emptiness(feeds),
            **overview,
            "made": int(self._desk.now().timestamp() * 1000),
            "fresh_query": "" if everything else "relevance:main",
        }
        return self._desk.page(request, "latest.html", values)

    async def side(self, request: Request) -> Response:
        """The column beside the items alone: a page that is open keeps it up to date."""
        feeds, overview = await within(READ_SECONDS, asyncio.gather(self._desk.ports.feeds.feeds(), self._overview()))
        return self._desk.page(request, "parts/side.html", {"summary": summary(feeds), **overview})

    async def _overview(self) -> dict[str, Any]:
        ports = self._desk.ports
        alerts, volume = await asyncio.gather(ports.alerts.alerts(limit=5), ports.search.volume(Ask()))
        return {"alerts": alerts.alerts, "bars": busiest(volume)}
