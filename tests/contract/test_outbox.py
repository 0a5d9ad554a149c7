"""What every outbox must do: the store's, the fake's and that over the topic."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import FARTHEST
from ceasewire.ports import Outbox
from embedded.store import open_store
from tests.contract.over_topic import TOPIC, over_topic
from tests.fakes.outbox import MemoryOutbox
from tests.store.making import NOON


@pytest.fixture(params=["sqlite", "fake", TOPIC])
async def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outbox]:
    if request.param == "fake":
        yield MemoryOutbox()
        return
    if request.param == "topic":
        async with over_topic(request) as made:
            yield made
        return
    store = open_store(tmp_path / "ceasewire.db", lambda: NOON)
    yield store.outbox
    store.close()


def delivery(number: int, state: State = State.PENDING, minutes: float = 0, version: int = 0) -> Delivery:
    due = NOON + timedelta(minutes=minutes)
    return Delivery(
        id=f"msg_{number}",
        alert="a_1",
        channel="desk_team",
        kind="webhook",
        state=state,
        created=NOON,
        due=due,
        body='{"type": "alert.created"}',
        version=version,
    )


async def ids(outbox: Outbox, minutes: float = 0, limit: int = 100) -> list[str]:
    return [one.id for one in await outbox.due(NOON + timedelta(minutes=minutes), limit)]


async def test_an_empty_outbox_has_nothing_due(outbox: Outbox) -> None:
    assert await ids(outbox) == []
    assert await outbox.next_due() is None


async def test_open_deliveries_come_oldest_due_first(outbox: Outbox) -> None:
    for one in (delivery(1, minutes=2), delivery(2, State.RETRY, 1), delivery(3, State.SENDING, 0), delivery(4)):
        await outbox.save(one)
    assert await ids(outbox, 0) == ["msg_3", "msg_4"]
    assert await ids(outbox, 1) == ["msg_3", "msg_4", "msg_2"]
    assert await ids(outbox, 5) == ["msg_3", "msg_4", "msg_2", "msg_1"]
    assert await ids(outbox, 5, limit=3) == ["msg_3", "msg_4", "msg_2"]
    assert await outbox.next_due() == NOON


@pytest.mark.parametrize("state", [State.DELIVERED, State.SUSPENDED, State.EXPIRED])
async def test_what_is_done_or_waits_for_a_person_is_not_due(outbox: Outbox, state: State) -> None:
    await outbox.save(delivery(1))
    await outbox.save(delivery(1, state, version=1))
    assert await ids(outbox, 60) == []
    assert await outbox.next_due() is None


async def test_channels_are_left_out_where_asked(outbox: Outbox) -> None:
    for number, channel in enumerate(("a", "b", "a", "c")):
        await outbox.save(replace(delivery(number), channel=channel))
    for but, found in (
        ((), "0123"),
        ({"a"}, "13"),
        (frozenset("ab"), "3"),
        (["a", "b", "c", "d"], ""),
        ({"d"}, "0123"),
    ):
        assert [one.id[-1] for one in await outbox.due(NOON, 10, but)] == list(found)
    assert [one.id for one in await outbox.due(NOON, 1, {"a"})] == ["msg_1"]


async def test_a_saved_delivery_comes_back_whole(outbox: Outbox) -> None:
    one = replace(delivery(1), body='{"title": "Переговори"}', published=NOON, seen=NOON, tries=2, version=3)
    await outbox.save(one)
    assert list(await outbox.due(NOON, 1)) == [one]


async def test_a_new_state_takes_the_place_of_the_old(outbox: Outbox) -> None:
    await outbox.save(delivery(1))
    await outbox.save(delivery(1, State.RETRY, minutes=10, version=2))
    assert await ids(outbox) == []
    assert await outbox.next_due() == NOON + timedelta(minutes=10)


async def test_an_older_state_that_comes_late_changes_nothing(outbox: Outbox) -> None:
    await outbox.save(delivery(1, State.DELIVERED, version=2))
    await outbox.save(delivery(1, State.SENDING, version=1))
    assert await ids(outbox, 60) == []


async def test_of_two_that_go_on_from_one_state_the_first_counts(outbox: Outbox) -> None:
    """A try that was begun and a button that was pressed: the later of them learns that it came too late."""
    await outbox.save(delivery(1, State.RETRY, version=2))
    assert await outbox.save(delivery(1, State.SENDING, version=3)) is True
    assert await outbox.save(delivery(1, State.PENDING, version=3)) is False
    assert await outbox.save(delivery(1, State.DELIVERED, version=4)) is True
    assert await outbox.save(delivery(1, State.PENDING, version=3)) is False
    assert await outbox.save(delivery(1, State.PENDING, version=4)) is False
    assert await ids(outbox, 60) == []


async def test_the_very_state_that_stands_may_be_saved_again(outbox: Outbox) -> None:
    assert await outbox.save(delivery(1, State.RETRY, version=2)) is True
    assert await outbox.save(delivery(1, State.RETRY, version=2)) is True
    assert await ids(outbox) == ["msg_1"]


async def test_what_a_wrong_clock_put_off_for_weeks_is_due(outbox: Outbox) -> None:
    """No wait is longer than thirty hours: a later time was set under a clock that went ahead."""
    far = FARTHEST.total_seconds() / 60
    await outbox.save(delivery(1, minutes=far))
    await outbox.save(delivery(2, State.SENDING, minutes=far + 1))
    await outbox.save(delivery(3, State.SUSPENDED, minutes=far + 1))
    assert await ids(outbox) == ["msg_2"]
    assert await ids(outbox, 2) == []


async def test_counts_and_single_deliveries(tmp_path: Path) -> None:
    store = open_store(tmp_path / "ceasewire.db", lambda: NOON)
    for number, state in enumerate((State.PENDING, State.PENDING, State.EXPIRED)):
        await store.outbox.save(delivery(number, state))
    counts = await store.outbox.counts()
    assert {state: count for state, count in counts.items() if count} == {State.PENDING: 2, State.EXPIRED: 1}
    assert await store.outbox.get("msg_2") == delivery(2, State.EXPIRED)
    assert await store.outbox.get("msg_9") is None
    assert await store.outbox.oldest_open() == NOON
    store.close()
