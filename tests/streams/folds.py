"""Folds rows as gatherers do that work, are killed and are taken over, without a broker."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ceasewire.alerts import Alert, Decision
from ceasewire.config.rules import Rule
from ceasewire.items import Tagged
from streams.folding import Folding
from streams.gathering import given_by
from streams.warmup import WINDOWS_BACK
from tests.fakes.stories import rule

RULES: Mapping[str, Rule] = {"ceasefire": rule(), "swap": rule("swap", max_age="12 h")}
Moment = tuple[Tagged, datetime]
Given = tuple[tuple[Alert, ...], tuple[Decision, ...]]


class Fold:
    """A gatherer that has handled some rows."""

    def __init__(self) -> None:
        self.folding = Folding(lambda: RULES)

    def __call__(self, tagged: Tagged, at: datetime) -> Given:
        """What is given for the row."""
        known = self.folding.known(tagged.item.id)
        changes = self.folding.judge(tagged, at)
        given = given_by(tagged, changes, known)
        self.folding.take(changes)
        return given


def undisturbed(rows: Iterable[Moment]) -> list[Given]:
    """What one gatherer gives that runs all the time."""
    fold = Fold()
    return [fold(*row) for row in rows]


def taken_over(rows: Sequence[Moment], cut: int, uncommitted: int = 0) -> list[Given]:
    """What is given where a second gatherer goes on at `cut`, the last rows before it not committed by the first."""
    first, second = Fold(), Fold()
    given = [first(*row) for row in rows[:cut]]
    committed = max(0, cut - uncommitted)
    if committed:
        since = rows[committed - 1][1] - WINDOWS_BACK * timedelta(hours=72)
        for tagged, at in rows[:committed]:
            if at >= since:
                second(tagged, at)
    return given + [second(*row) for row in rows[committed:]]


def alert_ids(given: Iterable[Given]) -> set[str]:
    """The alerts that are given, each once."""
    return {alert.id for alerts, _ in given for alert in alerts}


def verdicts(given: Iterable[Given]) -> list[tuple[set[str], list[tuple[str, str]]]]:
    """The alerts of each row and what was decided."""
    return [
        ({alert.id for alert in alerts}, [(one.rule, str(one.reason)) for one in decisions])
        for alerts, decisions in given
    ]
