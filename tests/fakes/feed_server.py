"""A server of feeds on a real socket that can behave as badly as any on the net."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Asked:
    """One request that came in; header names in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """What a route answers."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: Iterable[bytes] | None = None
    """Sent one by one in place of `body`, without Content-Length; may be endless."""
    pause: float = 0.0
    """Seconds before each chunk."""
    length: int | None = None
    """A Content-Length that is claimed, whatever is sent."""
    raw: bytes | None = None
    """Sent in place of everything."""


Route = Answer | Callable[[Asked], Answer]


class FeedServer:
    """Answers by path; remembers what was asked, and how many requests were open at once."""

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: list[Asked] = []
        self.open = 0
        self.most_open = 0
        self.port = 0

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        """The address of a path of this server."""
        return f"http://{host}:{self.port}{path}"

    def feed(self, path: str, *titles: str, **headers: str) -> str:
        """Serves an RSS feed with an entry for each title, and gives its address."""
        self.routes[path] = Answer(rss(*titles), headers={"Content-Type": "application/rss+xml", **headers})
        return self.url(path)

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked.path == path for asked in self.asked)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection, which carries one request."""
        try:
            first = await reader.readexactly(1)
            if not first.isalpha():
                return
            head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            pairs = (line.split(":", 1) for line in head[1:] if ":" in line)
            asked = Asked(head[0].split(" ")[1], {name.strip().lower(): value.strip() for name, value in pairs})
            self.asked.append(asked)
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            try:
                await self._send(asked, writer)
            finally:
                self.open -= 1
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, TimeoutError):
                await writer.wait_closed()

    async def _send(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        route = self.routes.get(asked.path, Answer(status=404))
        answer = route if isinstance(route, Answer) else route(asked)
        if answer.raw is not None:
            writer.write(answer.raw)
            await writer.drain()
            return
        headers = {"Connection": "close", **answer.headers}
        if answer.chunks is None or answer.length is not None:
            headers["Content-Length"] = str(len(answer.body) if answer.length is None else answer.length)
        lines = [f"HTTP/1.1 {answer.status} Said", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        writer.write("\r\n".join(lines).encode("latin-1"))
        await writer.drain()
        for chunk in [answer.body] if answer.chunks is None else answer.chunks:
            if answer.pause:
                await asyncio.sleep(answer.pause)
            writer.write(chunk)
            await writer.drain()


@contextlib.asynccontextmanager
async def serving(host: str = "127.0.0.1") -> AsyncIterator[FeedServer]:
    """A running server on a free port."""
    fake = FeedServer()
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with contextlib.suppress(asyncio.CancelledError):
                await fake.answer(reader, writer)
        finally:
            connections.discard(task)

    server = await asyncio.start_server(connected, host, 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
        await server.wait_closed()


def rss(*titles: str, title: str = "Wire of the valley") -> bytes:
    """A plain RSS feed with an entry for each title."""
    items = "".join(
        f"<item><guid>entry-{title}</guid><title>{title}</title><link>https://valley.example/{number}</link>"
        f"<description>What is known about {title}.</description></item>"
        for number, title in enumerate(titles)
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'
    return text.encode()
