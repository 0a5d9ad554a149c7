"""The sample day as the desk knows it: not wanted, being started, up at an address, or failed with words."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ceasewire.errors import CeasewireError
from desk.rows import safe_link

LENGTH = timedelta(seconds=70)
"""How long the day plays; after that its desk stays up. A test holds it against the steps of the day."""
AT_ONCE = 0.1
"""Seconds that the first answer waits for a day which is up already."""
FAILED = "The sample day could not be started."

State = Literal["none", "starting", "playing", "played", "failed"]


@dataclass(frozen=True)
class Seen:
    """What a page shows of it."""

    state: State
    address: str = ""
    fault: str = ""


class SampleDay:
    """One day at a time, whoever asks and from whichever page."""

    def __init__(self, play: Callable[[], Awaitable[str]], now: Callable[[], datetime]) -> None:
        self._play = play
        self._now = now
        self._starting: asyncio.Task[None] | None = None
        self._seen = Seen("none")
        self._since: datetime | None = None

    def seen(self) -> Seen:
        """How it stands now."""
        if self._since is not None and self._now() - self._since > LENGTH:
            return Seen("played", self._seen.address)
        return self._seen

    async def start(self) -> Seen:
        """Starts it where it is not up or being started; gives how it stands a moment later."""
        if self._starting is None and self._since is None:
            self._seen = Seen("starting")
            self._starting = asyncio.create_task(self._run(), name="start of the sample day")
        if self._starting is not None:
            await asyncio.wait({self._starting}, timeout=AT_ONCE)
        return self.seen()

    async def _run(self) -> None:
        try:
            address = safe_link(await self._play())
            self._seen = Seen("playing", address) if address else Seen("failed", fault=FAILED)
            self._since = self._now() if address else None
        except CeasewireError as error:
            self._seen = Seen("failed", fault=str(error))
        except BaseException:
            self._seen = Seen("failed", fault=FAILED)
            raise
        finally:
            self._starting = None
