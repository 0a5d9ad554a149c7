"""The deliveries of one partition, as a topic told of them: whole where something may still happen to them.

Of a delivered one only the id, the version and the place in the topic are kept, for as long as its alert might be
dispatched again.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import merge
from itertools import chain, islice
from typing import NamedTuple

from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import FARTHEST, OPEN, resume
from streams.notify.lanes import pause_after

KNOWN_FOR = timedelta(days=15)
"""How long a delivered one is known: twice what its dispatch is kept, for that is deleted in whole stretches only."""

Due = tuple[datetime, str]


class Place(NamedTuple):
    """Where the newest state of a delivery stands in the topic; `offset` is None for what was not read from it."""

    version: int
    at: datetime
    offset: int | None


class Standing:
    """What stands in one partition. The highest version counts; of those that go on from one state, the first."""

    def __init__(self) -> None:
        self.position = 0
        """The offset up to which the topic was read."""
        self.behind: set[str] = set()
        """Ids whose last state in the topic is not the one that counts; that must be written again."""
        self._rows: dict[str, Delivery] = {}
        self._delivered: dict[str, Place] = {}
        self._queues: dict[str, list[Due]] = {}
        self._suspended: dict[str, set[str]] = {}
        self._counts: Counter[State] = Counter()
        self._opening: dict[str, int] = {}
        self._resuming: dict[str, int] = {}
        self._used: dict[str, tuple[datetime, timedelta]] = {}

    def __contains__(self, id: str) -> bool:
        """Whether there is such a delivery, in whatever state."""
        return id in self._rows or id in self._delivered

    def is_opening(self, id: str, offset: int) -> bool:
        """Whether another row of `dispatch` than that at the offset opens the delivery just now."""
        return self._opening.get(id, offset) != offset

    def expect(self, id: str, offset: int) -> None:
        """Notes that the row of `dispatch` at the offset opens a delivery, which is not written yet."""
        self._opening[id] = offset

    def expect_nothing(self) -> None:
        """Forgets what was to be opened or resumed: what of it was written is read from the topic."""
        self._opening.clear()
        self._resuming.clear()

    def is_resuming(self, id: str) -> bool:
        """Whether a row of `dispatch` resumes the delivery just now."""
        return id in self._resuming

    def resume(self, id: str, offset: int, asked: datetime, now: datetime) -> Delivery | None:
        """The delivery as it is resumed by the row of `dispatch` at the offset, which was written when that was asked.

        None where it is done, just being sent or opened, or resumed by this row already or by another just now.
        """
        row = self._rows.get(id)
        if row is None or row.state == State.SENDING or self._resuming.get(id, offset) != offset:
            return None
        if any(attempt.outcome == "resumed" and attempt.at == asked for attempt in row.attempts):
            return None
        self._resuming[id] = offset
        resumed = resume(row, asked)
        # The clock that stamped the wish may go ahead of ours.
        return replace(resumed, due=min(asked, now))

    def takes(self, delivery: Delivery) -> bool:
        """Whether the state goes on from what is known; the very state that is known does too."""
        row, place = self._rows.get(delivery.id), self._delivered.get(delivery.id)
        if row is not None:
            return delivery.version > row.version or delivery == row
        if place is not None and delivery.version == place.version:
            return delivery.state == State.DELIVERED
        return place is None or delivery.version > place.version

    def put(self, delivery: Delivery, offset: int | None = None) -> bool:
        """Takes a state of a delivery; False where it does not go on from what is known."""
        id = delivery.id
        self._opening.pop(id, None)
        self._resuming.pop(id, None)
        if not self.takes(delivery):
            return False
        self.behind.discard(id)
        self._take_out(id)
        self._counts[delivery.state] += 1
        if delivery.state == State.DELIVERED:
            self._delivered[id] = Place(delivery.version, delivery.due, offset)
            return True
        self._rows[id] = delivery
        if delivery.state in OPEN:
            insort(self._queues.setdefault(delivery.channel, []), (delivery.due, id))
        elif delivery.state == State.SUSPENDED:
            self._suspended.setdefault(delivery.channel, set()).add(id)
        return True

    def read(self, delivery: Delivery, offset: int, at: datetime) -> None:
        """Takes a state as the topic has it at the offset, written at that time."""
        if not self.put(delivery, offset):
            self.behind.add(delivery.id)
        if delivery.tries:
            self._used[delivery.channel] = at, pause_after(delivery, at)

    def remove(self, id: str) -> None:
        """Forgets a delivery that was deleted from the topic."""
        self.behind.discard(id)
        self._take_out(id)

    def rests(self, now: datetime) -> Mapping[str, datetime]:
        """Until when each channel is left alone after what was read of its last use, by whomever that was."""
        # The clock that stamped it may go ahead of ours.
        found = {channel: min(at, now) + pause for channel, (at, pause) in self._used.items()}
        self._used.clear()
        return {channel: until for channel, until in found.items() if until > now}

    def newest(self, id: str) -> Delivery | int | None:
        """The newest state: whole, or the offset at which it stands, or None."""
        place = self._delivered.get(id)
        return self._rows.get(id) or (place.offset if place else None)

    def queues(self, but: Collection[str]) -> Iterator[Sequence[Due]]:
        """What is open of each channel that is not in `but`, each oldest due first."""
        return (queue for channel, queue in self._queues.items() if channel not in but)

    def heads(self) -> Iterator[tuple[str, datetime]]:
        """Each channel with open deliveries, and when the first of them is due."""
        return ((channel, queue[0][0]) for channel, queue in self._queues.items())

    def row(self, id: str) -> Delivery:
        """A delivery that is not delivered yet."""
        return self._rows[id]

    def suspended(self, channel: str) -> list[Delivery]:
        """The deliveries of the channel that wait as suspended."""
        return [self._rows[id] for id in self._suspended.get(channel, ())]

    def counts(self) -> Counter[State]:
        """The number of deliveries in each state."""
        return self._counts

    def forget(self, now: datetime) -> None:
        """Forgets what was delivered so long ago that nothing asks for it any more."""
        for id in [id for id, place in self._delivered.items() if now - place.at > KNOWN_FOR]:
            del self._delivered[id]
            self._counts[State.DELIVERED] -= 1

    def _take_out(self, id: str) -> None:
        if self._delivered.pop(id, None):
            self._counts[State.DELIVERED] -= 1
        before = self._rows.pop(id, None)
        if before is None:
            return
        self._counts[before.state] -= 1
        if before.state in OPEN:
            queue = self._queues[before.channel]
            del queue[bisect_left(queue, (before.due, id))]
            if not queue:
                del self._queues[before.channel]
        elif before.state == State.SUSPENDED:
            self._suspended[before.channel].discard(id)


def earliest(standings: Sequence[Standing], now: datetime, limit: int, but: Collection[str]) -> list[Delivery]:
    """The open deliveries that are due, oldest due first, without those of the channels in `but`.

    One that is just being resumed is left out: nothing can be saved of it until that is written.
    """
    queues = [_marked(one, queue, place, now) for place, one in enumerate(standings) for queue in one.queues(but)]
    return [standings[place].row(id) for _, id, place in islice(merge(*queues), limit)]


def _marked(standing: Standing, queue: Sequence[Due], place: int, now: datetime) -> Iterator[tuple[datetime, str, int]]:
    """What is due of a queue. A time that no wait reaches was set by a wrong clock, and is due too."""
    near, far = bisect_right(queue, now, key=_time), bisect_right(queue, now + FARTHEST, key=_time)
    for at in chain(range(near), range(far, len(queue))):
        due, id = queue[at]
        if not standing.is_resuming(id):
            yield due, id, place


def _time(entry: Due) -> datetime:
    return entry[0]
