"""Holds what came of the day on the cluster against what the sample day says must come of it."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ceasewire.alerts import State
from ceasewire.identity import item_id
from cluster.demo.counting import Counts
from embedded.demo.documents import guid
from embedded.demo.receiver import Arrival
from embedded.demo.sample import SampleDay


def faults(day: SampleDay, counts: Counts, arrivals: Sequence[Arrival], late: Sequence[str]) -> Iterator[str]:
    """Everything that is not as it must be, each in a line; nothing where all is right."""
    yield from counts.lost
    if counts.dead:
        yield f"{counts.dead} dead letters"
    last = day.steps - 1
    expected = {
        item_id(feed.feed, guid(feed.feed, entry.key)): entry
        for feed, entry in day.entries()
        if entry.at(last) is not None and feed.fails_before <= last
    }
    yield from (f"{entry.key} never came in" for id, entry in expected.items() if id not in counts.items)
    yield from (f"{id} is in no feed of the day" for id in counts.items if id not in expected)
    entries = [entry for feed, entry in day.entries() if feed.fails_before <= last]
    sent = sum(1 for one in entries if "sent" in (one.rule, *(edit.rule for edit in one.edits)))
    if len(counts.alerts) != sent:
        yield f"{len(counts.alerts)} alerts were raised, {sent} must be"
    if len(counts.dispatched) != 2 * len(counts.alerts):
        yield f"{len(counts.dispatched)} deliveries were ordered for {len(counts.alerts)} alerts on two channels"
    yield from (f"{id} is {state}" for id, state in counts.deliveries.items() if state is not State.DELIVERED)
    hooks = Counter(one.id for one in arrivals if one.channel == "webhook")
    if unsigned := sum(not one.signed for one in arrivals):
        yield f"{unsigned} posts were signed wrongly"
    if len(hooks) != len(counts.alerts):
        yield f"{len(hooks)} webhooks arrived for {len(counts.alerts)} alerts"
    # a notifier was not killed, so nothing may come twice
    yield from (f"{id} arrived {times} times" for id, times in hooks.items() if times > 1)
    yield from (f"{name} did not end within its time" for name in late)
