"""What every backlog must do: the store's, the fake's and that over the topic."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import pytest
from msgspec.structs import replace

from ceasewire.alerts import State
from ceasewire.ports import Backlog, Outbox
from embedded.store import open_store
from tests.contract.over_topic import TOPIC, over_topic
from tests.fakes.outbox import MemoryOutbox
from tests.notify.samples import NOW, delivery, hook

HOOK, OTHER = hook("https://one.example/"), hook("https://two.example/", id="other")


class Whole(Outbox, Backlog, Protocol):
    """An outbox that is its own backlog."""


@pytest.fixture(params=["sqlite", "fake", TOPIC])
async def whole(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Whole]:
    if request.param == "fake":
        yield MemoryOutbox()
        return
    if request.param == "topic":
        async with over_topic(request) as made:
            yield made
        return
    store = open_store(tmp_path / "ceasewire.db", lambda: NOW)
    yield store.outbox
    store.close()


async def test_an_empty_one_counts_nothing(whole: Whole) -> None:
    assert set((await whole.counts()).values()) == {0}
    assert set(await whole.counts()) == set(State)
    assert list(await whole.suspended("hook")) == []


async def test_counts_by_state(whole: Whole) -> None:
    for number, state in enumerate([State.PENDING, State.RETRY, State.RETRY, State.EXPIRED, State.DELIVERED]):
        await whole.save(replace(delivery(HOOK, number), state=state))
    counts = await whole.counts()
    assert (counts[State.PENDING], counts[State.RETRY], counts[State.EXPIRED]) == (1, 2, 1)
    assert counts[State.SENDING] == 0


async def test_suspended_ones_of_a_channel_oldest_first(whole: Whole) -> None:
    for number in (2, 0, 1):
        one = delivery(HOOK, number, NOW + timedelta(minutes=number))
        await whole.save(replace(one, state=State.SUSPENDED))
    await whole.save(replace(delivery(OTHER), state=State.SUSPENDED))
    await whole.save(delivery(HOOK, 7))
    found = await whole.suspended("hook")
    assert [one.created - NOW for one in found] == [timedelta(minutes=n) for n in range(3)]
    assert [one.channel for one in await whole.suspended("other")] == ["other"]
