"""Faust's consumer without its own account of offsets.

That account goes wrong when partitions are dealt anew: it counts rows as acked that it skipped, takes a refused commit
for one that was made, and lets rows of an earlier deal say where this one stands. So nothing of it is used: a partition
begins where the broker says, and what is committed is what was done.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from faust.transport.drivers.aiokafka import Consumer as FaustConsumer
from faust.types import TP

from streams.faust_parts import Daemon
from streams.offsets import Offsets


class Holder(Protocol):
    """Who holds the partitions: the worker."""

    async def revoking(self) -> None:
        """Partitions are about to be taken away: returns when nothing is in work, and nothing new is begun."""

    async def revoked(self, partitions: frozenset[int]) -> None:
        """These are gone."""

    def assigned(self, partitions: frozenset[int]) -> None:
        """These are all the partitions that are held now."""


class Consumer(FaustConsumer):
    """Tells the holder of partitions as they come and go, and goes by its offsets."""

    def __init__(self, holder: Holder, offsets: Offsets, *args: Any, **given: Any) -> None:
        self._holder = holder
        self._offsets = offsets
        super().__init__(*args, **given)
        self._read_offset = Blank()
        self._committed_offset = Blank()

    def _new_consumer_thread(self) -> AIOKafkaConsumerThread:
        return AIOKafkaConsumerThread(self, loop=self.loop, beacon=self.beacon, Worker=Daemon)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self._holder.revoking()
        await self.commit()
        await super().on_partitions_revoked(revoked)  # commits once more: a commit that runs lets the one above be
        await self._holder.revoked(frozenset(tp.partition for tp in revoked))

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._holder.assigned(frozenset(tp.partition for tp in assigned))
        # after a deal that gave it nothing Faust lets rows flow, and throws away those that come before it is ready
        self.stop_flow()
        self.app.flow_control.suspend()
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Goes to what is committed, or else to the first row, which Faust leaves out: it may have read on already."""
        turn = self.app.consumer_generation_id
        committed = await self.seek_to_committed()
        held = self.assignment()
        begins = await self.earliest_offsets(*held) if held else {}
        start = {tp: max(committed.get(tp) or 0, begins[tp]) for tp in held}
        await self.seek_wait({tp: offset for tp, offset in start.items() if offset != committed.get(tp)})
        if turn == self.app.consumer_generation_id and held <= committed.keys():
            self._offsets.begin({tp.partition: offset for tp, offset in start.items()})

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        for account in (self._acked, self._acked_index, self._gap):
            account.clear()
        done = self._offsets.uncommitted
        return {tp: done[tp.partition] for tp in self.assignment() if tp.partition in done}

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:
        done = self._offsets.uncommitted  # less than before where partitions were dealt anew meanwhile
        still = {tp: offset for tp, offset in offsets.items() if offset <= done.get(tp.partition, -1)}
        if not still or not await super()._commit(still):
            return False
        self._offsets.commit({tp.partition: offset for tp, offset in still.items()})
        return True


class Blank(dict[TP, int | None]):
    """Keeps nothing, and knows of no offset."""

    def __getitem__(self, _: TP) -> int | None:
        return None

    def __setitem__(self, _: TP, __: int | None) -> None: ...

    def update(self, *_: Any, **__: Any) -> None: ...

    def __iter__(self) -> Iterator[TP]:
        return iter(())
