"""A receiver of alerts on a real socket that can misbehave in every way that receivers do."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Literal

import msgspec
from standardwebhooks.webhooks import Webhook


@dataclass(frozen=True)
class Answer:
    """What the receiver does with a request.

    reset: closes hard after reading; hang: never answers; trickle: the head, then a byte now and then for ever;
    open: a whole answer, but the connection stays open; endless: the head and a body without end;
    late: the head and what there is of a body that has more; cut: the same, then the connection is closed.
    """

    status: int = 200
    body: str = "ok"
    headers: tuple[tuple[str, str], ...] = ()
    manner: Literal["reply", "reset", "hang", "trickle", "open", "endless", "late", "cut", "garbage"] = "reply"


@dataclass
class Received:
    """One request as it came."""

    at: float
    """Monotonic seconds."""
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The `webhook-id`."""
        return self.headers.get("webhook-id", "")

    def json(self) -> Any:
        """The body decoded."""
        return msgspec.json.decode(self.body)

    def verify(self, secret: str) -> Any:
        """The body, if its signature is right and its timestamp fresh; raises WebhookVerificationError."""
        return Webhook(secret).verify(self.body, self.headers)


@dataclass
class Receiver:
    """Answers by path: a list is used up to its last answer, which stays."""

    address: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[Received] = field(default_factory=list)
    answer: Answer = Answer()
    """For paths without answers of their own."""
    in_flight: dict[str, int] = field(default_factory=dict)
    most_in_flight: dict[str, int] = field(default_factory=dict)
    """By path: the most requests that were open at once."""

    def at(self, path: str) -> list[Received]:
        """The requests to a path, in order."""
        return [request for request in self.requests if request.path == path]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = ""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.strip().split("\r\n")
            path = first.split(" ")[1]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(Received(monotonic(), path, headers, body))
            self.in_flight[path] = self.in_flight.get(path, 0) + 1
            self.most_in_flight[path] = max(self.most_in_flight.get(path, 0), self.in_flight[path])
            await self._reply(self._next(path), reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            if path in self.in_flight:
                self.in_flight[path] -= 1
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def _next(self, path: str) -> Answer:
        answers = self.answers.get(path, [])
        return (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else self.answer

    async def _reply(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer.manner == "hang":
            await reader.read()  # until the other side gives up
            return
        if answer.manner == "reset":
            # Linger 0 makes the close a reset.
            kind = struct.pack("ii", 1, 0)
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, kind)
            writer.transport.abort()
            return
        if answer.manner == "garbage":
            writer.write(b"\x00\x01 this is no HTTP\r\n\r\n")
            await writer.drain()
            return
        body = answer.body.encode()
        length = 10_000_000 if answer.manner in ("trickle", "endless") else len(body)
        length += 2 if answer.manner in ("late", "cut") else 0
        head = [f"HTTP/1.1 {answer.status} Any"]
        head += [f"{name}: {value}" for name, value in answer.headers]
        if answer.status != 204:
            head.append(f"content-length: {length}")
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        if answer.status != 204:
            writer.write(body)
        await writer.drain()
        if answer.manner in ("open", "late"):
            await reader.read()
        while answer.manner == "trickle" and not reader.at_eof():
            writer.write(b".")
            await writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.05)
        while answer.manner == "endless" and not reader.at_eof():
            writer.write(b"x" * 65536)
            await writer.drain()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver on a free port of 127.0.0.1."""
    receiver = Receiver()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    receiver.address = f"http://{host}:{port}"
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def closed_address() -> str:
    """An address on this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"
