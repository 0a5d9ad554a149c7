"""In any order, repeated, edited, after restarts, long waits, clocks set back and other rules: one alert per story."""

from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasewire.alerts import Action, Alert, Decision
from ceasewire.codec import decode, encode
from ceasewire.decisions import FINAL
from ceasewire.gathering import Gathered, Gathering, apply, forget, gather, window
from ceasewire.items import Tagged
from ceasewire.stories import Member, Story
from tests.fakes.stories import START, prose, rule, tagged

RULES = {"ceasefire": rule(), "swap": rule("swap", max_age=None), "long": rule("long", max_age="60 h")}
PARTS = {name: prose(name, 50) for name in ("one", "two", "three", "four")}


STEP = st.fixed_dictionaries(
    {
        "key": st.sampled_from("abcd"),
        "feed": st.sampled_from("xyz"),
        "parts": st.lists(st.sampled_from(sorted(PARTS)), max_size=3, unique=True),
        "title": st.sampled_from(["Kyiv offers Moscow a ceasefire", "Talks in Geneva go on", "Short"]),
        "rules": st.sets(st.sampled_from(sorted(RULES))).map(sorted).map(tuple),
        "age": st.sampled_from([0, 1, 30, None]),
        "wait": st.sampled_from([0, 1, 20, 60, 600, 3000, 4400, 9000, -1, -600, -4400, -9000]),
        "long": st.sampled_from(["60 h", "60 h", "100 h", "14 d"]),
        "baseline": st.booleans(),
        "imported": st.sampled_from([False, False, False, True]),
        "restart": st.booleans(),
        "forget": st.booleans(),
        "repeat": st.booleans(),
    }
)
"""One thing that happens: an item or an edit comes, after some minutes, maybe after a restart or a clean-up.

A wait below zero is a clock that is set back; `long` is how far back the rule of that name looks from now on.
"""
STEPS = st.lists(STEP, max_size=15)


class Run:
    """Gathers the steps as the store does: what is given is kept, a restart reads back what the window asks for."""

    def __init__(self, keeps: bool = True) -> None:
        self.keeps = keeps
        """Whether what was gathered before the window can be looked up, as in a store."""
        self.now = START
        self.rules = RULES
        self.state = Gathered.empty()
        self.first_seen: dict[str, Any] = {}
        self.members: dict[str, bytes] = {}
        self.stories: dict[str, bytes] = {}
        self.given: list[Gathering] = []

    def take(self, step: dict[str, Any]) -> None:
        self.now += timedelta(minutes=step["wait"])
        if step["restart"]:
            self.restart()
        self.rules = RULES | {"long": rule("long", max_age=step["long"])}
        if step["forget"]:
            forget(self.state, self.now)
        if not self.state.reaches(self.now - window(self.rules)):
            self.restart()
        item = self.item(step)
        for _ in range(1 + step["repeat"]):
            self.gather(item, step["imported"])

    def item(self, step: dict[str, Any]) -> Tagged:
        made = tagged(
            step["key"],
            step["title"],
            " ".join(PARTS[part] for part in step["parts"]),
            feed=step["feed"],
            seen=self.now,
            published=None if step["age"] is None else self.now - timedelta(hours=step["age"]),
            rules=step["rules"],
            baseline=step["baseline"],
        )
        first = self.first_seen.setdefault(made.item.id, self.now)
        return msgspec.structs.replace(made, item=msgspec.structs.replace(made.item, first_seen=first))

    def gather(self, item: Tagged, imported: bool) -> None:
        before = None if item.item.id in self.state.members else self.stored(item.item.id)
        if before:
            self.state.remember(*before)
        result = gather(self.state, item, self.rules, self.now, imported=imported)
        self.given.append(result)
        apply(self.state, result)
        self.members |= {member.item: encode(member) for member in result.members}
        self.stories |= {story.id: encode(story) for story in result.stories}

    def stored(self, item: str) -> tuple[Member, Story] | None:
        if item not in self.members or not self.keeps:
            return None
        member = decode(self.members[item], Member)
        return member, decode(self.stories[self.whole(member.story)], Story)

    def whole(self, story: str) -> str:
        """The id of the story that this one is in by now."""
        while (into := decode(self.stories[story], Story).merged_into) is not None:
            story = into
        return story

    def restart(self) -> None:
        since = self.now - window(self.rules)
        members = [decode(value, Member) for value in self.members.values()]
        members = [member for member in members if member.at >= since]
        used = {member.story for member in members}
        stories = [decode(value, Story) for value in self.stories.values()]
        self.state = Gathered.restore(members, [one for one in stories if one.last >= since or one.id in used], since)


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_one_alert_for_each_rule_and_story(taken: list[dict[str, Any]]) -> None:
    run = Run()
    sent: dict[str, Alert] = {}
    final: dict[tuple[str, str], Decision] = {}
    for step in taken:
        seen = len(run.given)
        run.take(step)
        for result in run.given[seen:]:
            new = [alert for alert in result.alerts if alert.id not in sent]
            for alert in new:
                # an item that was decided on for good stays so
                assert (alert.item, alert.rule) not in final
                # and no story sends twice for a rule, whatever its name was when it did
                story = run.whole(alert.story)
                earlier = [one for one in sent.values() if one.rule == alert.rule]
                assert story not in {run.whole(one.story) for one in earlier}
                sent[alert.id] = alert
            for decision in result.decisions:
                assert (decision.action is Action.SEND) == (decision.reason == "first")
                assert decision.action is Action.HOLD or decision.alert in {alert.id for alert in result.alerts}
                before = final.get((decision.item, decision.rule))
                assert before is None or before == decision
                if decision.reason in FINAL:
                    final[decision.item, decision.rule] = decision


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_a_fold_that_knows_its_window_only_sends_nothing_twice(taken: list[dict[str, Any]]) -> None:
    run = Run(keeps=False)
    sent: set[str] = set()
    final: set[tuple[str, str]] = set()
    for step in taken:
        seen = len(run.given)
        run.take(step | {"imported": False})
        for result in run.given[seen:]:
            assert not {(alert.item, alert.rule) for alert in result.alerts if alert.id not in sent} & final
            sent |= {alert.id for alert in result.alerts}
            final |= {(one.item, one.rule) for one in result.decisions if one.reason in FINAL}


@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_a_story_loses_nothing(taken: list[dict[str, Any]]) -> None:
    """Whatever comes later, what a story held and sent for stays in it, or in the story that it went into."""
    run = Run()
    kept: dict[str, Story] = {}
    for step in taken:
        run.take(step)
        for key, story in kept.items():
            now = decode(run.stories[run.whole(key)], Story)
            assert set(story.items) <= set(now.items)
            assert set(story.causes) <= set(now.causes)
            assert all(now.copies.get(name, 0) >= count for name, count in story.copies.items())
        kept = {key: decode(value, Story) for key, value in run.stories.items()}


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
    assert first.stories == second.stories
    before = {alert.id for result in first.given for alert in result.alerts}
    for step in taken[-tail:]:
        # a repeat of what came last of an item changes nothing
        item = first.item(step)
        if item.item.id in first.state.members and item.item.rev == first.state.members[item.item.id].rev:
            first.gather(item, step["imported"])
    assert {alert.id for result in first.given for alert in result.alerts} == before


def ids(run: Run) -> list[Any]:
    return [([alert.id for alert in result.alerts], list(result.decisions)) for result in run.given]
