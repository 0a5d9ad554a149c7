"""Whatever receivers do, a delivery stays within its states, comes to an end, and never comes back too early."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasewire.alerts import Alert, Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.deliveries import (
    EXPIRY,
    KEPT_ATTEMPTS,
    LADDER,
    LONGEST_WAIT,
    OPEN,
    OUTCOMES,
    TRUSTING,
    open_delivery,
    possibly_repeated,
    resume,
    retry_after,
    settle,
    start,
    suspend,
    wait,
)
from ceasewire.items import Item, RuleHit, Source, Span, Tagged
from ceasewire.ports import Outcome

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DONE = {State.DELIVERED, State.SUSPENDED, State.EXPIRED}

failures = st.builds(
    Outcome,
    kind=st.just("failed"),
    name=st.sampled_from(["refused", "timeout", "server_error", "rate_limited"]),
    retry_after=st.none() | st.floats(min_value=0, max_value=400_000),
    detail=st.text(max_size=400),
)
outcomes = failures | st.builds(
    Outcome, kind=st.sampled_from(["delivered", "gone"]), name=st.sampled_from(["delivered", "gone"])
)
jitters = st.floats(min_value=-1, max_value=1)


def opened(enabled: bool = True) -> Delivery:
    source = Source(feed="one", outlet="One")
    item = Item(id="i_1", rev=1, fingerprint="f", source=source, title="T", at=NOW, seen=NOW, first_seen=NOW)
    hit = RuleHit(rule="ceasefire", sentence=Span("title", 0, 1))
    alert = Alert(id="a_1", rule="ceasefire", story="i_1", item="i_1", rev=1, hit=hit, at=NOW)
    channel = Channel(id="desk_of_ann", kind="slack", url="https://example.org/x", enabled=enabled)
    return open_delivery(alert, channel, "{}", Tagged(item=item, edition=1, language="en"), NOW)


def test_a_delivery_opens_due_with_a_stable_id_and_suspended_where_the_channel_is_off() -> None:
    delivery = opened()
    assert (delivery.state, delivery.due, delivery.tries) == (State.PENDING, NOW, 0)
    assert delivery.id == opened().id
    assert delivery.id.startswith("msg_")
    assert len(delivery.id) == 30
    assert opened(enabled=False).state == State.SUSPENDED


@given(st.lists(st.tuples(outcomes, jitters, st.floats(min_value=0, max_value=90_000), st.booleans()), max_size=40))
def test_states_versions_and_due_times(steps: list[tuple[Outcome, float, float, bool]]) -> None:
    delivery, now = opened(), NOW
    for outcome, jitter, late, crash in steps:
        if delivery.state in DONE:
            break
        now = max(now, delivery.due) + timedelta(seconds=late)
        started = start(delivery, now)
        if crash:
            again = start(started, now)
            assert again.id == started.id
            assert again.attempts[-1].outcome == "interrupted"
            started = again
        assert started.state == State.SENDING
        assert started.due <= now
        settled = settle(started, outcome, now, jitter)
        assert settled.state in DONE | {State.RETRY}
        assert delivery.version < started.version < settled.version
        assert settled.tries > delivery.tries
        assert len(settled.attempts) <= KEPT_ATTEMPTS
        assert settled.attempts[-1].outcome in OUTCOMES
        if settled.state == State.RETRY:
            assert settled.due <= NOW + EXPIRY
            if outcome.retry_after is not None:
                asked = timedelta(seconds=min(outcome.retry_after, LONGEST_WAIT.total_seconds()))
                assert settled.due >= now + asked
        else:
            assert settled.due == now
        delivery = settled


@given(st.lists(st.tuples(failures, jitters), min_size=1, max_size=8))
def test_failures_always_come_to_an_end(kinds: list[tuple[Outcome, float]]) -> None:
    delivery, steps = opened(), 0
    while delivery.state in OPEN:
        outcome, jitter = kinds[steps % len(kinds)]
        delivery = settle(start(delivery, delivery.due), outcome, delivery.due, jitter)
        steps += 1
        # The ladder, then daily to 72 h, all a fifth shorter, and a last try.
        assert steps <= len(LADDER) + 4
    assert delivery.state == State.EXPIRED
    assert delivery.due <= NOW + EXPIRY


def test_the_ladder_without_jitter_then_daily_then_a_last_try_at_72_hours() -> None:
    delivery, times = opened(), []
    while delivery.state in OPEN:
        times.append(delivery.due - NOW)
        delivery = settle(start(delivery, delivery.due), Outcome(kind="failed", name="refused"), delivery.due, 0)
    steps = [later - earlier for earlier, later in pairwise(times)]
    assert times[0] == LADDER[0] == timedelta(0)
    assert tuple(steps[: len(LADDER) - 1]) == LADDER[1:]
    assert times[-1] == EXPIRY
    assert delivery.state == State.EXPIRED
    assert delivery.tries == len(LADDER) + 2


@given(st.integers(min_value=1, max_value=40), st.none() | st.floats(min_value=0, max_value=400_000), jitters)
def test_retry_after_shortens_only_the_first_waits_and_lengthens_any(
    tries: int, retry_after: float | None, jitter: float
) -> None:
    step = wait(tries, None, jitter)
    found = wait(tries, retry_after, jitter)
    limited = timedelta(seconds=min(retry_after or 0, LONGEST_WAIT.total_seconds()))
    assert found >= limited
    if tries > TRUSTING or not limited:
        assert found == max(step, limited)
    else:
        assert found == max(limited, timedelta(seconds=1))


@pytest.mark.parametrize("asked", [0.0, 0.1, 1.0, 5.0])
def test_a_receiver_that_always_asks_for_a_moment_is_tried_as_seldom_as_one_that_is_away(asked: float) -> None:
    delivery = opened()
    while delivery.state in OPEN:
        failure = Outcome(kind="failed", name="rate_limited", status=429, retry_after=asked)
        delivery = settle(start(delivery, delivery.due), failure, delivery.due, 0)
        assert delivery.tries <= len(LADDER) + 3
    assert (delivery.state, delivery.due) == (State.EXPIRED, NOW + EXPIRY)


@given(jitters, st.integers(min_value=1, max_value=9))
def test_jitter_stays_within_a_fifth(jitter: float, failed: int) -> None:
    delivery = opened()
    for _ in range(failed):
        before = delivery.due
        delivery = settle(start(delivery, before), Outcome(kind="failed", name="refused"), before, jitter)
    share = (delivery.due - before) / LADDER[failed]
    assert 0.8 - 1e-6 <= share <= 1.2 + 1e-6


@pytest.mark.parametrize("name", sorted(OUTCOMES))
@pytest.mark.parametrize("status", [None, 200, 408, 503])
def test_a_try_that_may_have_arrived_makes_the_next_a_possible_repeat(name: str, status: int | None) -> None:
    tried = settle(start(opened(), NOW), Outcome(kind="failed", name=name, status=status), NOW, 0)
    unsure = name in {"timeout", "reset", "unexpected", "interrupted"} and status is None
    assert possibly_repeated(start(tried, tried.due)) is unsure


def test_gone_suspends_and_resume_makes_it_due_with_the_same_id() -> None:
    delivery = settle(start(opened(), NOW), Outcome(kind="gone", name="gone", status=410), NOW, 0)
    assert delivery.state == State.SUSPENDED
    later = NOW + timedelta(days=5)
    again = resume(delivery, later)
    assert (again.state, again.due, again.id) == (State.PENDING, later, delivery.id)
    assert again.version == delivery.version + 1
    done = settle(start(again, later), Outcome(kind="delivered", name="delivered"), later, 0)
    assert done.state == State.DELIVERED
    assert resume(done, later) is done
    sending = start(opened(), NOW)
    assert resume(sending, later) is sending


class Row:
    """A stored delivery as `Outbox.save` and the button see it, and what was posted."""

    def __init__(self) -> None:
        self.stored = opened()
        self.posts = 0
        self.delivered = False

    def save(self, delivery: Delivery) -> bool:
        if delivery.version <= self.stored.version:
            return delivery == self.stored
        assert not self.delivered  # nothing goes on from there
        self.stored = delivery
        self.delivered = delivery.state == State.DELIVERED
        return True

    def post(self) -> None:
        self.posts += 1
        assert not self.delivered
        assert self.stored.state == State.SENDING


@given(st.lists(st.tuples(st.sampled_from(["look", "start", "post", "settle", "read", "press", "button"]), outcomes)))
def test_a_button_and_a_try_in_any_order_lose_nothing_and_send_nothing_twice(
    steps: list[tuple[str, Outcome]],
) -> None:
    row = Row()
    looked: Delivery | None = None
    started: Delivery | None = None
    came: Outcome | None = None
    read: Delivery | None = None
    for step, outcome in steps:
        if step == "look" and started is None:
            looked = row.stored if row.stored.state in OPEN else None
        elif step == "start" and looked is not None and started is None:
            begun = start(looked, NOW)
            started, looked = (begun if row.save(begun) else None), None
        elif step == "post" and started is not None and came is None:
            row.post()
            came = outcome
        elif step == "settle" and started is not None and came is not None:
            assert row.save(settle(started, came, NOW, 0))  # what came of a post is never lost
            started = came = None
        elif step == "read":
            read = row.stored
        elif step == "press" and read is not None:
            row.save(resume(read, NOW))
        elif step == "button":
            before = row.stored
            assert row.save(resume(before, NOW))
            due = row.stored.state == State.PENDING and row.stored.due == NOW
            assert due or before.state in (State.DELIVERED, State.SENDING)
    assert row.stored.tries == row.posts + (started is not None and came is None)


def test_an_old_delivery_that_is_resumed_gets_one_try() -> None:
    later = NOW + timedelta(days=5)
    again = resume(suspend(opened(), "channel_removed", NOW), later)
    assert settle(start(again, later), Outcome(kind="failed", name="reset"), later, 0).state == State.EXPIRED


def test_what_is_done_cannot_be_started_and_what_is_not_sending_cannot_be_settled() -> None:
    gone = settle(start(opened(), NOW), Outcome(kind="gone", name="gone"), NOW, 0)
    with pytest.raises(ValueError, match="suspended"):
        start(gone, NOW)
    with pytest.raises(ValueError, match="pending"):
        settle(opened(), Outcome(kind="gone", name="gone"), NOW, 0)


@given(st.text(max_size=40))
def test_any_retry_after_is_read_or_ignored(text: str) -> None:
    found = retry_after(text, NOW)
    assert found is None or found >= 0


def test_retry_after_as_seconds_and_as_a_date() -> None:
    assert retry_after("120", NOW) == 120
    assert retry_after("Sun, 01 Mar 2026 12:01:30 GMT", NOW) == 90
    assert retry_after("Sun, 01 Mar 2026 11:00:00 GMT", NOW) == 0
    assert retry_after("99999999999999999999", NOW) == 10**9
    assert retry_after(None, NOW) is None
    assert retry_after("soon", NOW) is None
