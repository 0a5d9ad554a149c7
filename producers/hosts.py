"""One request to a server at a time, whatever feed, page or redirect leads to it; pages make way for feeds."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

PATIENCE = 2.0
"""Seconds that a feed waits for the request of a page that has its server; then that one is broken off."""


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
        self._feeds: Counter[str] = Counter()
        self._aside: dict[str, asyncio.Task[object]] = {}
        """Who has a server for a page."""

    def busy(self) -> set[str]:
        """The servers that are being asked for a feed now, or that a feed waits for."""
        return set(self._feeds)

    def taken(self) -> set[str]:
        """The servers that are being asked now, or waited for, for whatever it is."""
        return set(self._locks)

    @contextlib.asynccontextmanager
    async def hold(self, url: str, aside: bool = False) -> AsyncIterator[None]:
        """Keeps the server of the address to oneself; who holds one must not ask for another.

        `aside` is for pages: who holds it so is cancelled where a feed has waited for `PATIENCE`.
        """
        server = server_of(url)
        lock = self._locks.setdefault(server, asyncio.Lock())
        self._users[server] += 1
        if not aside:
            self._feeds[server] += 1
            self._press(server)
        try:
            async with lock:
                if not aside:
                    yield
                else:
                    async with self._set_aside(server):
                        yield
        finally:
            if not aside:
                _release(self._feeds, server)
            _release(self._users, server)
            if server not in self._users:
                del self._locks[server]

    @contextlib.asynccontextmanager
    async def _set_aside(self, server: str) -> AsyncIterator[None]:
        task = asyncio.current_task()
        assert task is not None
        self._aside[server] = task
        if self._feeds[server]:
            self._press(server)
        try:
            yield
        finally:
            del self._aside[server]

    def _press(self, server: str) -> None:
        """Breaks the page off that has the server, if it still has it when the feed's patience ends."""
        holder = self._aside.get(server)
        if holder is not None:
            asyncio.get_running_loop().call_later(PATIENCE, self._break_off, server, holder)

    def _break_off(self, server: str, holder: "asyncio.Task[object]") -> None:
        if self._aside.get(server) is holder and self._feeds[server]:
            holder.cancel()


def _release(users: Counter[str], server: str) -> None:
    users[server] -= 1
    if not users[server]:
        del users[server]


class Turns:
    """The requests of one fetch: each has the server to itself, and waiting for that is not counted as slowness."""

    def __init__(self, hosts: Hosts, aside: bool = False) -> None:
        self._hosts = hosts
        self._aside = aside
        self.waited = 0.0
        """Seconds that went by in waiting."""

    @contextlib.asynccontextmanager
    async def at(self, url: str, deadline: asyncio.Timeout) -> AsyncIterator[None]:
        """The turn at the server of the address; the deadline stands still until it comes."""
        now = asyncio.get_running_loop().time
        until, began = deadline.when(), now()
        deadline.reschedule(None)
        async with self._hosts.hold(url, self._aside):
            waited = now() - began
            self.waited += waited
            deadline.reschedule(until + waited if until is not None else None)
            yield
