"""Whether a worker gets on: per partition what is committed, where the topic ends, and when that last moved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

STILL = 120.0
"""Seconds after which a partition with rows to handle, and none of them done, is a worker that hangs."""


@dataclass(slots=True)
class _Partition:
    committed: int
    moved: float
    behind: datetime | None = None
    """Since when there is something to handle; None where there is nothing."""


class Progress:
    """Of the partitions that are held; looked at every few seconds."""

    def __init__(self) -> None:
        self._partitions: dict[int, _Partition] = {}

    def look(self, committed: Mapping[int, int], ends: Mapping[int, int], tick: float, now: datetime) -> None:
        """What is committed and where the partitions end, at `tick` (a clock that never jumps) and `now`."""
        for partition in self._partitions.keys() - committed.keys():
            del self._partitions[partition]
        for partition, offset in committed.items():
            known = self._partitions.setdefault(partition, _Partition(offset, tick))
            if known.committed != offset or offset >= ends.get(partition, 0):
                known.committed, known.moved = offset, tick
            if offset >= ends.get(partition, 0):
                known.behind = None
            elif known.behind is None:
                known.behind = now

    def unknown(self, tick: float) -> None:
        """The brokers do not answer, or rows may not be handled yet: that nothing moves says nothing."""
        for known in self._partitions.values():
            known.moved = tick

    def handled(self, partition: int, at: datetime) -> None:
        """The newest row of the partition that is done was appended then; what is left came later."""
        known = self._partitions.get(partition)
        if known is not None and known.behind is not None:
            known.behind = max(known.behind, at)

    def still(self, tick: float, seconds: float = STILL) -> list[int]:
        """The partitions with rows to handle that have not moved for so long."""
        return [
            partition
            for partition, known in self._partitions.items()
            if known.behind is not None and tick - known.moved > seconds
        ]

    def oldest(self, now: datetime) -> float:
        """Seconds since the oldest row that is not handled, as far as is known."""
        behind = [known.behind for known in self._partitions.values() if known.behind is not None]
        return max(0.0, (now - min(behind)).total_seconds()) if behind else 0.0
