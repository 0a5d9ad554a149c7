"""The one way out to the network: names resolved, each address judged before a socket to it is opened.

A resolver alone is not enough: aiohttp asks none for IP literals. So the address is judged where the socket is
made, for every connection and every redirect, whatever way led to it. What may be reached is decided in
`ceasewire.guard` alone; here its answers are only handed to aiohttp.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ceasewire.guard import EVERYWHERE, peer_refusal, permitted

CONNECT_SECONDS = 10.0
Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Gives the IP addresses of a host name; raises OSError where there are none."""

AddrInfo = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[str | int | bytes, ...]]


class Refused(OSError):
    """The address must not be connected to; the text says why."""


class SystemNames:
    """Asks the system's resolver, in threads of its own so that slow name servers stop nothing else."""

    def __init__(self, threads: int = 16) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="names")

    async def __call__(self, host: str) -> Sequence[str]:
        """The addresses of the host, IPv4 and IPv6, in the system's order."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(info[4][0]) for info in found))

    def close(self) -> None:
        """Gives the threads back; questions that still wait are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)


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
            raise Refused(refused)
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
    """Makes aiohttp's sockets, for places that the guard lets through only; raises Refused."""

    def make(info: AddrInfo) -> socket.socket:
        family, kind, protocol, _, place = info
        refused = peer_refusal(place, allow)
        if refused:
            raise Refused(refused)
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def open_session(resolve: Resolve, allow: Sequence[str], guarded: bool = True) -> aiohttp.ClientSession:
    """A session for one fetch: no cookies, no proxy variables, nothing kept alive, nothing decoded.

    `guarded` is False only towards a proxy that the operator named.
    """

    may = allow if guarded else EVERYWHERE
    connector = aiohttp.TCPConnector(
        resolver=GuardedResolver(resolve, may),
        use_dns_cache=False,
        socket_factory=guarded_socket(may),
        limit=0,
        force_close=True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
    )


def cause(error: BaseException) -> BaseException:
    """The error at the root of a chain: what the operating system, or our guard, said."""
    seen = error
    for _ in range(8):
        inner = getattr(seen, "os_error", None) or seen.__cause__ or seen.__context__
        if not isinstance(inner, BaseException) or inner is seen:
            break
        seen = inner
    return seen
