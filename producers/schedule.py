"""When a feed is polled next, and how it is doing: pure functions, `now` and chance are arguments."""

from datetime import datetime, timedelta

import msgspec

from ceasewire.config.feeds import Feed
from ceasewire.polling import FeedState, Health
from producers.reasons import SOFT, Reason

LEAST_INTERVAL = timedelta(seconds=1)
MAX_ERROR_DELAY = timedelta(days=1)
MAX_RETRY_AFTER = timedelta(days=1)
QUIET_AT_LEAST = timedelta(days=3)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


def interval(feed: Feed, state: FeedState, now: datetime, max_age: int | None = None) -> timedelta:
    """The time to the next poll of a feed that is well: `interval`, stretched to `max_interval` at most.

    It stretches over a day without news, except for institutions, whose rare readouts are what matters; and to
    the feed's own TTL and Cache-Control.
    """
    shortest = max(feed.interval, LEAST_INTERVAL)
    longest = max(shortest, feed.max_interval)
    wanted = shortest
    if state.last_new is not None and feed.kind != "institution":
        silent = min(max((now - state.last_new) / _DAY, 0.0), 1.0)
        wanted = shortest + (longest - shortest) * silent
    asked = max(timedelta(minutes=min(state.ttl_minutes or 0, 1440)), timedelta(seconds=min(max_age or 0, 86_400)))
    return min(max(wanted, asked), longest)


def error_delay(feed: Feed, reason: Reason, failures: int, jitter: float) -> timedelta:
    """The time to the next try after the nth failure in a row: linear, at most a day; jitter in [-1, 1] is 20 %."""
    weight = 0.5 if reason in SOFT else 1.0
    least = max(feed.interval, LEAST_INTERVAL)
    delay = max(least * max(failures, 1) * weight, least)
    return min(min(delay, MAX_ERROR_DELAY) * (1 + 0.2 * jitter), MAX_ERROR_DELAY)


def succeeded(feed: Feed, state: FeedState, now: datetime, jitter: float, max_age: int | None = None) -> FeedState:
    """The state after a poll that read the feed or found it unchanged; jitter in [-1, 1] is 10 %."""
    wait = interval(feed, state, now, max_age)
    return msgspec.structs.replace(
        state,
        last_poll=now,
        last_success=now,
        next_poll=now + wait * (1 + 0.1 * jitter),
        failures=0,
    )


def failed(
    feed: Feed,
    state: FeedState,
    reason: Reason,
    detail: str,
    now: datetime,
    jitter: float,
    retry_after: float | None = None,
    offline: bool = False,
) -> FeedState:
    """The state after a poll that failed. A server that asks us to wait is waited for, at most a day.

    `offline`: no feed at all can be reached, so the fault is not this feed's and does not lengthen its interval.
    """
    failures = state.failures if offline else state.failures + 1
    wait = error_delay(feed, reason, 1 if offline else failures, jitter)
    health: Health = "failing"
    if retry_after is not None:
        wait = max(min(timedelta(seconds=retry_after), MAX_RETRY_AFTER), feed.interval)
        health = "waiting"
    return msgspec.structs.replace(
        state,
        last_poll=now,
        next_poll=now + wait,
        failures=failures,
        health=health,
        reason=reason.value,
        detail=detail,
    )


def is_quiet(state: FeedState, now: datetime) -> bool:
    """Whether nothing new came for over three times the feed's usual gap, and for three days at least."""
    if state.last_new is None:
        return False
    gaps = [later - earlier for earlier, later in zip(state.recent, state.recent[1:], strict=False)]
    usual = sum(gaps, timedelta()) / len(gaps) if gaps else _WEEK
    return now - state.last_new > max(3 * usual, QUIET_AT_LEAST)


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Whether to poll now. A next poll that lies over a day ahead comes from a clock that was wrong."""
    if state is None or state.next_poll is None or state.last_poll is None:
        return True
    return state.next_poll <= now or state.next_poll - now > _DAY * 1.1 or state.last_poll - now > timedelta(minutes=1)
