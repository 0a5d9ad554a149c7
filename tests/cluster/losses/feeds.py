"""A web server whose feeds go on only once what they showed was taken: what a reader loses then, nobody sees again."""

import json
import socket
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from aiohttp import web

from tests.cluster.losses.entries import Entry

CHUNK = 25


@dataclass
class Feed:
    """One feed: the entries that are still to come, and those in its document now."""

    name: str
    left: list[Entry]
    shown: list[tuple[Entry, datetime]] = field(default_factory=list)
    turn: int = 0
    given: int = 0

    @property
    def tag(self) -> str:
        """Names the document that it shows."""
        return f'"{self.name}-{self.turn}"'


class Feeds:
    """Shows so many entries, so many a second in all. A reader that knows a document's tag has taken it."""

    def __init__(self, count: int, a_second: float, feeds: int) -> None:
        self.entries = [Entry(number) for number in range(count)]
        self.a_second = a_second
        self.feeds = {f"wire{number}": Feed(f"wire{number}", self.entries[number::feeds]) for number in range(feeds)}
        self._began: float | None = None
        self._runner: web.AppRunner | None = None
        self._taken: set[str] = set()
        self.addresses: dict[str, str] = {}

    @property
    def done(self) -> bool:
        """Whether all entries were shown and taken."""
        return all(not one.left and one.name in self._taken for one in self.feeds.values())

    async def start(self) -> None:
        """Listens, each feed on a port of its own, as hosts of their own."""
        application = web.Application()
        application.router.add_get("/{feed}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        for name in self.feeds:
            listening = socket.create_server(("127.0.0.1", 0))
            await web.SockSite(self._runner, listening).start()
            self.addresses[name] = f"http://127.0.0.1:{listening.getsockname()[1]}/{name}"

    async def stop(self) -> None:
        """Closes the ports."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        feed = self.feeds[request.match_info["feed"]]
        if self._began is None:
            self._began = monotonic()
        taken = request.headers.get("If-None-Match") == feed.tag
        due = int((monotonic() - self._began) * self.a_second / len(self.feeds)) + 1 - feed.given
        fresh = feed.left[: min(CHUNK, max(due, 0))]
        if fresh and (taken or not feed.turn):
            feed.left = feed.left[len(fresh) :]
            now = datetime.now(UTC)
            feed.shown = [(entry, now) for entry in fresh]
            feed.given += len(fresh)
            feed.turn += 1
        elif taken:
            self._taken.add(feed.name)
            return web.Response(status=304, headers={"ETag": feed.tag})
        self._taken.discard(feed.name)
        return web.Response(
            body=json.dumps(_document(feed)), content_type="application/feed+json", headers={"ETag": feed.tag}
        )


def _document(feed: Feed) -> dict[str, Any]:
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.name,
        "items": [
            {
                "id": str(entry.number),
                "url": entry.url,
                "title": entry.title,
                "content_text": entry.text,
                "date_published": at.isoformat(),
            }
            for entry, at in reversed(feed.shown)
        ],
    }
