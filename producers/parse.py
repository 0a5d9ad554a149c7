"""The parsing children: a few processes that are given documents, watched, recycled and replaced when they die."""

import asyncio
import contextlib
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from producers.documents import Document, Reading, Unreadable
from producers.reasons import Reason

_LENGTH = struct.Struct(">I")
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
"""What a child is given: no secret that this process has in its environment."""


@dataclass(frozen=True)
class Bounds:
    """What one child, and one document in it, may use."""

    cpu_seconds: int = 10
    wall_seconds: float = 25.0
    memory_mb: int = 512
    documents: int = 200
    """A child is replaced after so many."""


class _Gone(Exception):
    """The child ended in the midst of a document."""


class _Child:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

    @classmethod
    async def start(cls, bounds: Bounds) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-W", "ignore", "-m", "producers.parsing_child", str(bounds.memory_mb), str(bounds.cpu_seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        return cls(process)

    async def ask(self, document: Document) -> Reading:
        """The child's answer; raises _Gone where it ends without one."""
        frame = msgspec.msgpack.encode(document)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(_LENGTH.pack(len(frame)) + frame)
            await self._process.stdin.drain()
            head = await self._process.stdout.readexactly(_LENGTH.size)
            body = await self._process.stdout.readexactly(_LENGTH.unpack(head)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Gone from None
        self.served += 1
        reading: Reading = msgspec.msgpack.decode(body, type=Reading)
        return reading

    async def end(self) -> int:
        """Ends the process at once and gives how it ended."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
            with contextlib.suppress(ConnectionError):
                await self._process.stdin.wait_closed()
        return await self._process.wait()

    async def code(self) -> int:
        """How the process ended, once it has by itself."""
        return await self._process.wait()


class Parsers:
    """`count` parsing children, started when first wanted."""

    def __init__(self, count: int, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._free: list[_Child] = []
        self._slots = asyncio.Semaphore(count)
        self._slow = asyncio.Semaphore(max(1, count - 1))
        self._closed = False

    async def parse(
        self,
        body: bytes,
        content_type: str | None,
        url: str,
        limit: int,
        *,
        whole: bool = True,
        slow: bool = False,
    ) -> Reading:
        """What the body holds, at most `limit` entries.

        `slow`: this feed's document was heavy before; such ones never take the last child from the others.
        """
        document = Document(body=body, content_type=content_type, url=url, limit=limit, whole=whole)
        async with self._slow if slow else contextlib.nullcontext():
            reading, code = await self._once(document)
            if code not in (0, -signal.SIGXCPU):
                # It may have died of something else, as of the kernel's hunt for memory: the feed is not blamed yet.
                reading, code = await self._once(document)
            return reading

    async def _once(self, document: Document) -> tuple[Reading, int]:
        """The answer of a child, and how the child ended where it did (0: it lives, or we ended it)."""
        async with self._child() as children:
            child = children[0]
            try:
                async with asyncio.timeout(self._bounds.wall_seconds):
                    return await child.ask(document), 0
            except TimeoutError:
                children.clear()
                await child.end()
                return Unreadable(reason=Reason.TOO_HEAVY, detail=f"over {self._bounds.wall_seconds:g} s"), 0
            except _Gone:
                children.clear()
                code = await child.code()
                await child.end()
                return _died(code, self._bounds), code

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[list[_Child]]:
        """A child of one's own in a list; taken out of the list, it is not used again."""
        async with self._slots:
            child = self._free.pop() if self._free else await _Child.start(self._bounds)
            held = [child]
            try:
                yield held
            except BaseException:
                held.clear()
                await child.end()
                raise
            if held and (self._closed or child.served >= self._bounds.documents):
                await child.end()
            elif held:
                self._free.append(child)

    async def close(self) -> None:
        """Ends all children."""
        self._closed = True
        while self._free:
            await self._free.pop().end()


def _died(code: int, bounds: Bounds) -> Unreadable:
    if code == -signal.SIGXCPU:
        return Unreadable(reason=Reason.TOO_HEAVY, detail=f"over {bounds.cpu_seconds} s of processor time")
    how = signal.Signals(-code).name if code < 0 else f"status {code}"
    return Unreadable(reason=Reason.PARSER_FAILED, detail=f"the reader ended with {how}")
