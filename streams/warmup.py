"""Brings a fold up to where its group has committed: read from the log, with nothing emitted.

A worker that stands by follows the commits of the one that works, so that it can take over at once.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from time import perf_counter

import structlog

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from streams.partition_log import PartitionLog
from streams.stage import Row

WINDOWS_BACK = 4
"""How many windows are read, as far as the log is kept. A row looks back on one; but the story of what is in it may be
older, and have sent its alert before. Of weeks of news that copies what is days old, a reader of one window judged a
row in 100 in another way than a worker that had run all the time, of two one in 500, of four none."""
FOLLOW_EVERY = 1.0
"""Seconds between two looks at what the group has committed."""
_BREATH = 0.05


class Warmup:
    """The rows of a partition of a group, folded up to its committed offset."""

    def __init__(
        self,
        settings: KafkaSettings,
        topic: str,
        group: str,
        fold: Callable[[Row], None],
        window: Callable[[], timedelta],
        renew: Callable[[], bool] = lambda: False,
    ) -> None:
        """`renew` says whether the fold let go of all that it knew, since it must reach farther back by now."""
        self._log = PartitionLog(settings, topic, group=settings.prefix + group)
        self._fold = fold
        self._window = window
        self._renew = renew
        self._one = asyncio.Lock()
        self._following: asyncio.Task[None] | None = None
        self.through: int | None = None
        """The offset after the last row that is folded; None before the first reading, and before it begins anew."""
        self._live = 0
        """The offset after the last row that came live: it may not be committed yet."""

    def took(self, row: Row) -> None:
        """A row that came live is folded."""
        self._live = max(self._live, row.offset + 1)
        self.through = max(self.through or 0, self._live)

    async def catch_up(self) -> int:
        """Folds what the group has handled and is not folded yet; gives the number of rows. Raises StoreError."""
        async with self._one:
            if self._renew():
                self.through = None
            committed = max(await self._log.committed() or 0, self._live)
            if not committed:
                return 0  # nothing was ever handled: all rows will come live
            if self.through is None:
                self.through = await self._start(committed)
            count, breath = 0, perf_counter()
            async for rows in self._log.rows(self.through, committed):
                for row in rows:
                    self._fold(row)
                    self.through = row.offset + 1
                    if perf_counter() - breath > _BREATH:
                        await asyncio.sleep(0)
                        breath = perf_counter()
                count += len(rows)
            self.through = max(self.through, committed)
            return count

    def follow(self) -> None:
        """Goes on catching up in the background, until `work`."""
        if self._following is None:
            self._following = asyncio.create_task(self._follow())

    async def work(self) -> int:
        """Ends the following and catches up for the last time; then rows come live. Raises StoreError."""
        await self._leave()
        return await self.catch_up()

    async def close(self) -> None:
        """Ends the following and lets go of the broker."""
        await self._leave()
        await self._log.close()

    async def _leave(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()  # what it awaits may swallow that: it also looks whether it is still the one
            with suppress(asyncio.CancelledError):
                await following

    async def _start(self, committed: int) -> int:
        """Where to begin: so many windows before the last row that the group has handled."""
        begin, _ = await self._log.ends()
        last = max(begin, committed - 1)
        async for rows in self._log.rows(last, committed):
            since = rows[0].at - WINDOWS_BACK * self._window()
            return max(begin, await self._log.offset_at(since) or begin)
        return last

    async def _follow(self) -> None:
        failed = False
        while self._following is asyncio.current_task():
            try:
                await self.catch_up()
                failed = False
            except StoreError as error:
                if not failed:
                    structlog.get_logger().warning("standby_behind", why=str(error))
                failed = True
            await asyncio.sleep(FOLLOW_EVERY)
