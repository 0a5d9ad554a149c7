"""The feeds of a site, found from any address of it: what its page names, then the usual places."""

import contextlib
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import msgspec

from ceasewire.config.settings import PollingSettings
from producers.connection import Resolve
from producers.documents import Parsed, Unreadable
from producers.fetch import Failed, Fetched, Wanted, fetch
from producers.parse import Parsers
from producers.reasons import Reason, explain

USUAL_PATHS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/feed/", "/rss/", "/index.xml", "/feed.json")
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MOST = 12
_LARGEST_PAGE = 500_000
_PREVIEW = 20


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A feed that was found and read."""

    url: str
    feed: Parsed


class Discovered(msgspec.Struct, frozen=True, kw_only=True):
    """What an address leads to."""

    candidates: tuple[Candidate, ...] = ()
    problem: str = ""
    """Where there are no candidates: why, in words."""


async def discover(
    url: str, settings: PollingSettings, resolve: Resolve, parsers: Parsers, allow: Sequence[str] = ()
) -> Discovered:
    """The feeds of a site: the address itself where it is a feed, else those of its page, else at usual places.

    Asks one address after the other, since all are of one host.
    """
    url = url.strip()
    if "://" not in url:
        url = f"https://{url}"
    if not url.lower().startswith(("http://", "https://")):
        return Discovered(problem=f"only addresses that begin with http:// or https:// can be read, not {url[:60]}")
    proxy = settings.proxy.get_secret_value() if settings.proxy else None
    look = _Look(settings, resolve, parsers, (*settings.allow_private, *allow), proxy)
    first = await look.at(url)
    if isinstance(first, Candidate):
        return Discovered(candidates=(first,))
    if isinstance(first, Failed):
        return Discovered(problem=explain(first.reason, first.detail))
    named = await look.all(_named(first)) or await look.all(_usual(first.url))
    problem = "" if named else f"no feed is named on {first.url}, and none is at the usual places"
    return Discovered(candidates=tuple(named), problem=problem)


class _Look:
    """Fetches and parses addresses."""

    def __init__(
        self,
        settings: PollingSettings,
        resolve: Resolve,
        parsers: Parsers,
        allow: Sequence[str],
        proxy: str | None,
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._parsers = parsers
        self._allow = allow
        self._proxy = proxy
        self._seen: set[str] = set()

    async def at(self, url: str) -> Candidate | Fetched | Failed:
        """A feed, or what else is there."""
        wanted = Wanted(url=url, allow=self._allow, proxy=self._proxy)
        outcome = await fetch(wanted, self._settings, self._resolve)
        if not isinstance(outcome, Fetched):
            return outcome if isinstance(outcome, Failed) else Failed(reason=Reason.BAD_ANSWER)
        reading = await self._parsers.parse(outcome.body, outcome.content_type, outcome.url, _PREVIEW)
        if isinstance(reading, Unreadable):
            return outcome
        return Candidate(url=outcome.moved or url, feed=reading)

    async def all(self, urls: Iterator[str]) -> list[Candidate]:
        """The feeds among the addresses, each asked once."""
        candidates = []
        for url in urls:
            if url in self._seen or len(self._seen) >= _MOST:
                continue
            self._seen.add(url)
            found = await self.at(url)
            if isinstance(found, Candidate):
                candidates.append(found)
        return candidates


class _Links(HTMLParser):
    """Collects what a page names as its feeds, and links that look like feeds."""

    def __init__(self) -> None:
        super().__init__()
        self.named: list[str] = []
        self.likely: list[str] = []
        self.base = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        href = given.get("href", "").strip()
        if not href:
            return
        if tag == "base" and not self.base:
            self.base = href
        elif tag == "link" and "alternate" in given.get("rel", "").lower().split():
            if given.get("type", "").lower().split(";")[0].strip() in _TYPES:
                self.named.append(href)
        elif tag == "a" and urlsplit(href).path.rstrip("/").lower().endswith(
            ("rss", "feed", "rss.xml", "feed.xml", "atom.xml", "feed.json")
        ):
            self.likely.append(href)


def _named(page: Fetched) -> Iterator[str]:
    links = _Links()
    with contextlib.suppress(ValueError, AssertionError):
        links.feed(page.body[:_LARGEST_PAGE].decode("utf-8", "replace"))
    for href in [*links.named, *links.likely]:
        try:
            url = urljoin(urljoin(page.url, links.base), href)
        except ValueError:
            continue
        if url.startswith(("http://", "https://")):
            yield url


def _usual(url: str) -> Iterator[str]:
    for path in USUAL_PATHS:
        yield urljoin(url, path)
