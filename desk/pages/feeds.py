"""Feed health: every feed's state in words, with what to do where something is wrong."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ceasewire.views import FeedView
from desk.deadline import READ_SECONDS, within
from desk.feedwords import HEALTH, ORDER, health, summary
from desk.rendering import Desk


def sorted_feeds(feeds: list[FeedView]) -> list[tuple[FeedView, str]]:
    """Feeds that need a person first, then by outlet; each with its state."""
    stated = [(feed, health(feed)) for feed in feeds]
    return sorted(stated, key=lambda pair: (ORDER.index(pair[1]), pair[0].source.outlet.casefold()))


class Feeds:
    """The list of feeds."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of this page."""
        return [Route("/feeds", self.list)]

    async def list(self, request: Request) -> Response:
        """All feeds, or those of one state with ?state=failing."""
        feeds = list(await within(READ_SECONDS, self._desk.ports.feeds.feeds()))
        state = request.query_params.get("state", "")
        shown = [pair for pair in sorted_feeds(feeds) if state not in ORDER or pair[1] == state]
        values = {"feeds": shown, "summary": summary(feeds), "words": HEALTH, "state": state if state in ORDER else ""}
        return self._desk.page(request, "feeds.html", values)
