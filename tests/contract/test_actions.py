"""What everything that a person may do from the desk must do: in the program, in the cluster, and the desk's fake."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.errors import ConfigurationError, Refused
from ceasewire.items import Source
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.ports import Actions
from ceasewire.views import FeedView
from embedded.actions import Parts, RunningActions
from process.live import Live
from producers.poller import Poller
from tests.fakes.desk_ports import FakeActions, World
from tests.fakes.feed_server import serving
from tests.fakes.intake import MemoryIntake
from tests.notify.samples import delivery, hook
from tests.store.making import NOON, Clock, make_store

HOOK = hook("https://one.example/")
WAITING = [
    replace(delivery(HOOK, number), state=state, due=NOON + timedelta(hours=1))
    for number, state in enumerate(state for state in State if state is not State.DELIVERED)
]
DONE = replace(delivery(HOOK, 9), state=State.DELIVERED, due=NOON)


@dataclass(frozen=True)
class Made:
    """The port, and ways to see what it did."""

    port: Actions
    delivery: Callable[[str], Awaitable[Delivery]]
    plays: bool = True
    """Whether the sample day is started from the desk."""


class Waking:
    """Stands in for the sending loop."""

    def hurry(self, channel: str) -> None:
        """Nothing is sent in these tests."""


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Made]:
    store, clock, intake = make_store(folder, Clock()), Clock(), MemoryIntake()
    for one in (*WAITING, DONE):
        await store.outbox.save(one)

    async def play() -> str:
        return "http://127.0.0.1:8399/"

    async def stored(key: str) -> Delivery:
        found = await store.outbox.get(key)
        assert found is not None
        return found

    async with serving() as server:
        feed = Feed(id="wire", url=server.feed("/feed", "Talks begin"), outlet="Wire", allow_private=("127.0.0.0/8",))
        poller = Poller(intake, lambda: [feed], PollingSettings, Metrics(), clock)
        parts = Parts(store, cast(Live, None), poller, Waking(), {}, cast("object", None), clock)  # type: ignore[arg-type]
        yield Made(RunningActions(parts, play), stored)
        await poller.close()
    store.close()


@asynccontextmanager
async def _fake(_folder: Path) -> AsyncIterator[Made]:
    state = FeedState(feed="wire", health="failing", reason="refused", detail="It refused.", failures=3)
    view = FeedView(source=Source(feed="wire", outlet="Wire"), address="", enabled=True, state=state, items_a_week=0)
    world = World(feeds=[view], deliveries=[*WAITING, DONE], now=NOON)

    async def stored(key: str) -> Delivery:
        return next(one for one in world.deliveries if one.id == key)

    yield Made(FakeActions(world), stored)


@asynccontextmanager
async def _cluster(_folder: Path, bootstrap: str, url: str, prefix: str) -> AsyncIterator[Made]:
    from tests.cluster.acting import acting  # noqa: PLC0415

    async with serving() as server:
        feed = Feed(id="wire", url=server.feed("/feed", "Talks begin"), outlet="Wire", allow_private=("127.0.0.0/8",))
        async with acting(bootstrap, url, prefix, [*WAITING, DONE], feed, Clock()) as (actions, stored):
            yield Made(actions, stored, plays=False)


CLUSTER = pytest.param(
    _cluster,
    marks=[
        pytest.mark.kafka,
        pytest.mark.elasticsearch,
        # kafka-python leaves the sockets of failed connections to the garbage collector
        pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    ],
)


@pytest.fixture(params=[_running, _fake, CLUSTER], ids=["running", "fake", "cluster"])
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Made]:
    services = ("kafka", "elasticsearch", "prefix") if request.param is _cluster else ()
    async with request.param(tmp_path, *(request.getfixturevalue(name) for name in services)) as one:
        yield one


@pytest.mark.parametrize("force", [True, False])
async def test_a_check_gives_the_state_after_it(made: Made, force: bool) -> None:
    state = await made.port.check_feed("wire", force)
    assert (state.feed, state.health, state.reason, state.detail, state.failures) == ("wire", "ok", "", "", 0)
    assert state.last_poll == state.last_success == NOON


async def test_a_feed_that_is_not_in_the_list_is_refused_in_words(made: Made) -> None:
    with pytest.raises(ConfigurationError, match="no feed is named nobody"):
        await made.port.check_feed("nobody", True)


@pytest.mark.parametrize("state", [one.state for one in WAITING if one.state is not State.SENDING])
async def test_a_delivery_that_is_not_delivered_is_made_due_now(made: Made, state: State) -> None:
    before = next(one for one in WAITING if one.state is state)
    assert await made.port.retry_delivery(before.id) is True
    after = await made.delivery(before.id)
    assert (after.state, after.due) == (State.PENDING, NOON)
    assert after.version > before.version
    assert after.attempts[-1].outcome == "resumed"


async def test_one_that_is_being_sent_stays_as_it_is(made: Made) -> None:
    before = next(one for one in WAITING if one.state is State.SENDING)
    assert await made.port.retry_delivery(before.id) is True
    assert await made.delivery(before.id) == before


async def test_a_delivered_one_stays_as_it_is(made: Made) -> None:
    assert await made.port.retry_delivery(DONE.id) is False
    assert await made.delivery(DONE.id) == DONE


@pytest.mark.parametrize("unknown", ["msg_none", "", "\x00", "\ud800"])
async def test_an_unknown_delivery_is_not_made_due(made: Made, unknown: str) -> None:
    assert await made.port.retry_delivery(unknown) is False


async def test_the_sample_day_has_an_address(made: Made) -> None:
    if made.plays:
        assert (await made.port.play_sample_day()).startswith("http://127.0.0.1:")
    else:
        with pytest.raises(Refused, match="make cluster-demo"):
            await made.port.play_sample_day()
