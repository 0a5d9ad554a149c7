"""What a person may do from the desk: check a feed, retry a delivery, play the sample day."""

import asyncio
from urllib.parse import parse_qs, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from ceasewire.views import FeedView
from desk.access import WRONG_SECONDS, Key, own_path
from desk.feedwords import HEALTH, health
from desk.rendering import Desk


class Doing:
    """The buttons."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of the buttons."""
        return [
            Route("/feeds/{feed}/check", self.check, methods=["POST"]),
            Route("/deliveries/{delivery}/retry", self.retry, methods=["POST"]),
            Route("/sample", self.sample),
            Route("/sample", self.play, methods=["POST"]),
        ]

    async def check(self, request: Request) -> Response:
        """Polls one feed now; answers its new row, or leads back to the list."""
        feed = request.path_params["feed"]
        known = await self._find(feed)
        if known is None:
            raise HTTPException(404)
        state = await self._desk.ports.actions.check_feed(feed, True)
        if "hx-request" not in request.headers:
            return RedirectResponse("/feeds", 303)
        view = await self._find(feed) or known
        view = FeedView(
            source=view.source,
            address=view.address,
            enabled=view.enabled,
            state=state,
            items_a_week=view.items_a_week,
        )
        values = {"feed": view, "state": health(view), "words": HEALTH, "checked": True}
        return self._desk.page(request, "parts/feed.html", values)

    async def retry(self, request: Request) -> Response:
        """Makes a delivery due now; answers a line that says so, or leads back to the page."""
        done = await self._desk.ports.actions.retry_delivery(request.path_params["delivery"])
        if "hx-request" in request.headers:
            return self._desk.page(request, "parts/retried.html", {"done": done})
        return RedirectResponse(own_path(request.query_params.get("back", "/alerts")), 303)

    async def sample(self, request: Request) -> Response:
        """How the sample day stands, as a page or as the piece of one: with its button, or where its desk is."""
        template = "parts/sample.html" if "hx-request" in request.headers else "sample.html"
        return self._desk.page(request, template, {})

    async def play(self, request: Request) -> Response:
        """Starts the sample day; answers how it stands, or leads to the page that says so."""
        await self._desk.day.start()
        return await self.sample(request) if "hx-request" in request.headers else RedirectResponse("/sample", 303)

    async def _find(self, feed: str) -> FeedView | None:
        feeds = await self._desk.ports.feeds.feeds()
        return next((view for view in feeds if view.source.feed == feed), None)


class Entrance:
    """The page that asks for the token, where one is set."""

    def __init__(self, desk: Desk, key: Key, secure: bool) -> None:
        self._desk = desk
        self._key = key
        self._secure = secure

    def routes(self) -> list[Route]:
        """Address of the entrance."""
        return [Route("/enter", self.show), Route("/enter", self.enter, methods=["POST"])]

    async def show(self, request: Request) -> Response:
        """The form. A visitor who comes from another site is first led on once, as the cookie was not sent then."""
        target = own_path(request.query_params.get("next", "/"))
        from_elsewhere = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
        values = {"target": target, "again": from_elsewhere, "wrong": False}
        return self._desk.page(request, "enter.html", values, 401)

    async def enter(self, request: Request) -> Response:
        """Takes the token; the right one opens the page that was wanted."""
        fields = form_fields(await request.body())
        target = own_path(fields.get("next", ["/"])[0])
        if self._key.is_token(fields.get("token", [""])[0].strip()):
            return self._key.hand(RedirectResponse(target, 303), self._secure or request.url.scheme == "https")
        await asyncio.sleep(WRONG_SECONDS)
        values = {"target": target, "again": False, "wrong": True}
        return self._desk.page(request, "enter.html", values, 401)


def form_fields(body: bytes) -> dict[str, list[str]]:
    """The fields of a form; none where it cannot be read."""
    try:
        return parse_qs(body.decode("utf-8", "replace"), max_num_fields=5)
    except ValueError:
        return {}


def is_secure(public_url: str | None) -> bool:
    """Whether the desk is reached by https."""
    return urlsplit(public_url or "").scheme == "https"
