"""Polls single feeds for the desk: as a producer does, by the same guard and limits, into the same topics."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.errors import Refused, StoreError
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from process.configuration import Configuration
from process.environment import references
from producers.kafka_intake import KafkaIntake
from producers.pages.reading import page_tagger
from producers.poller import Poller

OPENED_WITHIN = 15.0
"""Seconds in which the states of all feeds must be read at the first check."""
AT_ONCE = 4
"""Feeds that are checked at the same time; never two of one host."""


class FeedChecks:
    """Checks feeds of the list in force; connects at the first check. To be closed at the end.

    It may poll a feed at the same time as the producer that has it: the ids of items are made of feed and entry, so
    that the two only write repeats, and whose state of the feed comes last is what the next poll begins with.
    """

    def __init__(
        self,
        configuration: Callable[[], Configuration],
        now: Callable[[], datetime],
        opened_within: float = OPENED_WITHIN,
    ) -> None:
        self._configuration = configuration
        self._now = now
        self._opened_within = opened_within
        self._room = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()
        self._stop = asyncio.Event()
        self._intake: KafkaIntake | None = None
        self._poller: Poller | None = None
        self._reading: asyncio.Task[None] | None = None

    async def check(self, feed: str, force: bool) -> FeedState:
        """Polls now and gives the state after it. Raises CeasewireError in words.

        Pages that are wanted after it are read by the producer that has the feed.
        """
        if known := next((one for one in self._configuration().feeds if one.id == feed), None):
            _refuse_without_secrets(known, self._configuration().settings.polling)
        async with self._room:
            poller = await self._opened()
            return await poller.check(feed, force)

    async def close(self) -> None:
        """Ends the children and connections."""
        self._stop.set()
        async with self._turn:
            await self._end()

    async def _opened(self) -> Poller:
        async with self._turn:
            if self._reading is not None and self._reading.done():
                await self._end()
            if self._poller is None:
                self._begin()
            assert self._poller is not None
            assert self._intake is not None
            try:
                async with asyncio.timeout(self._opened_within):
                    await self._intake.opened(self._stop)
            except TimeoutError:
                why = " ".join(self._intake.trouble()).partition(": ")[2]
                await self._end()
                raise StoreError(f"no feed can be checked now: {why or 'the brokers do not answer in time'}") from None
            return self._poller

    def _begin(self) -> None:
        # its own: what it counts of a few feeds is not to be added to what the producers count of all
        metrics = Metrics()
        self._intake = KafkaIntake(self._configuration().settings.kafka, metrics)
        self._poller = Poller(
            self._intake,
            self._feeds,
            lambda: self._configuration().settings.polling.model_copy(update={"parsers": 1}),
            metrics,
            self._now,
            tag=page_tagger(
                lambda item: self._configuration().engine.tag(item),
                self._feeds(),
                self._configuration().settings.polling,
            ),
        )
        self._reading = asyncio.create_task(self._intake.run(self._stop))

    async def _end(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await self._reading
        if self._poller is not None:
            await self._poller.close()
        if self._intake is not None:
            await self._intake.close()
        self._reading = self._poller = self._intake = None

    def _feeds(self) -> Sequence[Feed]:
        return self._configuration().feeds


def _refuse_without_secrets(feed: Feed, settings: PollingSettings) -> None:
    """The desk does without the secrets that it is not given, but a request that needs one must not go out so."""
    proxy = feed.proxy or settings.proxy
    texts = [feed.url, *(value.get_secret_value() for value in feed.headers.values())]
    texts += [proxy.get_secret_value()] if proxy else []
    if names := sorted({name for text in texts for name in references(text)}):
        raise Refused(f"{feed.id} needs {', '.join(names)}, which is not set where the desk runs")
