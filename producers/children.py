"""Processes that read what strangers send: given one request after the other, watched, recycled, replaced on death."""

import asyncio
import contextlib
import os
import signal
import struct
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

LENGTH = struct.Struct(">I")
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")
"""What a child is given: no secret that this process has in its environment."""
A = TypeVar("A")


@dataclass(frozen=True)
class Bounds:
    """What one child, and one request to it, may use."""

    cpu_seconds: int = 10
    wall_seconds: float = 25.0
    memory_mb: int = 512
    documents: int = 200
    """A child is replaced after so many."""


@dataclass(frozen=True)
class Ended:
    """No answer: the child ended in the midst of the request, or was ended for taking too long."""

    code: int
    """How the process ended; 0 where we ended it."""
    detail: str

    @property
    def spent(self) -> bool:
        """Whether the request took all the time that it may have; else it may have died of something else."""
        return self.code in (0, -signal.SIGXCPU)


class _Gone(Exception):
    """The child ended in the midst of a request."""


class _Child:
    """One process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.served = 0

    @classmethod
    async def start(cls, program: str, bounds: Bounds) -> "_Child":
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-P", "-W", "ignore", "-m", program, str(bounds.memory_mb), str(bounds.cpu_seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        )
        return cls(process)

    async def ask(self, request: bytes) -> bytes:
        """The child's answer; raises _Gone where it ends without one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(LENGTH.pack(len(request)) + request)
            await self._process.stdin.drain()
            head = await self._process.stdout.readexactly(LENGTH.size)
            body = await self._process.stdout.readexactly(LENGTH.unpack(head)[0])
        except (asyncio.IncompleteReadError, ConnectionError):
            raise _Gone from None
        self.served += 1
        return body

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


class Children(Generic[A]):
    """`count` processes of a program, started when first wanted, whose answers are of one kind."""

    def __init__(self, program: str, answer: Any, count: int, bounds: Bounds) -> None:
        self._program = program
        self._answers: msgspec.msgpack.Decoder[A] = msgspec.msgpack.Decoder(answer)
        self._bounds = bounds
        self._free: list[_Child] = []
        self._slots = asyncio.Semaphore(count)
        self._closed = False

    async def ask(self, request: msgspec.Struct) -> A | Ended:
        """The answer of a child. Where one dies of neither time nor us, it may not be to blame: it is asked again."""
        frame = msgspec.msgpack.encode(request)
        answer = await self._once(frame)
        if isinstance(answer, Ended) and not answer.spent:
            answer = await self._once(frame)
        return answer if isinstance(answer, Ended) else self._answers.decode(answer)

    async def _once(self, frame: bytes) -> bytes | Ended:
        async with self._child() as children:
            child = children[0]
            try:
                async with asyncio.timeout(self._bounds.wall_seconds):
                    return await child.ask(frame)
            except TimeoutError:
                children.clear()
                await child.end()
                return Ended(0, f"over {self._bounds.wall_seconds:g} s")
            except _Gone:
                children.clear()
                code = await child.code()
                await child.end()
                return Ended(code, self._words(code))

    def _words(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"over {self._bounds.cpu_seconds} s of processor time"
        how = signal.Signals(-code).name if code < 0 else f"status {code}"
        return f"the reader ended with {how}"

    @contextlib.asynccontextmanager
    async def _child(self) -> AsyncIterator[list[_Child]]:
        """A child of one's own in a list; taken out of the list, it is not used again."""
        async with self._slots:
            child = self._free.pop() if self._free else await _Child.start(self._program, self._bounds)
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
