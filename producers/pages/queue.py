"""Which wanted page is read when: newest first, a few at once, one at a site at a time, and never in a feed's way."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

import msgspec
import structlog

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from ceasewire.pages import UNREACHED, PageOutcome, PageRead, too_old
from ceasewire.polling import FeedState
from producers.hosts import Hosts, server_of
from producers.pages.reading import PageReader

_TICK_SECONDS = 0.5
_UNSTORED_SECONDS = 30.0
_MOST_HELD = 100
_log = structlog.get_logger("pages")


class WantedPage(msgspec.Struct, frozen=True):
    """A page that is wanted: which entry's, and the entry's text by its fingerprint."""

    feed: str
    key: str
    entry: str
    item: Item
    due: datetime | None


Store = Callable[[WantedPage, PageRead], Awaitable[bool]]
"""Stores what a try came to; False where the store did not take it, and the page is still wanted."""


class Pages:
    """Reads wanted pages. What is wanted stands in the states of feeds; here is only what of it is in work."""

    def __init__(
        self,
        reader: PageReader,
        store: Store,
        feeds: Callable[[], Sequence[Feed]],
        settings: Callable[[], PollingSettings],
        hosts: Hosts,
        metrics: Metrics,
        now: Callable[[], datetime],
        offline: Callable[[], bool] = lambda: False,
        gap: float = 1.0,
    ) -> None:
        """`gap` is the least time between two pages of a site, in seconds."""
        self._reader = reader
        self._store = store
        self._feeds = feeds
        self._settings = settings
        self._hosts = hosts
        self._metrics = metrics
        self._now = now
        self._offline = offline
        self._gap = gap
        self._wanted: dict[str, dict[str, WantedPage]] = {}
        self._running: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._rests: dict[str, float] = {}
        """Until when a server is left alone by pages, on the loop's clock."""
        self._unstored: dict[tuple[str, str], float] = {}
        self._held: dict[tuple[str, str], tuple[str, PageRead]] = {}
        """What was read and not stored yet, with the fingerprint of its entry: it is not fetched again."""
        self._woken = asyncio.Event()

    def note(self, state: FeedState) -> None:
        """Takes over which pages of a feed are wanted, from its whole state as it is stored."""
        wanted = {
            key: WantedPage(state.feed, key, seen.fingerprint, seen.page.item, seen.page.due)
            for key, seen in state.entries.items()
            if seen.page is not None and seen.page.item is not None
        }
        self.forget(state.feed)
        if wanted:
            self._wanted[state.feed] = wanted
            self._woken.set()

    def forget(self, feed: str) -> None:
        """Drops what was wanted of a feed that is polled here no longer."""
        self._wanted.pop(feed, None)

    async def run(self, stop: asyncio.Event) -> None:
        """Reads pages until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._woken.set())
        try:
            while not stop.is_set():
                self._begin_due()
                await self._turn()
        finally:
            stopping.cancel()
            await self.close()

    async def read_due(self) -> None:
        """Returns once no page is due; those that are tried again later are left."""
        while self._running or self._due():
            self._begin_due()
            await self._turn()

    async def close(self) -> None:
        """Breaks off what is being read; it stays wanted."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _turn(self) -> None:
        """Waits until something changed, or half a second."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_TICK_SECONDS):
                await self._woken.wait()
        self._woken.clear()

    def _due(self) -> list[tuple[Feed, WantedPage]]:
        """What may be read now, the newest first."""
        if not self._wanted or not self._settings().pages:
            return []
        now, clock = self._now(), asyncio.get_running_loop().time()
        self._unstored = {place: until for place, until in self._unstored.items() if until > clock}
        feeds = [feed for feed in self._feeds() if feed.enabled and feed.page and feed.id in self._wanted]
        due = [
            (feed, wanted)
            for feed in feeds
            for key, wanted in self._wanted[feed.id].items()
            if (wanted.due is None or wanted.due <= now)
            and (feed.id, key) not in self._running
            and (feed.id, key) not in self._unstored
        ]
        return sorted(due, key=lambda pair: pair[1].item.at, reverse=True)

    def _begin_due(self) -> None:
        room = self._settings().pages_at_once - len(self._running)
        if room <= 0:
            return
        clock = asyncio.get_running_loop().time()
        self._rests = {server: until for server, until in self._rests.items() if until > clock}
        taken = self._hosts.taken() | set(self._rests)
        for feed, wanted in self._due():
            if room <= 0:
                return
            server = server_of(wanted.item.url or "")
            if server in taken:
                continue
            taken.add(server)
            room -= 1
            self._rests[server] = float("inf")
            task = asyncio.create_task(self._read(feed, wanted, server), name=f"page of {feed.id}")
            self._running[wanted.feed, wanted.key] = task
            task.add_done_callback(partial(self._done, wanted))

    def _done(self, wanted: WantedPage, _: asyncio.Task[None]) -> None:
        self._running.pop((wanted.feed, wanted.key), None)
        self._woken.set()

    async def _read(self, feed: Feed, wanted: WantedPage, server: str) -> None:
        loop, place = asyncio.get_running_loop(), (wanted.feed, wanted.key)
        entry, held = self._held.pop(place, ("", None))
        if held is not None and entry == wanted.entry:
            read = held
            self._rests.pop(server, None)
        else:
            try:
                read = await self._try(feed, wanted)
            finally:
                self._rests[server] = loop.time() + max(self._gap, self._reader.pause(wanted.item.url or ""))
            if read.outcome in UNREACHED and self._offline():
                read = msgspec.structs.replace(read, counted=False)
            self._metrics.pages.labels(read.outcome.value).inc()
        if not await self._store(wanted, read):
            self._unstored[place] = loop.time() + _UNSTORED_SECONDS
            if len(self._held) < _MOST_HELD:
                self._held[place] = wanted.entry, read

    async def _try(self, feed: Feed, wanted: WantedPage) -> PageRead:
        """One try. It may be broken off to make way for a feed, which is as if the site were too slow."""
        if too_old(wanted.item, self._now()):
            return PageRead(outcome=PageOutcome.TOO_OLD)
        reading = asyncio.create_task(self._reader.read(feed, wanted.item))
        try:
            await asyncio.wait({reading})
        except asyncio.CancelledError:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            raise
        if reading.cancelled():
            return PageRead(outcome=PageOutcome.TOO_SLOW)
        try:
            return reading.result()
        except Exception:
            _log.exception("page_failed", feed=feed.id, item=wanted.item.id)
            return PageRead(outcome=PageOutcome.OUR_FAULT)
