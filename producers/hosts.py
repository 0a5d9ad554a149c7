"""One request to a server at a time, whatever feed or redirect leads to it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit


def server_of(url: str) -> str:
    """The server that an address is of: its host, and its port unless that is the usual one of the web."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return url
    with contextlib.suppress(UnicodeError):
        host = host.encode("idna").decode()
    return host if port in (None, 80, 443) else f"{host}:{port}"


class Hosts:
    """The servers that are being asked."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    def busy(self) -> set[str]:
        """The servers that are being asked now, or that somebody waits for."""
        return set(self._locks)

    @contextlib.asynccontextmanager
    async def hold(self, url: str) -> AsyncIterator[None]:
        """Keeps the server of the address to oneself; who holds one must not ask for another."""
        server = server_of(url)
        lock = self._locks.setdefault(server, asyncio.Lock())
        self._users[server] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[server] -= 1
            if not self._users[server]:
                del self._users[server], self._locks[server]


class Turns:
    """The requests of one fetch: each has the server to itself, and waiting for that is not counted as slowness."""

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self.waited = 0.0
        """Seconds that went by in waiting."""

    @contextlib.asynccontextmanager
    async def at(self, url: str, deadline: asyncio.Timeout) -> AsyncIterator[None]:
        """The turn at the server of the address; the deadline stands still until it comes."""
        now = asyncio.get_running_loop().time
        until, began = deadline.when(), now()
        deadline.reschedule(None)
        async with self._hosts.hold(url):
            waited = now() - began
            self.waited += waited
            deadline.reschedule(until + waited if until is not None else None)
            yield
