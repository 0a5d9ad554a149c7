"""A web server on this machine that serves the sample feeds as far as the day has been played."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from html import escape

from aiohttp import web

from embedded.demo.documents import TYPES, Shown, write_document
from embedded.demo.sample import SampleDay, SampleFeed

_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8"><title>{title}</title>
<style>body{{font:17px/1.5 system-ui,sans-serif;max-width:42em;margin:2em auto;padding:0 1em}}
aside{{background:#fe9;color:#222;padding:.4em .8em}}</style>
<aside>Sample: {outlet} does not exist, and nothing of this happened.</aside><h1>{title}</h1>{html}</html>
"""


class FeedServer:
    """Serves every feed of the day; `show` moves the day on, and the entries of a step are dated by it."""

    def __init__(self, day: SampleDay, now: Callable[[], datetime]) -> None:
        self.day = day
        self._feeds = {feed.feed: feed for feed in day.feeds}
        self._now = now
        self._shown: list[datetime] = []
        self._runner: web.AppRunner | None = None
        self._read: dict[str, int] = {}
        self._progress = asyncio.Event()
        self.answers: Counter[tuple[str, int]] = Counter()
        """How often each feed got which status."""
        self._addresses: dict[str, str] = {}

    @property
    def step(self) -> int:
        """The step that is shown; -1 before the day begins."""
        return len(self._shown) - 1

    async def start(self) -> None:
        """Listens on 127.0.0.1, on a free port for each feed: so each is a host of its own, as outlets are."""
        application = web.Application()
        application.router.add_get("/feeds/{feed}", self._feed)
        application.router.add_get("/read/{feed}/{key}", self._page)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        for feed in self._feeds:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self._addresses[feed] = f"http://127.0.0.1:{self._runner.addresses[-1][1]}"

    async def stop(self) -> None:
        """Closes the port."""
        if self._runner:
            await self._runner.cleanup()

    def home(self, feed: str) -> str:
        """The address of an outlet, like http://127.0.0.1:40123."""
        return self._addresses[feed]

    def url(self, feed: str) -> str:
        """The address of its feed."""
        return f"{self.home(feed)}/feeds/{feed}"

    def show(self) -> int:
        """Moves the day on by one step and gives that step."""
        self._shown.append(self._now())
        return self.step

    async def wait_read(self, step: int) -> None:
        """Returns once every feed was asked for since `step` began; those that stay broken are not waited for."""
        awaited = [feed.feed for feed in self.day.feeds if feed.fails_before <= self.day.steps]
        while any(self._read.get(feed, -1) < step for feed in awaited):
            self._progress.clear()
            await self._progress.wait()

    def shown(self, feed: SampleFeed) -> list[Shown]:
        """The entries of a feed that have appeared, newest first."""
        found = []
        for entry in feed.entries:
            current = entry.at(self.step)
            if current is None:
                continue
            path = f"/read/{feed.feed}/{entry.key}"
            edited = [edit.step for edit in entry.edits if edit.step <= self.step]
            found.append(
                Shown(
                    key=entry.key,
                    link=path if feed.links == "relative" else self.home(feed.feed) + path,
                    title=current.title,
                    html=current.html,
                    published=None if entry.age is None else self._shown[entry.step] - timedelta(minutes=entry.age),
                    updated=self._shown[max(edited)] if edited else None,
                )
            )
        return found[::-1]

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        feed = self._feeds.get(request.match_info["feed"])
        if feed is None or self.step < 0:
            raise web.HTTPNotFound
        response = self._answer(feed, request)
        self.answers[feed.feed, response.status] += 1
        self._read[feed.feed] = self.step
        self._progress.set()
        return response

    def _answer(self, feed: SampleFeed, request: web.Request) -> web.Response:
        if self.step < feed.fails_before:
            return web.Response(status=500, text="The printing press is broken.")
        body = write_document(feed, self.home(feed.feed), self.shown(feed))
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Content-Type": f"{TYPES[feed.form]}; charset={feed.claims or feed.encoding}"}
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        return web.Response(body=body, headers=headers)

    async def _page(self, request: web.Request) -> web.Response:
        feed = self._feeds.get(request.match_info["feed"])
        for shown in self.shown(feed) if feed else ():
            if feed and shown.key == request.match_info["key"]:
                title = escape(shown.title)
                text = _PAGE.format(language=feed.language, title=title, outlet=escape(feed.outlet), html=shown.html)
                return web.Response(text=text, content_type="text/html")
        raise web.HTTPNotFound
