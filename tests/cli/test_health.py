"""What is wrong, in names and words."""

from datetime import UTC, datetime, timedelta

from ceasewire.items import Source
from ceasewire.polling import FeedState, Health
from ceasewire.views import FeedView
from embedded.feed_views import show_feed_address
from embedded.health import Facts, Reason, assess

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
