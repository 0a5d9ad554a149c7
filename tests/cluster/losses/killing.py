"""Kills processes of each role at random points of a load, and starts them again."""

import asyncio
import random
from collections.abc import Sequence
from time import monotonic

import psutil

from cluster.stages import STAGES
from tests.cluster.losses.entries import Entry, write_entries, write_poison
from tests.cluster.losses.judging import look, lost
from tests.cluster.losses.stand import STAGE_OF, Stand
from tests.services.service import gone


async def kill_again_and_again(stand: Stand, role: str, kills: int, chance: random.Random, longest: float) -> None:
    """Each time it works again, a random while of up to `longest` seconds later, it is killed and started anew."""
    for number in range(kills):
        await stand.role_ready(role)  # what it writes from then on is its own, and not the last of the one before
        before = (await stand.progress()).of(role)
        await stand.until(role, before)
        await asyncio.sleep(chance.uniform(0, longest))
        worker = [one for one in stand.crew.workers if one.role == role and one.runs][-1]
        children = psutil.Process(worker.process.pid).children(recursive=True)
        now = (await stand.progress()).of(role)
        await asyncio.to_thread(stand.kill, worker)
        stand.start(role)
        print(f"{role}: kill {number + 1} of {kills} at {now}")
        assert await asyncio.to_thread(gone, children, 10), f"{worker.name} left children behind"


async def poison(stand: Stand, count: int, seconds: float) -> None:
    """Writes so many poisoned rows, spread over so many seconds."""
    parts = min(count, 20)
    for part in range(parts):
        await asyncio.to_thread(write_poison, stand.kafka, range(part * count // parts, (part + 1) * count // parts))
        await asyncio.sleep(seconds / parts)


async def judge_meanwhile(stand: Stand, every: float, stop: asyncio.Event) -> int:
    """Judges again and again while all goes on; what is lost now may be hidden by a repeat later."""
    times = 0
    while not stop.is_set():
        began = monotonic()
        seen = await asyncio.to_thread(look, stand)
        faults = await asyncio.to_thread(lost, seen)
        assert not faults, faults[:10]
        times += 1
        took = monotonic() - began
        try:
            await asyncio.wait_for(stop.wait(), max(every, 5 * took))
        except TimeoutError:
            continue
    return times


def told(faults: Sequence[str]) -> str:
    """The first of many."""
    return "\n".join([f"{len(faults)} faults", *faults[:20]])


class Feeder:
    """Writes entries to `items`, so many a second, until it is told to stop."""

    def __init__(self, stand: Stand, first: int, a_second: float) -> None:
        self.entries: list[Entry] = []
        self._stand = stand
        self._first = first
        self._a_second = a_second
        self._stop = asyncio.Event()

    async def queue(self, count: int) -> None:
        """Writes so many at once."""
        made = [Entry(self._first + len(self.entries) + number) for number in range(count)]
        self.entries += made
        await asyncio.to_thread(write_entries, self._stand.kafka, made)

    async def run(self) -> None:
        """Keeps its pace however long a write takes."""
        began, before = monotonic(), len(self.entries)
        while not self._stop.is_set():
            wanted = int((monotonic() - began) * self._a_second) - (len(self.entries) - before)
            if wanted > 0:
                await self.queue(wanted)
            await asyncio.sleep(0.2)

    def stop(self) -> None:
        """No more."""
        self._stop.set()


async def goes_on(stand: Stand, roles: Sequence[str], within: float, since: float, what: str) -> dict[str, float]:
    """Waits until each role has committed further in every partition that rows wait in; the seconds since `since`.

    What it stands on is taken once at the beginning, when what it is to get over has happened.
    """
    at = await stand.progress()
    took: dict[str, float] = {}
    while len(took) < len(roles):
        now = await stand.progress()
        for role in roles:
            stage = STAGE_OF[role]
            done = at.committed[stage]
            waiting = [
                place for place, end in at.ends.items() if place.topic in STAGES[stage] and end > done.get(place, 0)
            ]
            still = [place for place in waiting if now.committed[stage].get(place, 0) <= done.get(place, 0)]
            moved = sum(now.committed[stage].values()) > sum(done.values())
            if role not in took and not still and moved:
                took[role] = round(monotonic() - since, 1)
        stand.check()
        left = [role for role in roles if role not in took]
        late = f"{what}: {left} did not go on in {within:g} s; {took} did"
        assert not left or monotonic() - since < within, f"{late}\n{stand.tails(left[0])}"
        await asyncio.sleep(0.2)
    return took
