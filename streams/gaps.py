"""Rows that Faust passed over, or brings twice: at a rebalance it lets go of what it holds, and goes back as it may.

A partition goes on where its group had committed. Where a row comes that is not the next one, those between are read
from the log: of a compacted topic there may be none, else they were passed over, and are handled first.
"""

from collections.abc import Sequence

import structlog

from ceasewire.config.settings import KafkaSettings
from streams.offsets import Offsets
from streams.partition_log import PartitionLog
from streams.stage import Row


class Gaps:
    """Makes whole what comes of each partition."""

    def __init__(self, settings: KafkaSettings, topic: str, offsets: Offsets) -> None:
        self._settings = settings
        self._topic = topic
        self._offsets = offsets

    async def filled(self, rows: Sequence[Row]) -> list[Row]:
        """What is to be handled: of each partition all from the next one on up to the last of these rows, in order.

        Raises StoreError where rows are missing and the log cannot be read.
        """
        by_partition: dict[int, dict[int, Row]] = {}
        for row in rows:
            by_partition.setdefault(row.partition, {})[row.offset] = row
        found: list[Row] = []
        for partition, mine in by_partition.items():
            found += await self._whole(partition, mine)
        return found

    async def _whole(self, partition: int, rows: dict[int, Row]) -> list[Row]:
        start = self._offsets.next(partition)
        if start is None:
            return []
        fresh = {offset: row for offset, row in rows.items() if offset >= start}
        log = structlog.get_logger().bind(topic=self._topic, partition=partition, since=start)
        if len(fresh) < len(rows):
            log.info("rows_came_again", rows=len(rows) - len(fresh))
        if fresh and (last := max(fresh)) - start >= len(fresh):
            missing = {one.offset: one for one in await self._between(partition, start, last)}
            missing = {offset: row for offset, row in missing.items() if offset not in fresh}
            if missing:
                log.warning("rows_passed_over", rows=len(missing))
            fresh |= missing
        return [fresh[offset] for offset in sorted(fresh)]

    async def _between(self, partition: int, start: int, stop: int) -> list[Row]:
        log = PartitionLog(self._settings, self._topic, partition)
        try:
            return [row async for rows in log.rows(start, stop) for row in rows]
        finally:
            await log.close()
