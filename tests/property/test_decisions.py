"""In any order, repeated, edited, after restarts: one alert per rule and story, always with the same id."""

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ceasewire.alerts import Action
from ceasewire.codec import decode, encode
from ceasewire.gathering import Gathered, Gathering, apply, forget, gather
from ceasewire.items import Tagged
from ceasewire.stories import Member, Story
from tests.fakes.stories import START, prose, rule, tagged

RULES = {"ceasefire": rule(), "swap": rule("swap", max_age=None), "long": rule("long", max_age="6 d")}
PARTS = {name: prose(name, 50) for name in ("one", "two", "three", "four")}


STEP = st.fixed_dictionaries(
    {
        "key": st.sampled_from("abcd"),
        "feed": st.sampled_from("xyz"),
        "parts": st.lists(st.sampled_from(sorted(PARTS)), max_size=3, unique=True),
        "title": st.sampled_from(["Kyiv offers Moscow a ceasefire", "Talks in Geneva go on", "Short"]),
        "rules": st.sets(st.sampled_from(sorted(RULES))).map(sorted).map(tuple),
        "age": st.sampled_from([0, 1, 30, None]),
        "wait": st.sampled_from([0, 1, 20, 60, 600, 3000]),
        "baseline": st.booleans(),
        "imported": st.sampled_from([False, False, False, True]),
        "restart": st.booleans(),
        "forget": st.booleans(),
        "repeat": st.booleans(),
    }
)
"""One thing that happens: an item or an edit comes, after some time, maybe after a restart or a clean-up."""
STEPS = st.lists(STEP, max_size=15)


class Run:
    """Gathers the steps as the store does: what is given is kept, a restart reads it back."""

    def __init__(self) -> None:
        self.now = START
        self.state = Gathered.empty()
        self.members: dict[str, bytes] = {}
        self.stories: dict[str, bytes] = {}
        self.given: list[Gathering] = []

    def take(self, step: dict[str, Any]) -> None:
        self.now += timedelta(minutes=step["wait"])
        if step["restart"]:
            self.restart()
        if step["forget"]:
            forget(self.state, self.now)
        item = self.item(step)
        for _ in range(1 + step["repeat"]):
            self.gather(item, step["imported"])

    def item(self, step: dict[str, Any]) -> Tagged:
        return tagged(
            step["key"],
            step["title"],
            " ".join(PARTS[part] for part in step["parts"]),
            feed=step["feed"],
            seen=self.now,
            published=None if step["age"] is None else self.now - timedelta(hours=step["age"]),
            rules=step["rules"],
            baseline=step["baseline"],
        )

    def gather(self, item: Tagged, imported: bool) -> None:
        result = gather(self.state, item, RULES, self.now, imported=imported)
        self.given.append(result)
        apply(self.state, result)
        self.members |= {member.item: encode(member) for member in result.members}
        self.stories |= {story.id: encode(story) for story in result.stories}

    def restart(self) -> None:
        members = [decode(value, Member) for value in self.members.values()]
        since = self.now - timedelta(days=14)
        self.state = Gathered.restore(
            [member for member in members if member.at >= since],
            [decode(value, Story) for value in self.stories.values()],
        )


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_one_alert_for_each_rule_and_story(taken: list[dict[str, Any]]) -> None:
    run = Run()
    sent: dict[tuple[str, str], set[str]] = {}
    for step in taken:
        run.take(step)
    for result in run.given:
        for alert in result.alerts:
            sent.setdefault((alert.rule, alert.story), set()).add(alert.id)
        for decision in result.decisions:
            assert (decision.action is Action.SEND) == (decision.reason == "first")
            assert decision.action is Action.HOLD or decision.alert in {alert.id for alert in result.alerts}
    assert all(len(ids) == 1 for ids in sent.values())
    # and no rule sent for a story that had already sent for it, be it under the name of a story that went into it
    for result in run.given:
        if not result.again:
            for alert in result.alerts:
                assert f"{alert.rule}|first" in next(s for s in result.stories if s.id == run_story(result)).causes


def run_story(result: Gathering) -> str:
    """The story of the item that was gathered: its member comes first."""
    return result.members[0].story


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_no_second_item_of_a_story_sends_for_one_rule(taken: list[dict[str, Any]]) -> None:
    """Over days that lie within the window, the items that sent for a rule lie in different stories when they do."""
    run = Run()
    senders: dict[tuple[str, str], str] = {}
    for step in taken:
        run.take(step | {"wait": min(step["wait"], 60)})
        result = run.given[-1]
        if not result.members:
            continue
        item, story = result.members[0].item, result.members[0].story
        for alert in result.alerts:
            if alert.at == run.now and alert.item == item and alert.rev == result.members[0].rev:
                assert senders.setdefault((alert.rule, story), item) == item


@settings(max_examples=100, deadline=None)
@given(STEPS, st.integers(0, 14))
def test_a_replay_gives_the_same(taken: list[dict[str, Any]], tail: int) -> None:
    """The fold read again from its start, and the last steps gathered again, name the same alerts and decisions."""
    first, second = Run(), Run()
    for step in taken:
        first.take(step)
        second.take(step | {"restart": not step["restart"], "forget": not step["forget"]})
    assert ids(first) == ids(second)
    assert first.members == second.members
    assert {key: first.stories[key] for key in first.stories} == second.stories
    before = Counter(alert.id for result in first.given for alert in result.alerts)
    for step in taken[-tail:]:
        # a repeat of what came last of an item changes nothing
        item = first.item(step)
        if item.item.id in first.state.members and item.item.rev == first.state.members[item.item.id].rev:
            first.gather(item, step["imported"])
    after = Counter(alert.id for result in first.given for alert in result.alerts)
    assert before.keys() == after.keys()


def ids(run: Run) -> list[Any]:
    return [([alert.id for alert in result.alerts], list(result.decisions)) for result in run.given]
