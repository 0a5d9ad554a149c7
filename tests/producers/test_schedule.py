"""When a feed is polled next: tables of the pure schedule."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ceasewire.config.feeds import Feed
from ceasewire.polling import FeedState
from producers import schedule
from producers.reasons import WORDS, Reason, explain

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def feed(**more: Any) -> Feed:
    return Feed(id="valley", url="https://valley.example/feed", outlet="Valley", **more)


def state(**more: Any) -> FeedState:
    return FeedState(feed="valley", **more)


@pytest.mark.parametrize(
    ("more", "silent_hours", "ttl", "max_age", "minutes"),
    [
        ({}, None, None, None, 5),
        ({}, 0, None, None, 5),
        ({}, 12, None, None, 10),
        ({}, 24, None, None, 15),
        ({}, 500, None, None, 15),
        ({}, -3, None, None, 5),
        ({"kind": "institution"}, 500, None, None, 5),
        ({"kind": "institution"}, 500, 10, None, 10),
        ({}, 0, 60, None, 15),
        ({}, 0, None, 480, 8),
        ({}, 0, None, 999_999_999, 15),
        ({}, 0, 2, 60, 5),
        ({"max_interval": "1 h"}, 24, None, None, 60),
        ({"interval": "30 m"}, 500, None, None, 30),
        ({"interval": "1 s"}, 0, None, None, 1 / 60),
    ],
)
def test_the_interval_stretches_only_so_far(
    more: dict[str, Any], silent_hours: float | None, ttl: int | None, max_age: int | None, minutes: float
) -> None:
    last_new = None if silent_hours is None else NOW - timedelta(hours=silent_hours)
    found = schedule.interval(feed(**more), state(last_new=last_new, ttl_minutes=ttl), NOW, max_age)
    assert found == minutes * MINUTE


@pytest.mark.parametrize(
    ("reason", "failures", "jitter", "minutes"),
    [
        (Reason.NOT_FOUND, 1, 0, 5),
        (Reason.NOT_FOUND, 2, 0, 10),
        (Reason.NOT_FOUND, 12, 0, 60),
        (Reason.NOT_FOUND, 12, 1, 72),
        (Reason.NOT_FOUND, 12, -1, 48),
        (Reason.NOT_FOUND, 100_000, 1, 1440),
        (Reason.SERVER_ERROR, 1, 0, 5),
        (Reason.SERVER_ERROR, 2, 0, 5),
        (Reason.SERVER_ERROR, 12, 0, 30),
        (Reason.NO_CONNECTION, 10_000_000, 0, 1440),
    ],
)
def test_errors_lengthen_the_interval_in_a_line_up_to_a_day(
    reason: Reason, failures: int, jitter: float, minutes: float
) -> None:
    assert schedule.error_delay(feed(), reason, failures, jitter) == minutes * MINUTE


@pytest.mark.parametrize(
    ("retry_after", "minutes"), [(0.0, 5), (60.0, 5), (3600.0, 60), (86_400.0, 1440), (10_000_000.0, 1440)]
)
def test_a_server_that_asks_is_waited_for_a_day_at_most(retry_after: float, minutes: float) -> None:
    found = schedule.failed(feed(), state(), Reason.ASKED_TO_WAIT, "words", NOW, 1.0, retry_after)
    assert found.health == "waiting"
    assert found.next_poll == NOW + minutes * MINUTE


def test_a_failure_is_counted_and_a_success_ends_it() -> None:
    known = state(last_success=NOW - MINUTE, failures=3, etag="e")
    found = schedule.failed(feed(), known, Reason.NOT_FOUND, "words", NOW, 0.0)
    assert (found.failures, found.health, found.reason, found.detail) == (4, "failing", "not_found", "words")
    assert (found.last_success, found.last_poll, found.etag) == (NOW - MINUTE, NOW, "e")
    well = schedule.succeeded(feed(), found, NOW, 1.0)
    assert (well.failures, well.last_success) == (0, NOW)
    assert well.next_poll == NOW + 5.5 * MINUTE


def test_an_outage_of_ours_does_not_lengthen_the_interval() -> None:
    found = schedule.failed(feed(), state(failures=40), Reason.NO_ADDRESS, "words", NOW, 0.0, offline=True)
    assert (found.failures, found.next_poll) == (40, NOW + 5 * MINUTE)


@pytest.mark.parametrize(
    ("days_silent", "gap_hours", "quiet"), [(1, 1, False), (4, 1, True), (4, 48, False), (7, 48, True)]
)
def test_a_feed_is_quiet_after_three_times_its_usual_gap(days_silent: float, gap_hours: float, quiet: bool) -> None:
    last = NOW - timedelta(days=days_silent)
    recent = tuple(last - timedelta(hours=gap_hours) * back for back in (3, 2, 1, 0))
    assert schedule.is_quiet(state(last_new=last, recent=recent), NOW) is quiet


def test_a_feed_that_never_had_news_is_not_called_quiet() -> None:
    assert schedule.is_quiet(state(), NOW) is False


@pytest.mark.parametrize(
    ("last", "following", "due"),
    [
        (None, None, True),
        (-10, -5, True),
        (-5, 0, True),
        (-4, 1, False),
        (-1, 1440, False),
        (-1, 100_000, True),
        (300, 305, True),
    ],
    ids=["new", "late", "now", "soon", "a day", "a clock that was ahead", "a clock that went back"],
)
def test_what_is_due(last: float | None, following: float | None, due: bool) -> None:
    known = state(
        last_poll=None if last is None else NOW + last * MINUTE,
        next_poll=None if following is None else NOW + following * MINUTE,
    )
    assert schedule.is_due(known, NOW) is due


def test_every_reason_has_words_that_end() -> None:
    assert set(WORDS) == set(Reason)
    assert all(words.endswith(".") and len(words) < 200 for words in WORDS.values())
    assert explain(Reason.GONE, "status 410").endswith("(status 410)")
