"""The intake over a real broker: what it writes, in which order, and what happens when the broker goes away."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ceasewire.codec import decode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.errors import StoreError
from ceasewire.items import Item
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState, Seen
from cluster.broker import Outgoing
from producers.kafka_intake import KafkaIntake
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for, taking
from tests.store.making import NOON, make_item, make_state

Own = Callable[..., Any]


async def committed(intake: KafkaIntake, items: Sequence[Item], state: FeedState, seconds: float = 60) -> int:
    """Commits as the poller does, the same again until it is taken; gives how often it was refused."""
    refused, until = 0, time.monotonic() + seconds
    while True:
        try:
            await intake.commit(items, state)
            return refused
        except StoreError:
            refused += 1
            assert time.monotonic() < until
            await asyncio.sleep(0.3)


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    made = settings_for(kafka, prefix)
    make_topics(made)
    return made


def large(number: int, size: int) -> Item:
    """An item whose text is no smaller when it is compressed."""
    chance = random.Random(number)
    return make_item(number, f"Large {number}", "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=size)))


async def test_the_state_is_written_after_the_items_under_their_keys(settings: KafkaSettings) -> None:
    items = [make_item(number) for number in range(300)]
    async with taking(settings) as intake:
        await intake.commit(items, make_state(etag="1"))
    written = await asyncio.to_thread(rows_of, settings, "items")
    assert {row.key.decode(): decode(row.value, Item) for row in written if row.key and row.value} == {
        item.id: item for item in items
    }
    [state] = await asyncio.to_thread(rows_of, settings, "feeds")
    assert (state.key, decode(state.value or b"", FeedState)) == (b"morning_wire", make_state(etag="1"))
    assert state.at >= max(row.at for row in written)


async def test_a_feed_that_moves_keeps_what_is_remembered_of_it(settings: KafkaSettings) -> None:
    seen = Seen(item="i_1", rev=7, fingerprint="f", first_seen=NOON, last_seen=NOON)
    state = make_state(entries={"guid:1": seen}, aliases={"link": "guid:1"}, unstable_ids=True, first_poll=NOON)
    async with taking(settings) as one, taking(settings) as other:
        await one.commit([make_item(1)], state)
        assert await other.state("morning_wire") == state
        after = msgspec.structs.replace(state, etag="2", last_poll=NOON + timedelta(minutes=5))
        await other.commit([], after)
        assert await one.state("morning_wire") == after
    async with taking(settings) as later:
        assert await later.state("morning_wire") == after


async def test_states_of_other_shares_are_not_kept(settings: KafkaSettings) -> None:
    async with taking(settings, owns=lambda feed: feed != "evening_post") as intake:
        await intake.commit([], make_state("morning_wire"))
        await intake.commit([], make_state("evening_post"))
        assert await intake.state("morning_wire") is not None
        assert await intake.state("evening_post") is None


async def test_a_feed_that_was_forgotten_is_new_again(settings: KafkaSettings) -> None:
    async with taking(settings) as intake:
        await intake.commit([], make_state())
        with asking(settings) as broker:
            broker.write([Outgoing("feeds", b"morning_wire", None)])
        assert await intake.state("morning_wire") is None


async def test_a_state_of_a_newer_program_is_refused_in_words(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing("feeds", b"morning_wire", b'{"v":2,"feed":"morning_wire"}')])
    async with taking(settings) as intake:
        with pytest.raises(StoreError, match="version 2 is newer"):
            await intake.state("morning_wire")


async def test_an_item_too_large_for_the_topic_is_a_dead_letter_and_the_others_go_on(settings: KafkaSettings) -> None:
    metrics = Metrics()
    items = [make_item(1), large(2, 8_000_000), make_item(3), large(4, 7_000_000), make_item(5)]
    async with taking(settings, metrics) as intake:
        for _ in range(2):  # a repeat makes no further dead letters: they have the same keys
            await intake.commit(items, make_state(etag="1"))
        assert await intake.state("morning_wire") == make_state(etag="1")
        await intake.commit([make_item(6)], make_state(etag="2"))
    written = await asyncio.to_thread(rows_of, settings, "items")
    assert {row.key for row in written} == {items[n].id.encode() for n in (0, 2, 4)} | {make_item(6).id.encode()}
    dead = await asyncio.to_thread(rows_of, settings, "dead")
    assert len(dead) == 4
    assert len({row.key for row in dead}) == 2
    letter = decode(dead[0].headers["letter"], DeadLetter)
    assert (letter.stage, letter.topic, letter.reason) == ("produce", "items", "too_large")
    assert letter.key.encode() == dead[0].key
    assert {row.headers["key"] for row in dead} == {items[1].id.encode(), items[3].id.encode()}
    assert {decode(row.value or b"", Item).id for row in dead} == {items[1].id, items[3].id}
    assert (
        metrics.registry.get_sample_value("ceasewire_dead_letters_total", {"stage": "produce", "reason": "too_large"})
        == 4
    )


async def test_polls_that_are_under_way_beside_one_that_is_too_large_lose_nothing(settings: KafkaSettings) -> None:
    async with taking(settings) as intake:
        polls = [
            committed(intake, [make_item(100 * poll + n) for n in range(50)], make_state(f"feed_{poll}"))
            for poll in range(8)
        ]
        polls.insert(4, committed(intake, [large(9_999, 8_000_000)], make_state("feed_large")))
        await asyncio.gather(*polls)
    written = await asyncio.to_thread(rows_of, settings, "items")
    assert {row.key for row in written} == {
        make_item(100 * poll + n).id.encode() for poll in range(8) for n in range(50)
    }
    assert len({row.key for row in await asyncio.to_thread(rows_of, settings, "dead")}) == 1
    assert len({row.key for row in await asyncio.to_thread(rows_of, settings, "feeds")}) == 9


async def test_a_missing_topic_is_named_and_work_goes_on_once_it_is_made(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix)
    intake, stop = KafkaIntake(settings, Metrics()), asyncio.Event()
    task = asyncio.create_task(intake.run(stop))
    await asyncio.sleep(2.5)
    [trouble] = intake.trouble()
    assert trouble.startswith("topic_missing: ")
    assert f"{prefix}feeds" in trouble
    with pytest.raises(StoreError, match="ceasewire cluster setup"):
        await intake.state("morning_wire")
    await asyncio.to_thread(make_topics, settings)
    await asyncio.wait_for(intake.opened(stop), 20)
    await committed(intake, [make_item(1)], make_state())
    assert await intake.state("morning_wire") == make_state()
    stop.set()
    await task
    await intake.close()


async def test_a_broker_killed_in_mid_commit_loses_nothing_and_no_state_moves_before_its_items(
    own_broker: Own, prefix: str
) -> None:
    broker = await asyncio.to_thread(own_broker)
    settings = settings_for(broker.address, prefix)
    await asyncio.to_thread(make_topics, settings)
    async with taking(settings) as intake:

        async def poll(feed: int) -> int:
            refused = 0
            for round in range(12):
                items = [make_item(10_000 * feed + 100 * round + n) for n in range(40)]
                refused += await committed(intake, items, make_state(f"feed_{feed}", etag=str(round)))
            return refused

        polls = [asyncio.create_task(poll(feed)) for feed in range(4)]
        await asyncio.sleep(0.15)
        await asyncio.to_thread(broker.kill)
        assert not all(one.done() for one in polls)
        await asyncio.sleep(2)
        [trouble] = intake.trouble()
        assert trouble.startswith("broker_away: ")
        began = time.monotonic()
        with pytest.raises(StoreError, match="does not answer"):
            await intake.state("feed_0")
        with pytest.raises(StoreError):
            await intake.commit([], make_state("feed_0", etag="never"))
        assert time.monotonic() - began < 0.1
        await asyncio.to_thread(broker.start)
        refused = await asyncio.wait_for(asyncio.gather(*polls), 60)
        assert sum(refused) > 0
        assert not intake.trouble()
        for feed in range(4):
            assert await intake.state(f"feed_{feed}") == make_state(f"feed_{feed}", etag="11")
    written = await asyncio.to_thread(rows_of, settings, "items")
    wanted = {
        make_item(10_000 * feed + 100 * round + n).id.encode()
        for feed in range(4) for round in range(12) for n in range(40)
    }  # fmt: skip
    assert {row.key for row in written} == wanted
    at = {row.key: row.at for row in reversed(written)}  # the first time of each
    for state in await asyncio.to_thread(rows_of, settings, "feeds"):
        feed = int((state.key or b"").removeprefix(b"feed_"))
        round = int(decode(state.value or b"", FeedState).etag or "")
        assert all(at[make_item(10_000 * feed + 100 * round + n).id.encode()] <= state.at for n in range(40))
