"""One fetch: an address to a body, or to a named reason why there is none."""

import asyncio
import re
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import NoReturn
from urllib.parse import urljoin, urlsplit

import aiohttp
import msgspec

from ceasewire.config.settings import PollingSettings
from ceasewire.guard import EVERYWHERE, url_refusal
from producers.bodies import BadCompression, Body, TooLarge
from producers.connection import CONNECT_SECONDS, Refused, Resolve, cause, open_session
from producers.hosts import Hosts, Turns, server_of
from producers.reasons import Reason

MAX_REDIRECTS = 5
MAX_RETRY_AFTER = 86_400.0
FEED_TYPES = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.2, */*;q=0.1"
)


@dataclass(frozen=True)
class Wanted:
    """What to fetch, and under which terms."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent to the host of `url` only."""
    proxy: str | None = field(default=None, repr=False)
    allow: Sequence[str] = ()
    """Private networks that may be reached."""
    home: str | None = None
    """The one server that may lie in those, as `hosts.server_of` names it; None = any."""
    accept: str = FEED_TYPES
    before: Callable[[str], Awaitable[None]] | None = None
    """Awaited before each request with its address, redirects included; what it raises ends the fetch."""

    def allowed_at(self, url: str) -> Sequence[str]:
        """The private networks that may be reached by this address."""
        return self.allow if self.home is None or server_of(url) == self.home else ()


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """A body, decompressed."""

    body: bytes
    url: str
    """Where it came from in the end."""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age: int | None = None
    """Seconds, from Cache-Control."""
    moved: str | None = None
    """Where a first, permanent redirect led to."""
    whole: bool = True
    """False where the connection ended before the body did."""


class Unchanged(msgspec.Struct, frozen=True, kw_only=True):
    """The server says that nothing changed since the last fetch."""

    max_age: int | None = None
    moved: str | None = None
    """Where a first, permanent redirect led to."""


class Failed(msgspec.Struct, frozen=True, kw_only=True):
    """No body, and why."""

    reason: Reason
    detail: str = ""
    """What was seen, without secrets."""
    retry_after: float | None = None
    """Seconds that the server asks us to wait, at most a day."""


Outcome = Fetched | Unchanged | Failed


class _Stopped(Exception):
    """Ends a fetch early with what it came to."""

    def __init__(self, reason: Reason, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.failed = Failed(reason=reason, detail=detail, retry_after=retry_after)


def user_agent(contact: str | None) -> str:
    """How we name ourselves to publishers."""
    return f"Ceasewire/0.1 (+{contact})" if contact else "Ceasewire/0.1 (news monitor)"


async def fetch(wanted: Wanted, settings: PollingSettings, resolve: Resolve, turns: Turns | None = None) -> Outcome:
    """Fetches the address within one deadline over everything; never raises for what a server or network does.

    `turns` keeps requests of other fetches away from the servers that this one asks.
    """
    seconds = settings.timeout.total_seconds()
    turns = turns or Turns(Hosts())
    try:
        async with asyncio.timeout(seconds) as deadline:
            return await _follow(wanted, settings, resolve, lambda url: turns.at(url, deadline))
    except _Stopped as stopped:
        return stopped.failed
    except TooLarge as error:
        return Failed(reason=Reason.TOO_LARGE, detail=str(error))
    except BadCompression as error:
        return Failed(reason=Reason.BAD_COMPRESSION, detail=str(error))
    except aiohttp.ConnectionTimeoutError:
        return Failed(reason=Reason.NO_CONNECTION, detail=f"no connection within {CONNECT_SECONDS:g} s")
    except TimeoutError:
        return Failed(reason=Reason.TOO_SLOW, detail=f"not done within {seconds:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _network_failure(error)


async def _follow(
    wanted: Wanted,
    settings: PollingSettings,
    resolve: Resolve,
    turn: Callable[[str], AbstractAsyncContextManager[None]],
) -> Outcome:
    url = wanted.url
    seen: set[str] = set()
    moved: str | None = None
    permanent = True
    for _ in range(MAX_REDIRECTS + 1):
        allow = wanted.allowed_at(url)
        refused = url_refusal(url, allow)
        if refused:
            raise _Stopped(_reason_of(refused, url, first=not seen), f"{shown(url)} is refused: {refused}")
        if url in seen:
            raise _Stopped(Reason.REDIRECT_LOOP, f"back to {shown(url)}")
        seen.add(url)
        if wanted.before is not None:
            await wanted.before(url)
        headers = _headers(wanted, url, settings)
        async with (
            turn(url),
            open_session(resolve, allow, guarded=wanted.proxy is None) as session,
            session.get(url, headers=headers, proxy=wanted.proxy, allow_redirects=False) as response,
        ):
            target = _target(response, url, wanted.url)
            if target is None:
                return await _read(response, wanted, settings, url, moved)
            permanent = permanent and response.status in (301, 308)
            moved = target if permanent else moved
            url = target
    raise _Stopped(Reason.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS}, the last to {shown(url)}")


def _reason_of(refused: str, url: str, first: bool) -> Reason:
    """A private address only where naming networks would change the refusal; else the address itself is at fault."""
    if url_refusal(url, EVERYWHERE) != refused:
        return Reason.PRIVATE_ADDRESS
    return Reason.BAD_ADDRESS if first else Reason.BAD_REDIRECT


def _headers(wanted: Wanted, url: str, settings: PollingSettings) -> dict[str, str]:
    headers = {
        "User-Agent": user_agent(settings.contact),
        "Accept": wanted.accept,
        "Accept-Encoding": "gzip, deflate, br",
    }
    if may_have_headers_of(wanted.url, url):
        headers.update(wanted.headers)
    if wanted.etag:
        headers["If-None-Match"] = wanted.etag
    if wanted.last_modified:
        headers["If-Modified-Since"] = wanted.last_modified
    return headers


def may_have_headers_of(own: str, url: str) -> bool:
    """Whether headers meant for `own` may go to `url`: the same server, or the same one now by TLS."""
    first, second = urlsplit(own), urlsplit(url)
    if first.hostname != second.hostname:
        return False
    ports = [parts.port or (443 if parts.scheme == "https" else 80) for parts in (first, second)]
    return (first.scheme, ports[0]) == (second.scheme, ports[1]) or (first.scheme == "http" and ports == [80, 443])


def _target(response: aiohttp.ClientResponse, url: str, own: str) -> str | None:
    """Where the response sends us, without fragment; None where it does not.

    User and password of our `own` address go along where headers do; those that a server writes are never taken.
    """
    if response.status not in (301, 302, 303, 307, 308):
        return None
    location = _by_percent(response.headers.get("Location", "").strip()).replace(" ", "%20")
    if not location:
        raise _Stopped(Reason.BAD_REDIRECT, f"status {response.status} without Location")
    try:
        parts = urlsplit(urljoin(url, location))
        target = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
        login = urlsplit(own).netloc.rpartition("@")[0]
        if login and may_have_headers_of(own, target.geturl()):
            target = target._replace(netloc=f"{login}@{target.netloc}")
        return target.geturl()
    except ValueError:
        raise _Stopped(Reason.BAD_REDIRECT, f"Location is {location[:80]!r}") from None


async def _read(
    response: aiohttp.ClientResponse, wanted: Wanted, settings: PollingSettings, url: str, moved: str | None
) -> Outcome:
    status = response.status
    max_age = _max_age(response.headers.get("Cache-Control", ""))
    if status == 304:
        if not wanted.etag and not wanted.last_modified:
            raise _Stopped(Reason.BAD_ANSWER, "status 304, though we asked for the whole document")
        return Unchanged(max_age=max_age, moved=moved)
    if not 200 <= status < 300:
        _refuse(response)
    body = Body(
        response.headers.get("Content-Encoding", ""),
        int(settings.max_wire_mb * 1e6),
        int(settings.max_decoded_mb * 1e6),
    )
    whole = True
    try:
        async for chunk in response.content.iter_any():
            body.take(chunk)
    except (aiohttp.ClientPayloadError, ConnectionResetError):
        whole = False
    return Fetched(
        body=body.content,
        url=url,
        content_type=readable(response.headers.get("Content-Type")),
        etag=validator(response.headers.get("ETag")),
        last_modified=validator(response.headers.get("Last-Modified")),
        max_age=max_age,
        moved=moved,
        whole=whole and body.whole,
    )


def readable(value: str | None) -> str | None:
    """A header as text: bytes that are no UTF-8 come as lone surrogates, which no file, store or child takes."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if value else value


def validator(value: str | None) -> str | None:
    """What is sent back as it came, or None where it cannot be: a changed one would never match."""
    return value if value == readable(value) else None


def _by_percent(location: str) -> str:
    """An address whose bytes are no UTF-8, with those bytes written as %E9."""
    return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", location)


_STATUS = {
    401: Reason.LOGIN_WANTED,
    403: Reason.FORBIDDEN,
    404: Reason.NOT_FOUND,
    407: Reason.PROXY_FAILED,
    410: Reason.GONE,
    429: Reason.ASKED_TO_WAIT,
}


def _refuse(response: aiohttp.ClientResponse) -> NoReturn:
    status = response.status
    detail = f"status {status}"
    wait = read_retry_after(response.headers.get("Retry-After", ""), response.headers.get("Date") or _now())
    reason = _STATUS.get(status) or (Reason.SERVER_ERROR if status >= 500 else Reason.REFUSED)
    if wait is not None and status in (429, 503):
        reason = Reason.ASKED_TO_WAIT
    raise _Stopped(reason, detail, wait if reason is Reason.ASKED_TO_WAIT else None)


def read_retry_after(value: str, date: str = "") -> float | None:
    """Seconds to wait, at most a day; an HTTP date counts from the server's own `date`. None where unreadable."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value[:9]), MAX_RETRY_AFTER)
    until, since = _http_date(value), _http_date(date)
    if until is None or since is None:
        return None
    return min(max((until - since).total_seconds(), 0.0), MAX_RETRY_AFTER)


def _now() -> str:
    return format_datetime(datetime.now(UTC))


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _max_age(value: str) -> int | None:
    for part in value.lower().split(","):
        name, _, seconds = part.strip().partition("=")
        seconds = seconds.strip('" ')
        if name == "max-age" and seconds.isascii() and seconds.isdigit():
            return int(seconds[:9])
    return None


def shown(url: str) -> str:
    """The address as it may be shown and logged: scheme and host only."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
        return f"{parts.scheme}://{parts.hostname or ''}{port}"[:200]
    except ValueError:
        return "an unreadable address"


def _network_failure(error: BaseException) -> Failed:
    root = cause(error)
    words = " ".join(str(getattr(root, "strerror", None) or root).split())[:200]
    if isinstance(root, Refused):
        return Failed(reason=Reason.PRIVATE_ADDRESS, detail=words)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError) or isinstance(
        root, ssl.SSLError
    ):
        return Failed(reason=Reason.BAD_CERTIFICATE, detail=words)
    if isinstance(error, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return Failed(reason=Reason.PROXY_FAILED, detail=type(error).__name__)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failed(reason=Reason.NO_ADDRESS, detail=words)
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientConnectorError | OSError):
        return Failed(reason=Reason.NO_CONNECTION, detail=words)
    if isinstance(error, aiohttp.InvalidURL):
        return Failed(reason=Reason.BAD_REDIRECT, detail="an address that cannot be read")
    return Failed(reason=Reason.BAD_ANSWER, detail=type(error).__name__)
