"""How commands speak with a running process: JSON lines over a Unix socket that only its owner can open.

A request is `{"request": name, "values": {...}}`, its reply `{"value": ...}` or `{"error": text}`.
"""

import asyncio
import os
import socket
import stat
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import structlog

from ceasewire.errors import CeasewireError, NotRunning

LONGEST_PATH = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""
_LARGEST = 64 * 1024 * 1024

Answer = Callable[[Mapping[str, Any]], Awaitable[Any]]
"""Takes the values of a request and gives plain data, a Struct or a dataclass; raises CeasewireError to refuse."""


class Request(msgspec.Struct):
    """One line from a command."""

    request: str
    values: dict[str, Any] = {}


class Reply(msgspec.Struct, omit_defaults=True):
    """One line back."""

    value: Any = None
    error: str | None = None


class Server:
    """Answers requests by name; `answers` may grow while it runs."""

    def __init__(self, path: Path, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self._path = path
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listens; a socket that a dead process left behind is replaced. Raises OSError."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            if stat.S_ISSOCK(self._path.lstat().st_mode):
                self._path.unlink()
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with _short(self._path) as address:
                listening.bind(address)
            self._path.chmod(0o600)
            self._server = await asyncio.start_unix_server(self._serve, sock=listening, limit=_LARGEST)
        except BaseException:
            listening.close()
            raise

    async def stop(self) -> None:
        """Takes no more requests and ends those that are open."""
        if self._server is None:
            return
        self._server.close()
        for task in tuple(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        with suppress(FileNotFoundError):
            self._path.unlink()
        self._server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while line := await reader.readline():
                reply = await self._answer(line)
                writer.write(msgspec.json.encode(reply) + b"\n")
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError, ValueError):
            pass  # the command went away, the process ends, or a line had no end
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, line: bytes) -> Reply:
        try:
            request = msgspec.json.decode(line, type=Request)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return Reply(error=f"not a request: {error}")
        answer = self.answers.get(request.request)
        if answer is None:
            return Reply(
                error=f'the running process knows no request "{request.request[:60]}"; restart it after an update'
            )
        try:
            return Reply(value=msgspec.to_builtins(await answer(request.values)))
        except CeasewireError as error:
            return Reply(error=str(error))
        except Exception as error:
            structlog.get_logger().exception("request_failed", request=request.request)
            return Reply(error=f"{type(error).__name__} in the running process; its log says more")


def ask(path: Path, request: str, values: Mapping[str, Any] | None = None, timeout: float = 60.0) -> Any:
    """What the running process answers, as plain data.

    Raises NotRunning where none answers (also where a dead one left its socket), and CeasewireError with the
    words of the process where it refuses.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        try:
            with _short(path) as address:
                line.connect(address)
            line.sendall(msgspec.json.encode(Request(request, dict(values or {}))) + b"\n")
            with line.makefile("rb") as answers:
                said = answers.readline()
        except TimeoutError:
            raise CeasewireError(f"the running process did not answer within {timeout:g} s") from None
        except OSError:
            raise NotRunning("Ceasewire is not running here; start it with: ceasewire run") from None
    if not said.endswith(b"\n"):
        raise NotRunning("the running process ended before it answered")
    reply = msgspec.json.decode(said, type=Reply)
    if reply.error is not None:
        raise CeasewireError(reply.error)
    return reply.value


def is_running(path: Path) -> bool:
    """Whether a process answers at the socket."""
    try:
        ask(path, "ping", timeout=5.0)
    except NotRunning:
        return False
    except CeasewireError:
        return True
    return True


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """An address of the path that fits into a socket's name: itself, from here, or by its open folder."""
    full = os.path.abspath(path)
    if len(os.fsencode(full)) <= LONGEST_PATH:
        yield full
        return
    near = os.path.relpath(full)
    if len(os.fsencode(near)) <= LONGEST_PATH:
        yield near
        return
    folder = os.open(os.path.dirname(full), os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{folder}/{os.path.basename(full)}"
    finally:
        os.close(folder)
