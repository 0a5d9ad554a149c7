"""What follows when an item of a story meets a rule: one alert per rule and story, and a named reason for the rest."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from ceasewire.alerts import Action, Alert, Decision, Reason
from ceasewire.config.rules import Rule
from ceasewire.identity import alert_id
from ceasewire.items import RuleHit, Tagged
from ceasewire.stories import Member, Story

FIRST = "first"
"""The cause of a story's first alert."""
FINAL = frozenset(
    {Reason.FIRST, Reason.NEW_FACT, Reason.SAME_STORY, Reason.BASELINE, Reason.IMPORTED, Reason.LATE_EDIT}
)
"""What an edit does not reopen: a date that comes later does."""

_NONE: Mapping[str, str] = {}


class Decided(msgspec.Struct, frozen=True):
    """What was decided for one item, and the story with its causes and copies after it."""

    story: Story
    decisions: tuple[Decision, ...]
    alerts: tuple[Alert, ...]


def decide(
    tagged: Tagged,
    story: Story,
    rules: Mapping[str, Rule],
    now: datetime,
    *,
    before: Iterable[Decision] = (),
    others: Iterable[Member] = (),
    imported: bool = False,
    late: bool = False,
    earlier: Mapping[str, str] = _NONE,
) -> Decided:
    """One decision for each enabled rule that the item meets; those of `before`, an earlier text of it, stand.

    `others` are the remembered members of the story: they know the alert that a copy belongs to. `late` is an item
    that may have been decided on before what is remembered. `earlier` has, by rule, the alert that the thread's
    stories before this one last raised.
    """
    stand = {decision.rule: decision for decision in before if decision.reason in FINAL}
    causes, copies = list(story.causes), dict(story.copies)
    decisions: dict[str, Decision] = dict(stand)
    alerts: list[Alert] = []
    for hit in tagged.rules:
        rule = rules.get(hit.rule)
        if rule is None or not rule.enabled or hit.rule in decisions:
            continue
        cause = f"{rule.id}|{FIRST}"
        reason = _reason(tagged, rule, cause in causes, now, imported, late)
        alert = None
        if reason is Reason.FIRST:
            alert = alert_id(rule.id, story.id, FIRST)
            alerts.append(_alert(alert, tagged, story, rule, hit, now, earlier.get(rule.id)))
            causes.append(cause)
        elif reason is Reason.SAME_STORY:
            alert = _alert_of(rule.id, others) or alert_id(rule.id, story.id, FIRST)
            copies[rule.id] = copies.get(rule.id, 0) + 1
        decisions[rule.id] = Decision(
            item=tagged.item.id,
            rev=tagged.item.rev,
            rule=rule.id,
            story=story.id,
            action=Action.SEND if reason is Reason.FIRST else Action.HOLD,
            reason=reason,
            at=now,
            alert=alert,
        )
    story = msgspec.structs.replace(story, causes=tuple(causes), copies=copies)
    return Decided(story, tuple(decisions.values()), tuple(alerts))


def _reason(tagged: Tagged, rule: Rule, sent: bool, now: datetime, imported: bool, late: bool) -> Reason:
    item = tagged.item
    if imported:
        return Reason.IMPORTED
    if item.baseline:
        return Reason.BASELINE
    if sent:
        return Reason.SAME_STORY
    if late:
        return Reason.LATE_EDIT
    # what is undated and was not there at the first poll has appeared since the last one
    if rule.max_age is not None and (item.published or item.first_seen) < now - rule.max_age:
        return Reason.TOO_OLD
    return Reason.FIRST


def _alert(
    key: str, tagged: Tagged, story: Story, rule: Rule, hit: RuleHit, now: datetime, follows: str | None
) -> Alert:
    return Alert(
        id=key,
        rule=rule.id,
        story=story.id,
        cause=FIRST,
        conflict=tagged.conflict,
        item=tagged.item.id,
        rev=tagged.item.rev,
        hit=hit,
        channels=rule.channels,
        at=now,
        follows=follows,
    )


def _alert_of(rule: str, members: Iterable[Member]) -> str | None:
    """The alert that the rule sent for these members, also if that was for a story that was merged since."""
    found = [decision for member in members for decision in member.decisions if decision.rule == rule]
    return min(((one.at, one.alert) for one in found if one.alert is not None), default=(None, None))[1]
