"""The program as a process of its own, as a person starts it."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

COMMAND = [str(Path(sys.executable).parent / "ceasewire")]
ENDS_WITHIN = 10
"""Seconds that are promised from SIGTERM to the end."""
_ADDRESS = re.compile(r"its desk is at (http://\S+/)")


class Process:
    """A running Ceasewire over the folders `config` and `data` of a test."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.log = folder / "log"
        self._places = ["--config", str(folder / "config"), "--data", str(folder / "data")]
        self._environ = {**os.environ, **environ}
        self._running: subprocess.Popen[bytes] | None = None
        self._client: aiohttp.ClientSession | None = None
        self.address = ""

    async def start(self) -> None:
        """Returns once the desk has an address."""
        with self.log.open("ab") as writing:
            self._running = subprocess.Popen(
                [*COMMAND, *self._places, "run"],
                stdout=writing,
                stderr=writing,
                start_new_session=True,
                env=self._environ,
            )
        self._client = aiohttp.ClientSession()
        await self.until(lambda: _ADDRESS.search(self.said), 30, "an address of the desk")
        found = _ADDRESS.search(self.said)
        assert found is not None
        self.address = found[1]

    @property
    def said(self) -> str:
        """All that it printed and logged so far."""
        return self.log.read_text(encoding="utf-8")

    async def get(self, path: str, **params: str) -> Any:
        """What the desk answers in JSON."""
        assert self._client is not None
        async with self._client.get(self.address + path, params=params) as answer:
            return await answer.json()

    async def until(self, true: Callable[[], Any], seconds: float, what: str) -> None:
        """Waits for something to become true; fails with the program's own words where it does not."""

        async def look() -> Any:
            return true()

        await self.until_it_says(look, seconds, what)

    async def until_it_says(self, true: Callable[[], Awaitable[Any]], seconds: float, what: str) -> Any:
        """As `until`, for something that has to be asked; gives what came of it."""
        assert self._running is not None
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            found = await true()
            if found:
                return found
            assert self._running.poll() is None, f"ended by itself: {self.said[-2000:]}"
            await asyncio.sleep(0.05)
        raise AssertionError(f"{what}: not within {seconds} s: {self.said[-2000:]}")

    async def end(self) -> None:
        """SIGTERM; it must end with 0 within ten seconds."""
        assert self._running is not None
        self._running.send_signal(signal.SIGTERM)
        began = time.monotonic()
        while self._running.poll() is None:
            assert time.monotonic() - began < ENDS_WITHIN, f"does not end: {self.said[-2000:]}"
            await asyncio.sleep(0.05)
        assert self._running.returncode == 0, self.said[-2000:]

    async def let_go(self) -> None:
        """Kills it where it still runs."""
        if self._running is not None and self._running.poll() is None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
        if self._client is not None:
            await self._client.close()


@asynccontextmanager
async def running(folder: Path, **environ: str) -> AsyncIterator[Process]:
    """A process that is up; killed at the end where the test did not end it."""
    process = Process(folder, **environ)
    try:
        await process.start()
        yield process
    finally:
        await process.let_go()
