"""Rows that Faust passed over: it lets go of what it holds at a rebalance, and does not always go back for it.

A partition goes on where its group had committed. Where a row comes that is not the next one, those between are read
from the log: of a compacted topic there may be none, else they were passed over, and are handled first.
"""

from collections.abc import Mapping, Sequence

import structlog

from ceasewire.config.settings import KafkaSettings
from streams.partition_log import PartitionLog
from streams.stage import Row


class Gaps:
    """Knows which row of each partition is the next."""

    def __init__(self, settings: KafkaSettings, topic: str) -> None:
        self._settings = settings
        self._topic = topic
        self._next: dict[int, int] = {}

    def begin(self, offsets: Mapping[int, int]) -> None:
        """These partitions are held now, and go on from there; of others nothing is known any more."""
        self._next = dict(offsets)

    async def filled(self, rows: Sequence[Row]) -> list[Row]:
        """The rows with those before them that were passed over. Raises StoreError, and then knows no more."""
        found, ahead = list[Row](), dict(self._next)
        for row in rows:
            start = ahead.get(row.partition, row.offset)
            if row.offset > start:
                # one look for all that are missing in these rows
                last = max(one.offset for one in rows if one.partition == row.partition)
                there = {one.offset for one in rows if one.partition == row.partition}
                missing = [one for one in await self._between(row.partition, start, last) if one.offset not in there]
                if missing:
                    structlog.get_logger().warning(
                        "rows_passed_over", topic=self._topic, partition=row.partition, rows=len(missing), since=start
                    )
                found += missing
                ahead[row.partition] = last + 1
            else:
                ahead[row.partition] = max(start, row.offset + 1)
            found.append(row)
        self._next = ahead
        return _in_order(found)

    async def _between(self, partition: int, start: int, stop: int) -> list[Row]:
        log = PartitionLog(self._settings, self._topic, partition)
        try:
            return [row async for rows in log.rows(start, stop) for row in rows]
        finally:
            await log.close()


def _in_order(rows: Sequence[Row]) -> list[Row]:
    """Each partition's rows by their offsets, the partitions where they stood; a repeat stays."""
    ordered = {
        partition: iter(sorted((row for row in rows if row.partition == partition), key=lambda row: row.offset))
        for partition in {row.partition for row in rows}
    }
    return [next(ordered[row.partition]) for row in rows]
