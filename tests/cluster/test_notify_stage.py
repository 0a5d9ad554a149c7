"""The stage of the notifier: which deliveries a row of `dispatch` opens, and that each is opened once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ceasewire.alerts import Delivery, State
from ceasewire.codec import decode
from ceasewire.config.settings import KafkaSettings
from ceasewire.deliveries import suspended_for
from ceasewire.metrics import Metrics
from ceasewire.topics import DELIVERIES
from streams.notifying import Notifying
from streams.outbox_topic import TopicOutbox
from streams.stage import Handled, Unfit
from streams.work import Work
from tests.cluster.brokers import make_topics, settings_for
from tests.cluster.dispatches import AT, configured, dispatch, id_of, row_of
from tests.cluster.outboxes import put, states, utc_now
from tests.notify.samples import hook, slack

# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


class Bench:
    """The stage over an outbox; `partitions` are assigned to it by `start`."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.woken = 0
        self.configuration = configured([hook("https://one.example/"), slack("https://two.example/")])
        self.outbox = TopicOutbox(settings, utc_now, lambda: timedelta(seconds=5))
        self.stage = Notifying(self.outbox, lambda: self.configuration, self._wake)

    def _wake(self) -> None:
        self.woken += 1

    async def start(self, *partitions: int) -> None:
        await self.stage.assigned(frozenset(partitions))

    def opened(self, outcome: Handled | Unfit) -> Delivery | None:
        """The delivery that was opened, if any; takes it for written."""
        assert isinstance(outcome, Handled)
        outcome.done()
        return decode(outcome.outputs[0].value, Delivery) if outcome.outputs else None


@pytest.fixture
async def bench(kafka: str, prefix: str) -> AsyncIterator[Bench]:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    made = Bench(settings)
    yield made
    await made.outbox.aclose()


async def test_a_row_opens_a_worded_delivery_in_the_partition_of_its_channel(bench: Bench) -> None:
    await bench.start(2)
    woken = bench.woken
    outcome = bench.stage.handle(row_of(dispatch("hook"), partition=2))
    assert isinstance(outcome, Handled)
    [output] = outcome.outputs
    assert (output.topic, output.partition, output.key) == (DELIVERIES, 2, id_of("hook").encode())
    assert await bench.outbox.due(utc_now(), 10) == []
    one = bench.opened(outcome)
    assert one is not None
    assert (one.id, one.state, one.channel, one.kind) == (id_of("hook"), State.PENDING, "hook", "webhook")
    assert msgspec.json.decode(one.body)["data"]["rule"]["name"] == "Ceasefire"
    assert one.seen is not None
    assert await bench.outbox.due(utc_now(), 10) == [one]
    assert bench.woken == woken + 1


async def test_each_kind_is_worded_as_it_wants_it(bench: Bench) -> None:
    await bench.start(0)
    one = bench.opened(bench.stage.handle(row_of(dispatch("team"))))
    assert one is not None
    assert one.kind == "slack"
    assert "blocks" in one.body


@pytest.mark.parametrize("state", list(State))
async def test_a_delivery_that_is_known_is_not_opened_again(bench: Bench, state: State) -> None:
    known = bench.opened(bench.stage.handle(row_of(dispatch("hook"))))
    assert known is not None
    put(bench.settings, [msgspec.structs.replace(known, state=state, version=1, due=utc_now())], 1)
    await bench.start(1)
    assert bench.stage.handle(row_of(dispatch("hook"), 1, 5)) == Handled(())
    assert bench.opened(bench.stage.handle(row_of(dispatch("hook", 1), 1, 6))) is not None


async def test_two_rows_of_one_batch_open_it_once_and_a_row_that_comes_again_too(bench: Bench) -> None:
    await bench.start(0)
    first = bench.stage.handle(row_of(dispatch("hook"), offset=3))
    assert bench.stage.handle(row_of(dispatch("hook"), offset=4)) == Handled(())
    again = bench.stage.handle(row_of(dispatch("hook"), offset=3))
    assert isinstance(first, Handled)
    assert isinstance(again, Handled)
    assert again.outputs == first.outputs
    assert bench.opened(again) is not None
    assert bench.stage.handle(row_of(dispatch("hook"), offset=3)) == Handled(())


