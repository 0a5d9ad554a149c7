"""What a request for pairs asks: which weeks, and which items, actor and issue they are narrowed to."""

from dataclasses import dataclass, replace
from datetime import date

from starlette.requests import Request

from ceasewire.grammar import write
from ceasewire.pair_views import WEEK, beginning, monday
from ceasewire.query import And, Has, Node, Property
from ceasewire.views import Ask
from desk.filters import parts
from desk.known import checked
from desk.rendering import Desk, with_params
from desk.requests import Fault, Question, read_cursor, read_day, read_number, read_question

WEEKS = 8
MOST_WEEKS = 53
PROPERTIES: tuple[Property, ...] = ("conflict", "lang", "actor", "issue")
"""What has a parameter of its own beside the query."""
LONGEST_ID = 100


@dataclass(frozen=True)
class Narrowing:
    """The parameters of a request for pairs."""

    query: str
    chosen: dict[Property, str]
    """Of `PROPERTIES`, those that have a value."""
    node: Node | None
    """The query and the properties together."""
    weeks: tuple[date, ...]
    """Mondays, oldest first."""
    week: date | None
    """The one week that is asked for, if any; `weeks` then holds it alone."""
    span: int
    """How many weeks a table shows."""
    after: str | None
    fault: Fault | None

    def ask(self, limit: int) -> Ask:
        """The items of the weeks."""
        since, until = beginning(self.weeks[0]), beginning(self.weeks[-1] + WEEK)
        return Ask(node=self.node, since=since, until=until, after=self.after, limit=limit)

    def address(self, path: str, **changes: object) -> str:
        """The path with these parameters, but for what changes (None takes away)."""
        given: dict[str, object] = {"q": self.query, "weeks": self.span if self.span != WEEKS else None}
        return with_params(path, given | {str(name): value for name, value in self.chosen.items()} | changes)


async def read_narrowing(desk: Desk, request: Request) -> Narrowing:
    """The parameters q, conflict, lang, actor, issue, weeks, week and after; names that nothing has are a fault."""
    params = request.query_params
    question = read_question(params)
    given = {name: params.get(name, "").strip()[:LONGEST_ID] for name in PROPERTIES}
    chosen: dict[Property, str] = {name: value for name, value in given.items() if value}
    span = read_number(params, "weeks", WEEKS, 1, MOST_WEEKS)
    week = read_day(params.get("week", ""))
    last = monday(desk.now().date())
    weeks = (monday(week),) if week else tuple(last - WEEK * back for back in reversed(range(span)))
    node, fault = question.node, question.fault
    if fault is None and chosen:
        whole = (*parts(node), *(Has(name, value) for name, value in chosen.items()))
        node = whole[0] if len(whole) == 1 else And(whole)
    if fault is None and node is not None:
        fault = (await checked(desk, _whole(question, node))).fault
    return Narrowing(question.query, chosen, node, weeks, weeks[0] if week else None, span, read_cursor(params), fault)


def _whole(question: Question, node: Node) -> Question:
    """The question as if all of it had been written into the query."""
    return replace(question, query=question.query if node == question.node else write(node), node=node)
