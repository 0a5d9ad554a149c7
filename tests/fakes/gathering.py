"""Gathers item after item, for tests of stories and decisions."""

from ceasewire.alerts import Reason
from ceasewire.gathering import Gathered, Gathering, apply, gather
from ceasewire.items import Tagged
from tests.fakes.stories import later, rule

RULES = {"ceasefire": rule()}


class Desk:
    """Gathers item after item and keeps what came out."""

    def __init__(self, **rules: object) -> None:
        self.rules = RULES | rules
        self.state = Gathered.empty()
        self.alerts: list[str] = []

    def __call__(self, item: Tagged, hours: float | None = None, imported: bool = False) -> Gathering:
        now = item.item.seen if hours is None else later(hours=hours)
        result = gather(self.state, item, self.rules, now, imported=imported)
        apply(self.state, result)
        self.alerts += [alert.id for alert in result.alerts]
        return result

    def story_of(self, item: Tagged) -> str:
        story = self.state.story(self.state.members[item.item.id].story)
        assert story is not None
        return story.id


def reasons(result: Gathering) -> list[Reason]:
    return [decision.reason for decision in result.decisions]
