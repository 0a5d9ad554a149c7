"""What each site's robots.txt allows us: fetched as pages are, kept for a day."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ceasewire.pages import PageOutcome
from producers.children import Children
from producers.fetch import Failed, Fetched, Outcome
from producers.pages.documents import Allowance, Answer, RobotsDocument
from producers.reasons import UNREACHED, Reason

AGENT = "Ceasewire"
KEPT = timedelta(days=1)
RETRY = timedelta(minutes=10)
"""How long it is remembered that a site's robots.txt could not be read."""
MAX_BYTES = 512_000
"""Of one robots.txt; a longer one allows nothing, since what it forbids is not known."""
MOST_BYTES = 16_000_000
"""Of all that are remembered; the oldest are forgotten first."""
MOST_PAUSE = 60.0
_ENTRY = 1_000
"""Bytes that a remembered site counts beside the body."""
_UNKNOWN = {reason: PageOutcome(reason.value) for reason in (*UNREACHED, Reason.BAD_CERTIFICATE)} | dict.fromkeys(
    (Reason.ASKED_TO_WAIT, Reason.SERVER_ERROR, Reason.BAD_ANSWER, Reason.BAD_COMPRESSION),
    PageOutcome.ROBOTS_UNREACHED,
)
"""Reasons for which a site's rules are not known for now; other ones mean that it has none."""


@dataclass(frozen=True)
class _Known:
    """What was found at a site."""

    until: datetime
    refusal: PageOutcome | None = None
    """For every address of the site."""
    body: bytes = b""
    """Empty = everything is allowed."""


class Robots:
    """Asks each site once a day what it allows."""

    def __init__(self, children: Children[Answer], now: Callable[[], datetime]) -> None:
        self._children = children
        self._now = now
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._bytes = 0
        self._pauses: dict[str, float] = {}

    async def refusal(self, url: str, fetch: Callable[[str], Awaitable[Outcome]]) -> PageOutcome | None:
        """Why the address may not be asked for, if so; `fetch` gets the site's robots.txt where it is not known."""
        site = _site(url)
        known = self._known.get(site)
        if known is None or known.until <= self._now():
            known = self._learned(site, await fetch(f"{site}/robots.txt"))
        if known.refusal is not None or not known.body:
            return known.refusal
        answer = await self._children.ask(RobotsDocument(body=known.body, url=url, agent=AGENT))
        if not isinstance(answer, Allowance):
            return PageOutcome.ROBOTS_UNREACHED
        self._pauses[site] = min(answer.pause, MOST_PAUSE)
        return None if answer.allowed else PageOutcome.ROBOTS

    def pause(self, url: str) -> float:
        """Seconds that the site wants between two requests, at most a minute."""
        return self._pauses.get(_site(url), 0.0)

    def _learned(self, site: str, outcome: Outcome) -> _Known:
        now = self._now()
        if isinstance(outcome, Fetched) and outcome.whole:
            known = _Known(now + KEPT, body=outcome.body.strip())
        elif not isinstance(outcome, Failed):
            known = _Known(now + RETRY, PageOutcome.ROBOTS_UNREACHED)
        elif outcome.reason is Reason.TOO_LARGE:
            known = _Known(now + KEPT, PageOutcome.ROBOTS)
        elif outcome.reason in _UNKNOWN:
            known = _Known(now + RETRY, _UNKNOWN[outcome.reason])
        else:
            known = _Known(now + KEPT)
        self._remember(site, known)
        return known

    def _remember(self, site: str, known: _Known) -> None:
        self._forget(site)
        self._known[site] = known
        self._bytes += len(known.body) + _ENTRY
        while self._bytes > MOST_BYTES:
            self._forget(next(iter(self._known)))

    def _forget(self, site: str) -> None:
        gone = self._known.pop(site, None)
        if gone is not None:
            self._bytes -= len(gone.body) + _ENTRY
            self._pauses.pop(site, None)


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
