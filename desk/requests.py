"""What a request may ask: texts, days, cursors and numbers, each within its limit."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from starlette.datastructures import QueryParams

from ceasewire.errors import QueryError
from ceasewire.grammar import parse
from ceasewire.query import Node
from ceasewire.views import Ask

LONGEST_QUERY = 500
"""Characters of a query."""
LONGEST_CURSOR = 200
MOST_ROWS = 200
"""Rows of one answer of the JSON API."""


@dataclass(frozen=True)
class Fault:
    """Why a query cannot be asked, with the query cut at the place."""

    text: str
    column: int
    query: str
    what: str = "The query cannot be read"
    mended: str = ""
    """The query with the nearest known name instead of one that is not known."""

    @property
    def before(self) -> str:
        """The query up to the fault."""
        return self.query[: self.column - 1]

    @property
    def at(self) -> str:
        """The character at the fault; a blank at the end of the query."""
        return self.query[self.column - 1 : self.column] or " "

    @property
    def behind(self) -> str:
        """The query after the fault."""
        return self.query[self.column :]


@dataclass(frozen=True)
class Question:
    """A search as a page or the API was asked it."""

    query: str
    node: Node | None
    since: date | None
    until: date | None
    """The last day, itself included."""
    after: str | None
    fault: Fault | None = None

    def ask(self, limit: int) -> Ask:
        """The same for the search port."""
        return Ask(
            node=self.node,
            since=_midnight(self.since) if self.since else None,
            until=_midnight(self.until + timedelta(days=1)) if self.until else None,
            after=self.after,
            limit=limit,
        )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def read_question(params: QueryParams) -> Question:
    """The search that the parameters q, since, until (days) and after ask; a query at fault is said, not raised."""
    query = params.get("q", "").strip().replace("\x00", " ")
    since, until = read_day(params.get("since", "")), read_day(params.get("until", ""))
    after = read_cursor(params)
    node: Node | None = None
    if len(query) > LONGEST_QUERY:
        cut = query[:LONGEST_QUERY]
        fault = Fault(f"a query has at most {LONGEST_QUERY} characters", LONGEST_QUERY + 1, cut)
        return Question(cut, None, since, until, after, fault)
    try:
        node = parse(query) if query else None
    except QueryError as error:
        return Question(query, None, since, until, after, Fault(error.text, max(1, error.column), query))
    return Question(query, node, since, until, after)


def read_day(text: str) -> date | None:
    """An ISO day, or None where there is none or it cannot be read."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date(1990, 1, 1) <= day <= date(2100, 1, 1) else None


def read_cursor(params: QueryParams) -> str | None:
    """The cursor of a page, or None."""
    after = params.get("after", "")
    return after if after and len(after) <= LONGEST_CURSOR and after.isprintable() else None


def read_number(params: QueryParams, name: str, usual: int, least: int = 1, most: int = MOST_ROWS) -> int:
    """A whole number within its limits; what cannot be read is the usual one."""
    text = params.get(name, "")
    return min(max(int(text), least), most) if text.isascii() and text.isdigit() and len(text) < 7 else usual
