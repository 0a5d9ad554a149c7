"""Processes that share a stage under load: they join, leave and are killed, and all goes on without a loss."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import aiohttp
import pytest

from cluster.demo.crew import Worker
from tests.cluster.losses.entries import write_poison
from tests.cluster.losses.feeds import Feeds
from tests.cluster.losses.judging import look, lost, repeats, verdict
from tests.cluster.losses.killing import Feeder, goes_on, told
from tests.cluster.losses.stand import STREAM, Stand, standing

# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
TAKEN_OVER = 15.0
"""Seconds in which the rows of a killed worker must go on."""


@pytest.mark.timeout(300)
async def test_five_joins_and_leaves(kafka: str, elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    """Role by role: one more process joins, and the one that was there leaves."""
    feeds = Feeds(600, 20, feeds=2)
    async with sharing(kafka, elasticsearch, prefix, tmp_path, feeds, queued=2_000) as stand:
        workers = {role: stand.start(role) for role in STREAM}
        await stand.ready()
        for number in range(5):
            role = STREAM[number % len(STREAM)]
            joined = await join(stand, (role,))
            await leave(stand, [workers[role]])
            workers |= joined
        await without_repeats(stand, "all joins and leaves")


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_five_joins_and_leaves_of_all_and_a_kill(
    kafka: str, elasticsearch: str, prefix: str, tmp_path: Path
) -> None:
    await shared(kafka, elasticsearch, prefix, tmp_path, rounds=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_twenty_joins_and_leaves(kafka: str, elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    await shared(kafka, elasticsearch, prefix, tmp_path, rounds=20)


async def shared(kafka: str, elasticsearch: str, prefix: str, folder: Path, *, rounds: int) -> None:
    """All roles at once: all begin anew; in each round one more of each joins and the other leaves; then a kill."""
    feeds = Feeds(rounds * 200, 20, feeds=2)
    async with sharing(kafka, elasticsearch, prefix, folder, feeds, queued=5_000) as stand:
        workers = {role: stand.start(role) for role in STREAM}
        for role in STREAM:
            await stand.until(role, 0)
        workers = await begin_anew(stand)
        for number in range(rounds):
            joined = await join(stand, STREAM)
            await leave(stand, list(workers.values()))
            workers = joined
            await without_repeats(stand, f"round {number + 1}")
        await join(stand, STREAM)
        for worker in workers.values():
            await asyncio.to_thread(stand.kill, worker)
        print("taken over", await goes_on(stand, STREAM, TAKEN_OVER, monotonic(), "after the kill"))


@asynccontextmanager
async def sharing(
    kafka: str, elasticsearch: str, prefix: str, folder: Path, feeds: Feeds, queued: int
) -> AsyncIterator[Stand]:
    """Rows that wait and 100 more a second; afterwards all is handled, and what must have come of it has."""
    async with standing(kafka, elasticsearch, prefix, folder, feeds) as stand:
        feeder = Feeder(stand, 1_000_000, 100)
        await feeder.queue(queued)
        await asyncio.to_thread(write_poison, stand.kafka, range(20))
        stand.start("producer")
        feeding = asyncio.create_task(feeder.run())
        try:
            yield stand
        finally:
            feeder.stop()
            await feeding
        await stand.until_done(120)
        seen = await asyncio.to_thread(look, stand)
        faults = verdict(stand, seen, {entry.url for entry in (*feeds.entries, *feeder.entries)})
        assert not faults, told(faults)
        print(f"{len(feeder.entries) + len(feeds.entries)} items; repeats at the end {repeats(seen)}")


async def begin_anew(stand: Stand) -> dict[str, Worker]:
    """All are told to end at once, and started again: nothing is done twice, in the index neither."""
    workers = [worker for worker in stand.crew.workers if worker.runs]
    took = await asyncio.gather(*(asyncio.to_thread(stand.end, worker) for worker in workers))
    print("ended in", dict(zip((worker.role for worker in workers), (round(one, 1) for one in took), strict=True)))
    new = {worker.role: stand.start(worker.role) for worker in workers}
    await stand.ready()
    print("went on anew", await goes_on(stand, STREAM, 30, monotonic(), "after a new start"))
    await without_repeats(stand, "a new start")
    known = await known_items(stand)
    assert not known, f"{known} items were indexed twice"
    return {role: new[role] for role in STREAM}


async def without_repeats(stand: Stand, what: str) -> None:
    """Nothing is lost so far, and nothing was written twice."""
    seen = await asyncio.to_thread(look, stand)
    faults = lost(seen)
    assert not faults, told(faults)
    again = repeats(seen)
    print(f"{what}: repeats {again}, items indexed twice by those that run {await known_items(stand):.0f}")
    assert not any(again.values()), again


async def join(stand: Stand, roles: Sequence[str]) -> dict[str, Worker]:
    """One more process for each role."""
    joined = {role: stand.start(role) for role in roles}
    await stand.ready()
    print("went on after a join", await goes_on(stand, roles, 30, monotonic(), f"after a join of {roles}"))
    return joined


async def leave(stand: Stand, workers: Sequence[Worker]) -> None:
    """Each of them ends as it should, and the others go on."""
    took = await asyncio.gather(*(asyncio.to_thread(stand.end, worker) for worker in workers))
    print("ended in", [round(one, 1) for one in took])
    roles = [worker.role for worker in workers]
    print("went on after a leave", await goes_on(stand, roles, 30, monotonic(), f"after a leave of {roles}"))


async def known_items(stand: Stand) -> float:
    """How many items the running indexers sent that the index had."""
    total = 0.0
    for worker in stand.crew.workers:
        if worker.role == "indexer" and worker.runs:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"http://127.0.0.1:{worker.port}/metrics") as answer,
            ):
                lines = (await answer.text()).splitlines()
            total += sum(float(line.split()[-1]) for line in lines if 'kind="items",outcome="known"' in line)
    return total
