"""How far the partitions that are held are handled and committed, as the worker itself knows and nobody guesses."""

import asyncio
from collections.abc import Iterable, Mapping

from streams.stage import Row


class Offsets:
    """Of one deal: every row from where a partition begins up to `next` is handled, and all before it was committed."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        """It is known where each partition that is held goes on."""
        self._next: dict[int, int] = {}
        self._committed: dict[int, int] = {}

    def begin(self, offsets: Mapping[int, int]) -> None:
        """The partitions that are held go on from these offsets; told again in the same deal, that changes nothing."""
        if not self.begun.is_set():
            self._next, self._committed = dict(offsets), dict(offsets)
            self.begun.set()

    def forget(self) -> None:
        """Partitions are dealt anew: nothing is known of any until it is said where they begin."""
        self.begun.clear()
        self._next, self._committed = {}, {}

    def next(self, partition: int) -> int | None:
        """The offset of the row that is to be handled next; None where that is not known."""
        return self._next.get(partition)

    def handle(self, rows: Iterable[Row]) -> None:
        """These rows are done, and all before them in their partitions."""
        for row in rows:
            if row.partition in self._next:
                self._next[row.partition] = max(self._next[row.partition], row.offset + 1)

    @property
    def uncommitted(self) -> dict[int, int]:
        """What is to be committed, by partition."""
        return {partition: offset for partition, offset in self._next.items() if offset > self._committed[partition]}

    @property
    def committed(self) -> Mapping[int, int]:
        """What is committed, by partition."""
        return self._committed

    def commit(self, offsets: Mapping[int, int]) -> None:
        """The broker has these."""
        for partition, offset in offsets.items():
            if partition in self._committed:
                self._committed[partition] = max(self._committed[partition], offset)
