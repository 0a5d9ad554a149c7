"""What is wrong, in names and words."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from msgspec.structs import replace

from ceasewire.items import Source
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState, Health
from ceasewire.views import FeedView
from embedded.health import Facts, Reason, assess
from embedded.store import open_store
from embedded.upkeep import Upkeep, Watched
from process.feed_views import show_feed_address
from process.live import Live
from producers.poller import Reach

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def feed(name: str, health: Health = "ok", enabled: bool = True, next_poll: datetime | None = None) -> FeedView:
    state = FeedState(feed=name, health=health, next_poll=next_poll or NOW + timedelta(minutes=5))
    return FeedView(source=Source(feed=name, outlet=name), address="", enabled=enabled, state=state, items_a_week=0.0)


def reasons(**values: object) -> list[Reason]:
    facts = Facts(now=NOW, started=NOW - timedelta(hours=1), **values)  # type: ignore[arg-type]
    return [finding.reason for finding in assess(facts)]


def test_all_is_well() -> None:
    assert reasons(feeds=[feed("a")], disk_free=10**12, disk_total=10**12) == []


def test_what_stops_work_stands_first() -> None:
    found = reasons(
        feeds=[feed("a", "failing"), feed("b")], refused=["x.yml:1: bad"], disk_free=1000, disk_total=10**12
    )
    assert found == [Reason.DISK_FULL, Reason.FEEDS_FAILING, Reason.CONFIGURATION_REFUSED]


def test_a_small_disk_is_full_later() -> None:
    assert reasons(disk_free=1_000_000, disk_total=4_000_000) == []
    assert reasons(disk_free=100_000, disk_total=4_000_000) == [Reason.DISK_FULL]


def test_an_old_outbox() -> None:
    assert reasons(oldest_open=NOW - timedelta(minutes=9)) == []
    assert reasons(oldest_open=NOW - timedelta(minutes=11)) == [Reason.OUTBOX_OLD]


def test_deliveries_that_wait_or_were_given_up() -> None:
    assert reasons(suspended=2, expired=1) == [Reason.CHANNEL_SUSPENDED, Reason.DELIVERIES_EXPIRED]
    (finding,) = assess(Facts(now=NOW, started=NOW, expired=1))
    assert finding.words.startswith("1 delivery was given up after 72 hours of tries: ceasewire alerts list --failed")
    assert not finding.stops


def test_one_line_for_no_network_instead_of_one_for_each_feed() -> None:
    feeds = [feed("a", "failing"), feed("b", "failing")]
    assert reasons(feeds=feeds, unreached=True) == [Reason.NO_FEED_REACHED]


def test_feeds_that_are_off_do_not_count() -> None:
    assert reasons(feeds=[feed("a", "failing", enabled=False)]) == []


def test_polling_that_stands_still() -> None:
    late = NOW - timedelta(minutes=20)
    assert reasons(feeds=[feed("a", next_poll=late), feed("b", next_poll=late)]) == [Reason.POLLING_STALLED]
    assert reasons(feeds=[feed("a", next_poll=late), feed("b")]) == []


def test_polls_that_were_missed_while_it_was_off_are_no_standstill() -> None:
    facts = Facts(now=NOW, started=NOW - timedelta(seconds=10), feeds=[feed("a", next_poll=NOW - timedelta(days=1))])
    assert assess(facts) == ()


def test_a_refused_configuration_names_its_first_fault() -> None:
    facts = Facts(now=NOW, started=NOW, refused=["rules/a.yml:3: x", "rules/b.yml:1: y"])
    (finding,) = assess(facts)
    assert "rules/a.yml:3: x (and 1 more: ceasewire validate)" in finding.words
    assert not finding.stops


def test_addresses_of_feeds_are_shown_without_keys() -> None:
    assert show_feed_address("https://u:p@a.example:8080/rss?format=xml&api_key=abc") == (
        "https://a.example:8080/rss?format=xml&api_key=***"
    )
    assert show_feed_address("https://a.example/?p=1&x") == "https://a.example/?p=1&x"


class _Feeds:
    """Feeds whose states a test changes."""

    def __init__(self, *views: FeedView) -> None:
        self.views = list(views)

    async def feeds(self) -> Sequence[FeedView]:
        return self.views


async def test_failing_feeds_stay_named_while_others_come_due_after_a_restart(tmp_path: Path) -> None:
    feeds = _Feeds(feed("a", "failing"), feed("b", "failing", next_poll=NOW + timedelta(seconds=30)))
    store = open_store(tmp_path / "ceasewire.db", lambda: NOW)
    live = cast(Live, SimpleNamespace(refused=None, restart=()))
    clock = [NOW]
    reach = Reach(feeds=2, polled=1, reached=0)
    upkeep = Upkeep(Watched(store, live, feeds, lambda: reach, Metrics(), lambda: clock[0]), lambda _: None)
    seen: list[Any] = []
    for _ in range(4):
        await upkeep.look()
        seen.append([finding.reason for finding in upkeep.findings if finding.reason == Reason.FEEDS_FAILING])
        clock[0] += timedelta(seconds=20)
    feeds.views[1] = replace(feeds.views[1], state=replace(feeds.views[1].state, last_poll=clock[0]))
    await upkeep.look()
    seen.append([finding.reason for finding in upkeep.findings if finding.reason == Reason.FEEDS_FAILING])
    store.close()
    assert seen == [[Reason.FEEDS_FAILING]] * 5


class _Clocks:
    """The clock of the machine, and the time that passed."""

    def __init__(self) -> None:
        self.now, self.passed = NOW, 0.0

    def later(self, set_by: timedelta = timedelta(0), **span: float) -> None:
        self.passed += timedelta(**span).total_seconds()
        self.now += timedelta(**span) + set_by


async def test_nothing_is_removed_by_a_clock_that_jumped_until_it_goes_steadily(tmp_path: Path) -> None:
    clocks = _Clocks()
    store = open_store(tmp_path / "ceasewire.db", lambda: clocks.now)
    live = cast(Live, SimpleNamespace(refused=None, restart=()))
    watched = Watched(
        store, live, _Feeds(), lambda: Reach(0, 0, 0), Metrics(), lambda: clocks.now, lambda: clocks.passed
    )
    upkeep = Upkeep(watched, lambda _: None)
    due = [upkeep.is_care_due()]
    for set_by, minutes in ((0, 3), (400, 1), (0, 8), (-400, 1), (0, 9), (0, 2)):
        clocks.later(timedelta(days=set_by), minutes=minutes)
        due.append(upkeep.is_care_due())
    store.close()
    assert due == [False, True, False, False, False, False, True]


async def test_a_failure_in_the_care_of_the_store_ends_nothing(tmp_path: Path) -> None:
    clocks = _Clocks()
    store = open_store(tmp_path / "ceasewire.db", lambda: clocks.now)
    kept = SimpleNamespace(store=SimpleNamespace(keep=timedelta(days=99_999_999)))  # before the first year
    live = cast(Live, SimpleNamespace(configuration=SimpleNamespace(settings=kept)))
    watched = Watched(
        store, live, _Feeds(), lambda: Reach(0, 0, 0), Metrics(), lambda: clocks.now, lambda: clocks.passed
    )
    upkeep = Upkeep(watched, lambda _: None)
    await upkeep.care()
    store.close()
    assert not upkeep.is_care_due()
