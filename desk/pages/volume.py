"""Volume over time: items a day by issue, as a chart and as a table that says the same."""

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.views import Volume
from desk.deadline import QUERY_SECONDS, READ_SECONDS, TooSlow, within
from desk.filters import toggled
from desk.known import checked
from desk.rendering import Desk, with_params
from desk.requests import Question, read_number, read_question

MOST_DAYS = 120
LEVELS = 5


@dataclass(frozen=True)
class Cell:
    """The count of a day, how strong it is shaded, and the search behind it."""

    day: date
    count: int
    level: int
    """0 for none, up to 5 for the most of the table."""
    address: str


@dataclass(frozen=True)
class Line:
    """An issue through all days."""

    issue: str
    total: int
    recent: int
    """Of the last 7 days."""
    before: int
    """Of the 7 days before them."""
    cells: tuple[Cell, ...]


def lines(volume: Volume, question: Question) -> tuple[Line, ...]:
    """The table, most frequent issue first."""
    most = max((max(counts, default=0) for counts in volume.issues.values()), default=0)
    made = []
    for issue, counts in volume.issues.items():
        query = toggled(question.node, "issue", issue)
        cells = tuple(
            Cell(day, count, _level(count, most), with_params("/search", {"q": query, "since": day, "until": day}))
            for day, count in zip(volume.days, counts, strict=True)
        )
        made.append(Line(issue, sum(counts), sum(counts[-7:]), sum(counts[-14:-7]), cells))
    return tuple(made)


def _level(count: int, most: int) -> int:
    return 0 if count == 0 else min(LEVELS, 1 + int((LEVELS - 1) * (count / most) ** 0.6 + 0.5))


class VolumePage:
    """The chart."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this page."""
        return [Route("/volume", self.show)]

    async def show(self, request: Request) -> Response:
        """Items a day of the last 30 days, or as many as ?days says; ?q narrows them."""
        question, days = span(request, self._desk.now().date())
        question = await checked(self._desk, question)
        volume, slow = None, False
        if question.fault is None:
            try:
                seconds = QUERY_SECONDS if question.query else READ_SECONDS
                volume = await within(seconds, self._desk.ports.search.volume(question.ask(1)))
            except TooSlow:
                slow = True
        values = {
            "question": question,
            "days": days,
            "volume": volume,
            "slow": slow,
            "lines": lines(volume, question) if volume else (),
            "source": with_params("/api/volume", {"q": question.query, "days": days}),
        }
        return self._desk.page(request, "volume.html", values, 400 if question.fault else 200)


def span(request: Request, today: date) -> tuple[Question, int]:
    """The search of the request over the last days, and how many days."""
    question = read_question(request.query_params)
    days = read_number(request.query_params, "days", 30, 7, MOST_DAYS)
    if question.since is None:
        since = today - timedelta(days=days - 1)
        question = Question(question.query, question.node, since, None, None, question.fault)
    return question, days