async def test_what_was_not_written_before_the_partition_went_is_opened_when_it_is_back(bench: Bench) -> None:
    await bench.start(0)
    outcome = bench.stage.handle(row_of(dispatch("hook"), offset=3))
    assert isinstance(outcome, Handled)
    await bench.stage.revoked(frozenset({0}))
    outcome.done()  # late: nothing is due for it here
    assert await bench.outbox.due(utc_now(), 10) == []
    await bench.start(0)
    assert bench.opened(bench.stage.handle(row_of(dispatch("hook"), offset=4))) is not None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "empty"),
        (b"\xff\x00", "not_json"),
        (b"{}", "other_shape"),
        (b'{"v": 2, "channel": "hook"}', "newer_version"),
    ],
)
async def test_what_is_no_dispatch_is_unfit(bench: Bench, value: bytes, reason: str) -> None:
    outcome = bench.stage.handle(replace(row_of(dispatch("hook")), value=value))
    assert isinstance(outcome, Unfit)
    assert outcome.reason == reason


async def test_an_alert_for_a_channel_that_is_unknown_here_is_put_aside_to_be_replayed(bench: Bench) -> None:
    await bench.start(0)
    assert bench.stage.handle(row_of(dispatch("gone"))) == Unfit(
        "channel_unknown", "no channel is named gone in the configuration here"
    )


async def test_a_disabled_channel_waits_and_a_rule_that_is_gone_is_named_by_its_id(bench: Bench) -> None:
    await bench.start(0)
    bench.configuration = configured([hook("https://one.example/", enabled=False)], rules={})
    one = bench.opened(bench.stage.handle(row_of(dispatch("hook"))))
    assert one is not None
    assert suspended_for(one) == "channel_disabled"
    assert msgspec.json.decode(one.body)["data"]["rule"]["name"] == "ceasefire"


async def test_rows_of_one_millisecond_keep_their_order(bench: Bench) -> None:
    await bench.start(0)
    rows = [row_of(dispatch("hook", number), offset=number) for number in range(20)]
    for row in rows:
        bench.opened(bench.stage.handle(row))
    due = await bench.outbox.due(utc_now(), 100)
    assert [one.id for one in due] == [id_of("hook", number) for number in range(20)]
    assert {one.created.replace(microsecond=0) for one in due} == {AT}
    ahead = row_of(dispatch("hook", 50), offset=50, at=utc_now() + timedelta(minutes=5))
    one = bench.opened(bench.stage.handle(ahead))
    assert one is not None
    assert one.due <= utc_now()


async def test_all_that_is_opened_stands_in_the_topic_before_it_is_due(bench: Bench) -> None:
    """The stage as it is run: what it gives is written, then it is done; bad rows become dead letters."""
    await bench.start(0)
    letters: list[Any] = []

    async def send(output: Any) -> Any:
        if output.topic != DELIVERIES:
            letters.append(output)
            return _nothing()
        assert not await bench.outbox.due(utc_now(), 1000)
        return await bench.outbox._rows.send(output.partition, decode(output.value, Delivery))

    rows = [row_of(dispatch(("hook", "team")[number % 2], number // 3), offset=number) for number in range(90)]
    rows[40] = replace(rows[40], value=b"nothing")
    await Work(bench.stage, send, bench.metrics).take(rows)
    found = {one.id for one in await bench.outbox.due(utc_now(), 1000)}
    assert {one.id for one in states(bench.settings)} == found
    assert len(states(bench.settings)) == len(found)
    assert [letter.key for letter in letters] == [b"notify|dispatch|0|40"]


async def _nothing() -> None:
    return None
