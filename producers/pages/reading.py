"""One linked page: robots.txt asked, fetched under the terms of its feed, and its main text taken out in a child."""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.items import Item, Tagged
from ceasewire.markup import plain_lines
from ceasewire.pages import LONG, PageOutcome, PageRead, is_stub, tells_of
from producers.children import Bounds, Children, Ended
from producers.connection import Resolve
from producers.fetch import Failed, Fetched, Outcome, Wanted, fetch, may_have_headers_of
from producers.hosts import Hosts, Turns, server_of
from producers.pages.documents import Answer, PageDocument, PageText
from producers.pages.robots import MAX_BYTES, Robots

MAX_MB = 2.0
"""Of one page, before and after decompression."""
LONGEST = timedelta(seconds=20)
"""For one page, redirects and their robots.txt included; less where feeds have less."""
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_HTML = ("text/html", "application/xhtml+xml")
_OPENS_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_INNER = ("local", "localhost", "internal", "intranet", "lan", "home", "corp", "private", "test", "arpa")
"""Last parts of names that mean a server of one's own network."""

Tag = Callable[[Item], Tagged]


class PageReader(Protocol):
    """Reads single pages."""

    async def read(self, feed: Feed, item: Item) -> PageRead:
        """One try; never raises for what a site does."""

    def pause(self, url: str) -> float:
        """Seconds that the site of the address wants between two requests."""


class _Shut(Exception):
    """The site's robots.txt keeps us from an address on the way."""

    def __init__(self, outcome: PageOutcome) -> None:
        super().__init__(outcome)
        self.outcome = outcome


def is_installed() -> bool:
    """Whether the extra `page` is there, without which no page is read."""
    return all(find_spec(name) is not None for name in ("trafilatura", "protego"))


def page_tagger(
    tag: Tag, feeds: Sequence[Feed], settings: PollingSettings, installed: Callable[[], bool] = is_installed
) -> Tag | None:
    """What tells which pages are wanted, or None where none can be read; says so once where some would be."""
    if installed():
        return tag
    if settings.pages and any(feed.enabled and feed.page for feed in feeds):
        words = "pages are not read: install ceasewire[page], or set polling.pages to false"
        structlog.get_logger("pages").warning("pages_not_read", words=words)
    return None


class WebPages:
    """Implements `PageReader` over the network; needs the extra `page`."""

    def __init__(
        self,
        settings: Callable[[], PollingSettings],
        resolve: Resolve,
        hosts: Hosts,
        now: Callable[[], datetime],
        bounds: Bounds,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._hosts = hosts
        answer: Any = Answer
        # one child: a page may wait, and the processors are for feeds and tags
        self._children: Children[Answer] = Children("producers.pages.reading_child", answer, 1, bounds)
        self._robots = Robots(self._children, now)

    async def read(self, feed: Feed, item: Item) -> PageRead:
        """One try; never raises for what a site does."""
        assert item.url is not None
        try:
            await self._ask_robots(feed, item.url)
            outcome = await self._fetch(feed, item.url, MAX_MB, before=True)
        except _Shut as shut:
            return PageRead(outcome=shut.outcome)
        if isinstance(outcome, Failed):
            return PageRead(outcome=PageOutcome(outcome.reason.value), retry_after=outcome.retry_after)
        if not isinstance(outcome, Fetched):
            return PageRead(outcome=PageOutcome.BAD_ANSWER)
        if not outcome.whole:
            return PageRead(outcome=PageOutcome.CUT_OFF)
        if not _is_html(outcome):
            return PageRead(outcome=PageOutcome.NOT_HTML)
        return await self._text(outcome, item)

    def pause(self, url: str) -> float:
        """Seconds that the site of the address wants between two requests."""
        return self._robots.pause(url)

    async def close(self) -> None:
        """Ends the child."""
        await self._children.close()

    async def _text(self, page: Fetched, item: Item) -> PageRead:
        answer = await self._children.ask(PageDocument(body=page.body, content_type=page.content_type, url=page.url))
        if isinstance(answer, Ended):
            return PageRead(outcome=PageOutcome.TOO_HEAVY if answer.spent else PageOutcome.PARSER_FAILED)
        if not isinstance(answer, PageText):
            return PageRead(outcome=PageOutcome(getattr(answer, "reason", PageOutcome.PARSER_FAILED)))
        text = await asyncio.to_thread(plain_lines, answer.text)
        if not answer.free and len(text) < LONG:
            return PageRead(outcome=PageOutcome.PAYWALL)
        if not text:
            return PageRead(outcome=PageOutcome.SCRIPT_ONLY)
        if is_stub(text, item):
            return PageRead(outcome=PageOutcome.STUB)
        if not tells_of(text, item):
            return PageRead(outcome=PageOutcome.UNRELATED)
        return PageRead(outcome=PageOutcome.READ, text=text)

    async def _ask_robots(self, feed: Feed, url: str) -> None:
        # over a proxy the guard cannot see where a name leads
        if (feed.proxy or self._settings().proxy) and _is_inner(url):
            raise _Shut(PageOutcome.PRIVATE_ADDRESS)
        refusal = await self._robots.refusal(url, lambda address: self._fetch(feed, address, MAX_BYTES / 1e6))
        if refusal is not None:
            raise _Shut(refusal)

    async def _fetch(self, feed: Feed, url: str, most: float, before: bool = False) -> Outcome:
        """Under the terms of the feed. Its private networks are open at its own server only: links are a stranger's."""
        settings = self._settings()
        proxy = feed.proxy or settings.proxy
        own = may_have_headers_of(feed.url, url)

        async def ask(address: str) -> None:
            await self._ask_robots(feed, address)

        wanted = Wanted(
            url=url,
            headers={name: value.get_secret_value() for name, value in feed.headers.items()} if own else {},
            proxy=proxy.get_secret_value() if proxy else None,
            allow=(*settings.allow_private, *feed.allow_private),
            home=server_of(feed.url),
            accept=PAGE_TYPES,
            before=ask if before else None,
        )
        limits = {"timeout": min(settings.timeout, LONGEST), "max_wire_mb": most, "max_decoded_mb": most}
        return await fetch(wanted, settings.model_copy(update=limits), self._resolve, Turns(self._hosts, aside=True))


def _is_html(page: Fetched) -> bool:
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    if kind in ("", "text/plain", "application/octet-stream"):
        return _looks_like_html(page.body[:4096])
    return kind in _HTML


def _looks_like_html(head: bytes) -> bool:
    """Whether the bytes open as a web page does, blanks and comments passed over; linear in their number."""
    rest = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    while rest.startswith(b"<!--"):
        _, end, rest = rest[4:].partition(b"-->")
        if not end:
            return False
        rest = rest.lstrip()
    return _OPENS_HTML.match(rest) is not None


def _is_inner(url: str) -> bool:
    """Whether the name is one of an own network, which a proxy may know: it has no dot, or ends as such names do."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return "." not in host or host.rpartition(".")[2] in _INNER
