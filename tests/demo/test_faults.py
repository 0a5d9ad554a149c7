"""The checks of the sample day find fault where there is one: here with a day of which nothing came in."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ceasewire.polling import FeedState
from ceasewire.views import FeedView
from embedded.demo.checks import Check, check_day
from embedded.demo.outcome import read_outcome
from embedded.demo.receiver import Arrival
from embedded.demo.sample import read_day
from embedded.demo.server import FeedServer
from embedded.store import open_store


def _now() -> datetime:
    return datetime(2025, 3, 4, tzinfo=UTC)


@pytest.fixture
async def checks(tmp_path: Path) -> dict[str, Check]:
    day = read_day()
    server = FeedServer(day, _now)
    while server.step < day.steps - 1:
        server.show()
    forged = Arrival(channel="webhook", at=_now(), id="msg_1", signed=False, body=None)
    with closing(open_store(tmp_path / "a.db", _now)) as store:
        feeds = [
            FeedView(source=feed.source, address="", enabled=True, state=FeedState(feed=feed.feed), items_a_week=0)
            for feed in day.feeds
        ]
        outcome = await read_outcome(day, server.step, store, feeds)
        found = await check_day(server, [forged], outcome, 0, store)
    return {check.name: check for check in found}


async def test_what_is_missing_is_named(checks: dict[str, Check]) -> None:
    faults = checks["every entry of the feeds came in, once"].faults
    assert len(faults) == 1 + len(list(read_day().entries()))
    assert "north_wire/power_plants is missing" in faults


async def test_a_forged_post_and_alerts_that_did_not_go_out_are_faults(checks: dict[str, Check]) -> None:
    faults = "\n".join(checks["each alert reached each channel once, signed rightly"].faults)
    assert "msg_1 is not signed rightly" in faults
    assert faults.count("0 alerts, not 1") == 10


async def test_feeds_and_searches_are_looked_at(checks: dict[str, Check]) -> None:
    assert not checks["the unchanging feed was answered 304"].ok
    assert len(checks["the failing feed says why, the repaired one is well"].faults) == len(read_day().feeds)
    assert not checks["search finds a Ukrainian noun in another case form"].ok
