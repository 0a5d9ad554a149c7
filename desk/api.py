"""JSON of all that the desk shows; docs/api.md describes it."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ceasewire.delays import delays
from ceasewire.polling import FeedState
from ceasewire.views import Ask
from desk.deadline import QUERY_SECONDS, READ_SECONDS, within
from desk.known import checked
from desk.pages.names import name_groups
from desk.pages.volume import span
from desk.rendering import Desk
from desk.requests import Fault, read_cursor, read_number, read_question

LONGEST_KEY = 2000
ROUTES = (
    ("/api/items", "items"),
    ("/api/item", "item"),
    ("/api/way", "way"),
    ("/api/facets", "facets"),
    ("/api/volume", "volume"),
    ("/api/stories", "stories"),
    ("/api/stories/{story}", "story"),
    ("/api/alerts", "alerts"),
    ("/api/alerts/{alert}", "alert"),
    ("/api/decisions", "decisions"),
    ("/api/feeds", "feeds"),
    ("/api/names", "names"),
)
"""Every address, and the method of `Api` that answers it."""


def json(value: object, status: int = 200) -> Response:
    """The value as UTF-8 JSON; fields that hold their default are left out."""
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def shown_state(state: FeedState) -> FeedState:
    """The state of a feed without what only the poller needs (its entries and aliases)."""
    return msgspec.structs.replace(state, entries={}, aliases={}, recent=())


class Api:
    """The answers."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Addresses of the API."""
        return [Route(path, getattr(self, name)) for path, name in ROUTES]

    async def items(self, request: Request) -> Response:
        """A page of a search, newest first."""
        return await self._ask(request, self._desk.ports.search.search)

    async def facets(self, request: Request) -> Response:
        """Counts over the newest 2,000 matches."""
        return await self._ask(request, self._desk.ports.search.facets)

    async def volume(self, request: Request) -> Response:
        """Items a day by issue, with the issues' names."""
        question = await checked(self._desk, span(request, self._desk.now().date())[0])
        if question.fault:
            return fault(question.fault)
        seconds = QUERY_SECONDS if question.query else READ_SECONDS
        volume = await within(seconds, self._desk.ports.search.volume(question.ask(1)))
        names = self._desk.names()
        named = {issue: names.issue(issue) for issue in volume.issues}
        return json({**msgspec.structs.asdict(volume), "names": named})

    async def item(self, request: Request) -> Response:
        """One item with its versions, by ?key= an id or address."""
        return await self._one(request, self._desk.ports.items.item)

    async def way(self, request: Request) -> Response:
        """The whole way of an item, by ?key= an id or address."""
        way = await within(READ_SECONDS, self._desk.ports.items.way(self._key(request)))
        if way is None:
            return missing()
        return json(msgspec.structs.replace(way, feed=shown_state(way.feed) if way.feed else None))

    async def stories(self, request: Request) -> Response:
        """Stories, latest news first."""
        limit = read_number(request.query_params, "limit", 30)
        return json(
            await within(READ_SECONDS, self._desk.ports.stories.stories(read_cursor(request.query_params), limit))
        )

    async def story(self, request: Request) -> Response:
        """One story with its items."""
        view = await within(READ_SECONDS, self._desk.ports.stories.story(request.path_params["story"]))
        return json(view) if view else missing()

    async def alerts(self, request: Request) -> Response:
        """Alerts, newest first, with decisions and deliveries, and how long these took."""
        limit = read_number(request.query_params, "limit", 30)
        page = await within(READ_SECONDS, self._desk.ports.alerts.alerts(read_cursor(request.query_params), limit))
        took = delays(delivery for view in page.alerts for delivery in view.deliveries)
        return json({**msgspec.structs.asdict(page), "delays": took})

    async def alert(self, request: Request) -> Response:
        """One alert."""
        view = await within(READ_SECONDS, self._desk.ports.alerts.alert(request.path_params["alert"]))
        return json(view) if view else missing()

    async def decisions(self, request: Request) -> Response:
        """All decisions, newest first, each with the title of its item."""
        limit = read_number(request.query_params, "limit", 50)
        page = await within(READ_SECONDS, self._desk.ports.alerts.decisions(read_cursor(request.query_params), limit))
        listed = [{"decision": decision, "title": title} for decision, title in page.decisions]
        return json({"decisions": listed, "next": page.next})

    async def feeds(self, _request: Request) -> Response:
        """All feeds with their state."""
        views = await within(READ_SECONDS, self._desk.ports.feeds.feeds())
        return json({"feeds": [msgspec.structs.replace(view, state=shown_state(view.state)) for view in views]})

    async def names(self, _request: Request) -> Response:
        """All names that a query may use, by property."""
        groups = name_groups(self._desk)
        return json({name: [{"id": id, "name": words} for id, words in named] for name, _, named in groups})

    async def _ask(self, request: Request, port: Callable[[Ask], Awaitable[msgspec.Struct]]) -> Response:
        question = await checked(self._desk, read_question(request.query_params))
        if question.fault:
            return fault(question.fault)
        seconds = QUERY_SECONDS if question.query else READ_SECONDS
        limit = read_number(request.query_params, "limit", 30)
        return json(await within(seconds, port(question.ask(limit))))

    async def _one(self, request: Request, port: Callable[[str], Awaitable[Any]]) -> Response:
        value = await within(READ_SECONDS, port(self._key(request)))
        return json(value) if value is not None else missing()

    def _key(self, request: Request) -> str:
        return request.query_params.get("key", "")[:LONGEST_KEY]


def missing() -> Response:
    """404, as JSON."""
    return JSONResponse({"error": "Nothing is here", "detail": "No item, story or alert has this key."}, 404)


def fault(found: Fault) -> Response:
    """400 for a query that cannot be read or names what is not there, with the column."""
    return JSONResponse({"error": found.what, "detail": found.text, "column": found.column}, 400)
