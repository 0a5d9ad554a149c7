"""Stories: what several outlets tell, and who told it when."""

from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from desk.deadline import READ_SECONDS, within
from desk.rendering import Desk
from desk.requests import read_cursor
from desk.rows import row

PAGE = 30


def lead(first: datetime, at: datetime) -> str:
    """How long after the first item another came: `first`, `+12 min`, `+3 h 05`."""
    minutes = round((at - first).total_seconds() / 60)
    if minutes < 60:
        return f"+{minutes} min"
    return f"+{minutes // 60} h {minutes % 60:02}" if minutes < 48 * 60 else f"+{minutes // 1440} days"


class Stories:
    """The list of stories, and one story."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of these pages."""
        return [Route("/stories", self.list), Route("/stories/{story}", self.show)]

    async def list(self, request: Request) -> Response:
        """Stories with the latest news first."""
        page = await within(READ_SECONDS, self._desk.ports.stories.stories(read_cursor(request.query_params), PAGE))
        return self._desk.page(request, "stories.html", {"stories": page.stories, "next": page.next})

    async def show(self, request: Request) -> Response:
        """One story; a merged one leads to where it went."""
        wanted = request.path_params["story"]
        view = await within(READ_SECONDS, self._desk.ports.stories.story(wanted))
        if view is None:
            raise HTTPException(404)
        if view.story.id != wanted:
            return RedirectResponse(f"/stories/{view.story.id}", 303)
        names = self._desk.names()
        told = [(row(tagged, names, length=180), lead(view.story.first, tagged.item.at)) for tagged in view.items]
        return self._desk.page(request, "story.html", {"story": view.story, "told": told, "thread": view.thread})
