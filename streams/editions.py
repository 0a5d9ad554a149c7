"""The edition that tags bear, as the topic `editions` has it, followed while the process runs."""

import asyncio
from contextlib import suppress

import structlog

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.errors import StoreError
from streams.decoding import decoded
from streams.partition_log import PartitionLog
from streams.stage import Row, Unfit

LOOK_EVERY = 1.0
"""Seconds between two looks at the topic."""


class EditionsTopic:
    """Implements `tagging.Editions`. The number only ever grows."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._log = PartitionLog(settings, topics.EDITIONS)
        self._position = 0
        self._one = asyncio.Lock()
        self.number = 1
        """1 where none was ever written."""

    async def read(self) -> None:
        """Takes in what was written so far; raises StoreError."""
        async with self._one:
            begin, end = await self._log.ends()
            self._position = max(self._position, begin)
            async for rows in self._log.rows(self._position, end):
                for row in rows:
                    self._take(row)
                self._position = rows[-1].offset + 1
            self._position = max(self._position, end)

    async def run(self, stop: asyncio.Event) -> None:
        """Follows the topic until `stop`."""
        failed = False
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)
                return
            try:
                await self.read()
                failed = False
            except StoreError as error:
                if not failed:
                    structlog.get_logger().warning("editions_not_read", why=str(error))
                failed = True

    async def close(self) -> None:
        """Lets go of the broker."""
        await self._log.close()

    def _take(self, row: Row) -> None:
        if row.key != KEY or not row.value:
            return
        edition = decoded(row.value, Edition)
        if isinstance(edition, Unfit):
            structlog.get_logger().error("edition_unreadable", offset=row.offset, reason=edition.reason)
        elif edition.number > self.number:
            self.number = edition.number
            structlog.get_logger().info("edition", number=edition.number)
