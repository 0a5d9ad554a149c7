"""One POST to a receiver: guarded, bounded in time and size, and every failure a value.

The address is judged three times: as text, when a name resolves, and where the socket is made, which is the only
place that an IP literal passes too. What may be reached is decided in `ceasewire.guard` alone. Redirects are not
followed, proxy variables and cookies not used.
"""

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ceasewire.guard import peer_refusal, permitted, url_refusal

LARGEST_REPLY = 64 * 1024
"""Bytes of a reply that are read."""
USER_AGENT = "Ceasewire alerts"
_REPLY_SECONDS = 2.0
_CONNECT_SHARE = 2 / 3
AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str | int | bytes, ...]]

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host name; raises OSError where there are none."""


@dataclass(frozen=True)
class Reply:
    """What a receiver answered."""

    status: int
    headers: Mapping[str, str]
    text: str
    whole: bool
    """Whether the text came to its end in time and within the limit."""
    seconds: float


@dataclass(frozen=True)
class Failure:
    """Why there is no answer: a named outcome, and what the system said."""

    name: str
    detail: str
    seconds: float


class Denied(OSError):
    """The guard refused the address; the text says why."""


class Connections:
    """Posts to receivers; sessions are kept for each set of allowed networks. To be closed at the end."""

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._threads: ThreadPoolExecutor | None = None
        self._resolve = resolve or self._system
        self._sessions: dict[tuple[str, ...], aiohttp.ClientSession] = {}

    async def post(
        self, url: str, allow: Sequence[str], headers: Mapping[str, str], body: bytes, seconds: float
    ) -> Reply | Failure:
        """One POST within one deadline of `seconds`; never raises for what a receiver or the network does."""
        began = time.monotonic()
        refused = url_refusal(url, allow)
        if refused:
            return Failure("denied", refused, 0.0)
        try:
            async with asyncio.timeout(seconds) as deadline:
                async with self._session(tuple(allow)).post(
                    url,
                    data=body,
                    headers=headers,
                    allow_redirects=False,
                    # A deadline of its own tells a receiver that was never reached from one that may have got it.
                    timeout=aiohttp.ClientTimeout(total=None, connect=seconds * _CONNECT_SHARE),
                ) as response:
                    # The head decides; a body that trickles must not hold the channel until the deadline.
                    left = (deadline.when() or 0) - asyncio.get_running_loop().time()
                    text, whole = await _read(response, min(left * 0.9, _REPLY_SECONDS))
                    return Reply(response.status, response.headers, text, whole, time.monotonic() - began)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            name, detail = _told(error)
            return Failure(name, detail, time.monotonic() - began)

    async def close(self) -> None:
        """Closes all sessions."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()
        if self._threads:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _session(self, allow: tuple[str, ...]) -> aiohttp.ClientSession:
        if allow not in self._sessions:
            connector = aiohttp.TCPConnector(
                resolver=GuardedResolver(self._resolve, allow),
                use_dns_cache=False,
                socket_factory=guarded_socket(allow),
                limit=0,
                # A connection that is kept may be dead when the next alert comes: that would cost a try.
                force_close=True,
            )
            self._sessions[allow] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
                trust_env=False,
                auto_decompress=False,
            )
        return self._sessions[allow]

    async def _system(self, host: str) -> Sequence[str]:
        """Asks the system in threads of its own: a slow name server must not stop the rest of the program."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(16, thread_name_prefix="receivers")
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedResolver(AbstractResolver):
    """Gives aiohttp what the guard permits of a name's addresses."""

    def __init__(self, resolve: Resolve, allow: Sequence[str]) -> None:
        self._resolve = resolve
        self._allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        kept, refused = permitted(await self._resolve(host), self._allow)
        if refused:
            raise Denied(refused)
        if not kept:
            raise OSError("the name has no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in kept
        ]

    async def close(self) -> None:
        return None


def guarded_socket(allow: Sequence[str]) -> Callable[[AddrInfo], socket.socket]:
    """Makes aiohttp's sockets, for places that the guard lets through only; raises Denied."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, place = info
        refused = peer_refusal(place, allow)
        if refused:
            raise Denied(refused)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


async def _read(response: aiohttp.ClientResponse, seconds: float) -> tuple[str, bool]:
    """The beginning of the reply's text, and whether that is all of it."""
    found = bytearray()
    whole = False
    try:
        async with asyncio.timeout(seconds):
            while len(found) < LARGEST_REPLY:
                chunk = await response.content.read(LARGEST_REPLY - len(found))
                if not chunk:
                    whole = True
                    break
                found += chunk
    except (TimeoutError, aiohttp.ClientError, OSError):
        pass  # the status is known, and that is what counts
    return found.decode("utf-8", "replace"), whole


def _told(error: BaseException) -> tuple[str, str]:
    """The named outcome of an error, and its detail; never the error's own text, which may hold the address."""
    inner = getattr(error, "os_error", error)
    if isinstance(inner, Denied):
        return "denied", str(inner)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return "unreachable", "no connection in time"
    if isinstance(error, TimeoutError):
        return "timeout", ""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "no_name", _system_words(inner)
    if isinstance(error, aiohttp.ClientSSLError):
        return "tls", _tls_words(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(inner, ConnectionRefusedError):
            return "refused", ""
        return "unreachable", _system_words(inner)
    if isinstance(error, aiohttp.InvalidURL | aiohttp.NonHttpUrlClientError):
        return "bad_channel", "the address cannot be read"
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | aiohttp.ClientPayloadError):
        return "reset", _system_words(error)
    if isinstance(error, aiohttp.ClientResponseError):
        return "unexpected", "the answer is not HTTP"
    return "unexpected", type(error).__name__


def _system_words(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or "")[:200]


def _tls_words(error: aiohttp.ClientSSLError) -> str:
    inner = getattr(error, "certificate_error", None) or error.__cause__
    return str(getattr(inner, "verify_message", None) or getattr(inner, "reason", None) or "")[:200]


def without_secrets(text: str, url: str, secret: str | None, longest: int = 200) -> str:
    """A receiver's words, on one line, cut, without the address or key of the channel that it may echo."""
    told = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    parts = urlsplit(url)
    hidden = [url, parts.netloc.rpartition("@")[0], parts.query, secret or "", (secret or "").removeprefix("whsec_")]
    hidden += [part for part in (parts.path, parts.path.strip("/"), *parts.path.split("/")) if len(part) >= 8]
    for word in sorted({word for word in hidden if len(word) >= 4}, key=len, reverse=True):
        told = re.sub(re.escape(word), "***", told, flags=re.IGNORECASE)
    return told[:longest]
