"""What stands in a partition of deliveries, against the plain outbox in memory, and how long a channel rests."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import FARTHEST, settle, start
from ceasewire.ports import Outcome
from streams.notify.lanes import LONGEST_PAUSE, PACE, pause_after
from streams.notify.standing import KNOWN_FOR, Standing, earliest
from tests.fakes.outbox import MemoryOutbox
from tests.notify.samples import NOW, delivery, hook, slack

HOOK, TEAM = hook("https://one.example/"), slack("https://two.example/")


def moment(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


STATES = st.builds(
    lambda number, state, minutes, version: replace(
        delivery((HOOK, TEAM)[number % 2], number), state=state, due=moment(minutes), version=version
    ),
    st.integers(0, 6),
    st.sampled_from(State),
    st.sampled_from([-5.0, -1, 0, 3, FARTHEST.total_seconds() / 60 + 10]),
    st.integers(0, 4),
)


@given(st.lists(STATES, max_size=40), st.integers(0, 3))
async def test_it_gives_out_what_the_plain_outbox_does(saved: list[Delivery], cut: int) -> None:
    plain, standings = MemoryOutbox(), [Standing(), Standing()]
    for one in saved:
        taken = standings[one.channel == "team"].put(one)
        known = plain.rows.get(one.id)
        if known is None or known.state != State.DELIVERED:  # of a delivered one only the version is compared
            assert taken == await plain.save(one)
        else:
            await plain.save(one)
    for but in ((), {"team"}, {"hook"}):
        for limit in (1, 3, 100):
            assert earliest(standings, NOW, limit, but) == list(await plain.due(NOW, limit, but))
    counts = {state: sum(one.counts()[state] for one in standings) for state in State}
    assert counts == await plain.counts()
    assert sorted(one.id for one in standings[1].suspended("team")) == sorted(
        one.id for one in await plain.suspended("team")
    )
    heads = [due for one in standings for _, due in one.heads()]
    assert min(heads, default=None) == await plain.next_due()


def test_one_that_is_being_resumed_is_not_given_out_until_that_is_written() -> None:
    """Else the loop would ask for it again and again, as long as the broker does not answer."""
    standing = Standing()
    one, other = (replace(delivery(HOOK, number), state=State.RETRY, due=moment(-number)) for number in (2, 1))
    for each in (one, other):
        standing.put(each)
    resumed = standing.resume(one.id, 7, NOW, NOW)
    assert resumed is not None
    assert earliest([standing], NOW, 10, ()) == [other]
    standing.put(resumed)
    assert earliest([standing], NOW, 10, ()) == [other, resumed]


def test_a_delivered_one_is_known_for_longer_than_its_dispatch_is_kept() -> None:
    standing = Standing()
    standing.put(replace(delivery(HOOK, 1), state=State.DELIVERED, due=NOW))
    standing.put(delivery(HOOK, 2))
    standing.forget(NOW + KNOWN_FOR)
    assert delivery(HOOK, 1).id in standing
    standing.forget(NOW + KNOWN_FOR + timedelta(seconds=1))
    assert delivery(HOOK, 1).id not in standing
    assert delivery(HOOK, 2).id in standing
    assert standing.counts()[State.DELIVERED] == 0


def test_of_states_that_are_read_the_highest_version_counts_and_an_older_last_one_is_noted() -> None:
    standing, one = Standing(), delivery(HOOK)
    begun = start(one, NOW)
    for offset, state in enumerate((one, begun, one)):
        standing.read(state, offset, NOW)
    assert standing.row(one.id) == begun
    assert standing.behind == {one.id}
    standing.read(settle(begun, Outcome(kind="delivered", name="delivered"), NOW, 0), 3, NOW)
    assert standing.behind == set()
    standing.read(begun, 4, NOW)
    assert standing.newest(one.id) == 3
    standing.remove(one.id)
    assert one.id not in standing
    assert standing.newest(one.id) is None


@pytest.mark.parametrize(
    ("tries", "retry_after", "seconds"),
    [(1, None, 5), (2, None, 30), (5, None, 60), (1, 20.0, 20), (6, 7200.0, 7200), (6, 10.0, 60)],
)
def test_a_channel_rests_for_what_was_asked_or_for_a_step_of_at_most_a_minute(
    tries: int, retry_after: float | None, seconds: float
) -> None:
    begun = replace(start(delivery(HOOK), NOW), tries=tries)
    failed = Outcome(kind="failed", name="server_error", status=503, retry_after=retry_after)
    assert pause_after(settle(begun, failed, NOW, 0), NOW) == timedelta(seconds=seconds)
    assert timedelta(seconds=60) == LONGEST_PAUSE


def test_a_try_that_came_through_or_was_refused_for_what_it_says_costs_the_pace_only() -> None:
    for outcome in (Outcome(kind="delivered", name="delivered"), Outcome(kind="failed", name="rejected", status=400)):
        assert pause_after(settle(start(delivery(TEAM), NOW), outcome, NOW, 0), NOW) == PACE["slack"]
        assert pause_after(settle(start(delivery(HOOK), NOW), outcome, NOW, 0), NOW) == timedelta(0)


def test_a_clock_that_goes_ahead_lets_no_channel_rest_for_longer() -> None:
    standing = Standing()
    standing.read(start(delivery(TEAM), NOW), 0, NOW + timedelta(hours=1))
    assert standing.rests(NOW) == {"team": NOW + PACE["slack"]}
    assert standing.rests(NOW) == {}
