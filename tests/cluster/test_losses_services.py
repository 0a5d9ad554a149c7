"""The broker and the node are killed under load and started again: nothing is lost, and all goes on by itself."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from tests.cluster.losses.entries import write_poison
from tests.cluster.losses.feeds import Feeds
from tests.cluster.losses.judging import look, repeats, verdict
from tests.cluster.losses.killing import told
from tests.cluster.losses.stand import ROLES, standing
from tests.services.broker import Broker
from tests.services.node import Node

# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
GOES_ON = 30.0
"""Seconds in which all must work again once the service answers."""


@pytest.mark.timeout(300)
async def test_broker_and_node_are_killed(
    own_broker: Callable[..., Broker], own_node: Callable[..., Node], tmp_path: Path
) -> None:
    await services_killed(own_broker(), own_node(), tmp_path, entries=600, a_second=25, times=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
async def test_broker_and_node_are_killed_five_times(
    own_broker: Callable[..., Broker], own_node: Callable[..., Node], tmp_path: Path
) -> None:
    await services_killed(own_broker(), own_node(), tmp_path, entries=10_000, a_second=50, times=5)


async def services_killed(
    broker: Broker, node: Node, folder: Path, *, entries: int, a_second: float, times: int
) -> None:
    feeds = Feeds(entries, a_second, feeds=4)
    async with standing(broker.address, node.address, "loss-", folder, feeds) as stand:
        await asyncio.to_thread(write_poison, stand.kafka, range(20))
        for role in ROLES:
            stand.start(role)
        for role in ROLES:
            await stand.until(role, 0)
        for _ in range(times):
            await asyncio.to_thread(broker.kill)
            stand.kills["notifier"] = stand.kills.get("notifier", 0) + 1  # what it sent then it could not note down
            await asyncio.sleep(3)
            await asyncio.to_thread(broker.start)
            began, at = monotonic(), await stand.progress()
            took = {}
            for role in ROLES:
                await stand.until(role, at.of(role), GOES_ON - (monotonic() - began))
                took[role] = round(monotonic() - began, 1)
            print("after the broker's kill all went on:", took)

            await asyncio.to_thread(node.kill)
            await asyncio.sleep(3)
            at = await stand.progress()
            await asyncio.to_thread(node.start)
            began = monotonic()
            await stand.until("indexer", at.of("indexer"), GOES_ON)
            print(f"after the node's kill the indexer went on in {monotonic() - began:.1f} s")
        await stand.until_done(120 + entries / a_second)
        seen = await asyncio.to_thread(look, stand)
        faults = verdict(stand, seen, {entry.url for entry in feeds.entries})
        print(f"repeats {repeats(seen)}")
        assert not faults, told(faults)
        assert len(seen.letters) == 20
