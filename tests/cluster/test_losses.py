"""All roles under load on a real broker and node, killed at random points: nothing is lost, nothing sent too often."""

import asyncio
import random
from pathlib import Path
from time import monotonic

import pytest

from tests.cluster.losses.feeds import Feeds
from tests.cluster.losses.judging import expected, look, repeats, verdict
from tests.cluster.losses.killing import judge_meanwhile, kill_again_and_again, poison, told
from tests.cluster.losses.stand import ROLES, standing

# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
EACH = 16.0
"""Seconds from one kill to the next: mostly those that the group waits for the one that is gone."""


@pytest.mark.timeout(600)
async def test_each_role_killed_five_times(kafka: str, elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    await kills(kafka, elasticsearch, prefix, tmp_path, entries=20_000, poisoned=200, each=5, seed=5)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_each_role_killed_fifteen_times(kafka: str, elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    await kills(kafka, elasticsearch, prefix, tmp_path, entries=20_000, poisoned=200, each=15, seed=15)


async def kills(
    kafka: str, elasticsearch: str, prefix: str, folder: Path, *, entries: int, poisoned: int, each: int, seed: int
) -> None:
    seconds = each * EACH
    feeds = Feeds(entries, entries / seconds, feeds=8)
    async with standing(kafka, elasticsearch, prefix, folder, feeds) as stand:
        for role in ROLES:
            stand.start(role)
        await stand.ready()
        began, stop = monotonic(), asyncio.Event()
        judging = asyncio.create_task(judge_meanwhile(stand, 10, stop))
        async with asyncio.TaskGroup() as group:
            group.create_task(poison(stand, poisoned, seconds))
            for number, role in enumerate(ROLES):
                chance = random.Random(seed * 100 + number)
                group.create_task(kill_again_and_again(stand, role, each, chance, 5.0))
        print(f"killed {stand.kills} in {monotonic() - began:.0f} s, feeds taken: {feeds.done}")
        await stand.until_done(seconds + 240)
        stop.set()
        times = await judging
        seen = await asyncio.to_thread(look, stand)
        faults = verdict(stand, seen, {entry.url for entry in feeds.entries})
        print(f"done after {monotonic() - began:.0f} s, judged {times} times on the way; repeats {repeats(seen)}")
        print(f"{len(expected(seen, all=True).alerts)} alerts, {len(seen.letters)} dead letters")
        received = stand.receiver.count()
        print(f"{received.total()} received of {len(received)}")
        assert not faults, told(faults)
        assert len(seen.letters) == poisoned
        assert len(seen.indexed["items"]) == entries
        assert stand.kills == dict.fromkeys(ROLES, each)
