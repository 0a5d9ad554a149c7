"""Live updates: a stream that says when something new was stored, and how many items are newer than a page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from desk.deadline import READ_SECONDS, within
from desk.rendering import Desk
from desk.requests import read_question

PING_SECONDS = 15.0
MOST_STREAMS = 64
"""Open streams at a time; a further browser works without live updates."""
NEWEST = 60
"""Of how many newest matches the fresh ones are counted."""


class Updates:
    """The stream and the count."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open = 0

    def routes(self) -> list[Route]:
        """Addresses of this part."""
        return [
            Route("/updates", self.stream),
            Route("/fresh", self.fresh),
            Route("/fresh/alerts", self.fresh_alerts),
        ]

    async def stream(self, request: Request) -> Response:
        """Server-sent events: a growing number at each change, a comment every 15 s."""
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        if self._open >= MOST_STREAMS:
            return Response(status_code=204)
        return StreamingResponse(self._lines(), media_type="text/event-stream")

    async def _lines(self) -> AsyncIterator[str]:
        self._open += 1
        changes = self._desk.ports.changes.changes()
        waiting: asyncio.Future[int] | None = None
        try:
            yield "retry: 3000\n\n"
            while True:
                waiting = waiting or asyncio.ensure_future(anext(changes))
                done, _ = await asyncio.wait({waiting}, timeout=PING_SECONDS)
                if not done:
                    yield ": still here\n\n"
                    continue
                number, waiting = waiting.result(), None
                yield f"event: change\nid: {number}\ndata: {number}\n\n"
        except StopAsyncIteration:
            return
        finally:
            self._open -= 1
            if waiting is not None:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
            close = getattr(changes, "aclose", None)
            if close is not None:
                await close()

    async def fresh(self, request: Request) -> Response:
        """How many items came in since the page was made, as a piece of that page; empty when none did."""
        question = read_question(request.query_params)
        made = _moment(request.query_params.get("made", ""))
        if question.fault or made is None:
            return Response(status_code=204)
        found = await within(READ_SECONDS, self._desk.ports.search.search(question.ask(NEWEST)))
        count = sum(1 for hit in found.hits if hit.tagged.item.first_seen > made)
        return self._desk.page(request, "parts/fresh.html", {"count": count, "most": NEWEST, "noun": "item"})

    async def fresh_alerts(self, request: Request) -> Response:
        """How many alerts were raised since the page was made."""
        made = _moment(request.query_params.get("made", ""))
        if made is None:
            return Response(status_code=204)
        page = await within(READ_SECONDS, self._desk.ports.alerts.alerts(limit=NEWEST))
        count = sum(1 for view in page.alerts if view.alert.at > made)
        return self._desk.page(request, "parts/fresh.html", {"count": count, "most": NEWEST, "noun": "alert"})


def _moment(milliseconds: str) -> datetime | None:
    if milliseconds.isascii() and milliseconds.isdigit() and len(milliseconds) <= 13:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
    return None
