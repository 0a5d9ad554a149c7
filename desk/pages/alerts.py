"""Alerts with what was decided and where they went; and every decision, held ones first of all."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.alerts import Action, Decision
from ceasewire.delays import delays
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


@dataclass(frozen=True)
class Fired:
    """What met the rule: the headline, and the sentence of the text where the rule was met there."""

    title: tuple[Piece, ...]
    sentence: tuple[Piece, ...]
    edited: bool
    """The item was edited since: the words are no longer marked, as they may stand elsewhere."""


def fired(view: AlertView) -> Fired:
    """The headline and the sentence that fired, with the words that met the rule."""
    hit, item = view.alert.hit, view.tagged.item
    if item.rev != view.alert.rev:
        return Fired(cut(item.title, ()), (), True)
    title = cut(item.title, [Stretch(s.start, s.end, fired=True) for s in hit.words if s.field == "title"])
    covers = [Stretch(s.start, s.end, fired=True) for s in hit.words if s.field == "text"]
    in_text = hit.sentence.field == "text"
    return Fired(title, cut(item.text, covers, hit.sentence.start, hit.sentence.end) if in_text else (), False)


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
        after = read_cursor(request.query_params)
        page = await within(READ_SECONDS, self._desk.ports.alerts.alerts(after, PAGE))
        made = None if after else int(self._desk.now().timestamp() * 1000)
        shown = [(view, self._row(view), fired(view)) for view in page.alerts]
        took = delays(delivery for view in page.alerts for delivery in view.deliveries).words
        values = {"alerts": shown, "next": page.next, "made": made, "took": took}
        return self._desk.page(request, "alerts.html", values)

    async def show(self, request: Request) -> Response:
        """One alert."""
        view = await within(READ_SECONDS, self._desk.ports.alerts.alert(request.path_params["alert"]))
        if view is None:
            raise HTTPException(404)
        decisions = sorted(view.decisions, key=lambda decision: decision.at, reverse=True)
        values = {"view": view, "decisions": decisions, "row": self._row(view), "fired": fired(view)}
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
