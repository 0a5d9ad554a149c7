"""A sample day with all that it needs: the sample feeds, the receiver, and Ceasewire itself between them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import monotonic

from ceasewire.errors import CeasewireError
from ceasewire.pack.names import Names
from embedded.demo.outcome import Outcome, read_outcome
from embedded.demo.past import generate_past
from embedded.demo.receiver import Arrival, Receiver
from embedded.demo.sample import read_day
from embedded.demo.server import FeedServer
from embedded.demo.staging import clear, import_past, write_configuration
from embedded.runtime import Options, Runtime, utc_now
from embedded.socket import ask
from embedded.store import read_store
from process.configuration import read_configuration
from process.places import Places

SETTLE = 40.0
"""Seconds that the last posts of the day may take."""
_LOOK = 0.1


class Stage:
    """One play of the sample day in a folder of its own.

    In this order: `prepare`, `start`, `first_round`, `step` until it gives False, `settle`, `outcome`, `stop`.
    """

    def __init__(
        self,
        places: Places,
        arrived: Callable[[Arrival], None] = lambda arrival: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.day = read_day()
        self.server = FeedServer(self.day, now)
        self.receiver = Receiver(now, arrived)
        self.past = 0
        """Earlier items that were imported."""
        self.places = places
        self.names: Names | None = None
        """Names of issues and actors, once prepared."""
        self._now = now
        self._runtime: Runtime | None = None

    @property
    def address(self) -> str:
        """The address of the desk."""
        return self._runtime.address if self._runtime else ""

    async def prepare(self, port: int, poll_seconds: float, past: bool = True) -> None:
        """Makes folder, feeds and receiver, and imports the earlier days.

        Raises CeasewireError, as where a day is being played in the folder already.
        """
        clear(self.places)
        await self.server.start()
        await self.receiver.start()
        write_configuration(self.places, self.day, self.server, self.receiver, port, poll_seconds)
        engine = (await asyncio.to_thread(read_configuration, self.places, {})).engine
        self.names = engine.names
        if past:
            items = await asyncio.to_thread(lambda: list(generate_past(self.day, self._now())))
            self.past = await import_past(self.places, engine, items)
        self.server.show()

    async def start(self) -> None:
        """Starts Ceasewire, which then reads the feeds as they stand before the day. Raises CeasewireError."""
        self._runtime = Runtime(self.places, {}, Options(sample=True), now=self._now)
        await self._runtime.start()

    async def first_round(self) -> None:
        """Returns once every feed was read, so that what comes now is new. Raises CeasewireError."""
        assert self._runtime is not None
        try:
            await asyncio.wait_for(self._runtime.first_round(), SETTLE)
        except TimeoutError:
            raise CeasewireError(f"the sample feeds were not read within {SETTLE:g} s") from None

    async def stop(self) -> None:
        """Ends all parts; safe after a start that failed half-way."""
        if self._runtime:
            await self._runtime.stop()
        await self.server.stop()
        await self.receiver.stop()

    def step(self) -> bool:
        """Moves the day on by a step; False when it was at its end."""
        if self.server.step >= self.day.steps - 1:
            return False
        self.server.show()
        return True

    async def poll_all(self) -> None:
        """Has every feed read now, and returns when what they brought is stored."""
        requests = [{"feed": feed.feed, "force": False} for feed in self.day.feeds]
        loop = asyncio.get_running_loop()
        # threads of our own: Ceasewire in this process needs the common ones for its answers
        threads = ThreadPoolExecutor(len(requests))
        try:
            await asyncio.gather(
                *(loop.run_in_executor(threads, ask, self.places.socket, "check_feed", one) for one in requests)
            )
        finally:
            threads.shutdown(wait=False)

    async def settle(self) -> None:
        """Waits until the feeds were read to the end and all posts are out; at most `SETTLE` seconds."""
        deadline = monotonic() + SETTLE
        try:
            await asyncio.wait_for(self.server.wait_read(self.server.step), SETTLE)
        except TimeoutError:
            return
        await self.poll_all()
        store = read_store(self.places.store, self._now)
        try:
            while True:
                if await store.outbox.next_due() is None or monotonic() > deadline:
                    return
                await asyncio.sleep(_LOOK)
        finally:
            store.close()

    async def outcome(self) -> Outcome:
        """What came of the day so far."""
        assert self._runtime is not None
        store = read_store(self.places.store, self._now)
        try:
            return await read_outcome(self.day, self.server.step, store, await self._runtime.feeds())
        finally:
            store.close()
