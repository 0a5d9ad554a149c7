"""Alerts with what was decided and where they went; and every decision, held ones first of all."""

from collections import Counter
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.alerts import Action, Decision
from ceasewire.items import Span, Tagged
from ceasewire.views import AlertView
from desk.deadline import READ_SECONDS, within
from desk.marks import Piece, Stretch, cut
from desk.rendering import Desk
from desk.requests import read_cursor
from desk.rows import Row, row

PAGE = 30
DECISIONS = 50
MOST_PAGES = 8
"""Pages of decisions that are read to fill one page of held ones."""


def fired(view: AlertView) -> tuple[Piece, ...]:
    """The sentence that fired, with the words that met the rule."""
    hit, item = view.alert.hit, view.tagged.item
    if item.rev != view.alert.rev and not _fits(hit.sentence, view.tagged):
        return ()
    text = item.title if hit.sentence.field == "title" else item.text
    covers = [Stretch(s.start, s.end, fired=True) for s in hit.words if s.field == hit.sentence.field]
    return cut(text, covers, hit.sentence.start, hit.sentence.end)


def _fits(span: Span, tagged: Tagged) -> bool:
    text = tagged.item.title if span.field == "title" else tagged.item.text
    return span.end <= len(text)


class Alerts:
    """The list of alerts, one alert, and the decisions."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of these pages."""
        return [
            Route("/alerts", self.list),
            Route("/alerts/{alert}", self.show),
            Route("/decisions", self.decisions),
        ]

    async def list(self, request: Request) -> Response:
        """Alerts, newest first."""
        page = await within(READ_SECONDS, self._desk.ports.alerts.alerts(read_cursor(request.query_params), PAGE))
        shown = [(view, self._row(view), fired(view)) for view in page.alerts]
        return self._desk.page(request, "alerts.html", {"alerts": shown, "next": page.next})

    async def show(self, request: Request) -> Response:
        """One alert."""
        view = await within(READ_SECONDS, self._desk.ports.alerts.alert(request.path_params["alert"]))
        if view is None:
            raise HTTPException(404)
        values = {"view": view, "row": self._row(view), "fired": fired(view)}
        return self._desk.page(request, "alert.html", values)

    async def decisions(self, request: Request) -> Response:
        """Held decisions, or all with ?show=all."""
        everything = request.query_params.get("show") == "all"
        after = read_cursor(request.query_params)
        shown: list[tuple[Decision, str]] = []
        for _ in range(MOST_PAGES):
            page = await within(READ_SECONDS, self._desk.ports.alerts.decisions(after, DECISIONS))
            shown += [one for one in page.decisions if everything or one[0].action is Action.HOLD]
            after = page.next
            if after is None or len(shown) >= DECISIONS:
                break
        values = {"decisions": shown, "next": after, "everything": everything, "reasons": reasons(shown)}
        return self._desk.page(request, "decisions.html", values)

    def _row(self, view: AlertView) -> Row:
        return row(view.tagged, self._desk.names(), length=220)


def reasons(shown: Sequence[tuple[Decision, str]]) -> list[tuple[str, int]]:
    """How often each reason stands on the page, the most frequent first."""
    return Counter(decision.reason.value for decision, _ in shown).most_common()
