"""The stage of the gatherer: tagged items become stories, and rules that are met become decisions and alerts."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from time import perf_counter

import structlog

from ceasewire import topics
from ceasewire.alerts import Alert, Decision
from ceasewire.codec import encode
from ceasewire.config.channels import Channel
from ceasewire.config.rules import Rule
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Dispatch, Judgement
from ceasewire.gathering import Gathering
from ceasewire.identity import decision_id
from ceasewire.items import Tagged
from ceasewire.metrics import Metrics
from ceasewire.stories import Member
from streams.decoding import decoded
from streams.folding import Folding
from streams.stage import Handled, Output, Row, Unfit
from streams.warmup import Warmup

PARTITION = 0
"""`relevant` has this one only: stories may cross all that could divide it."""


class Gatherer:
    """The stage `gather`: implements `stage.Stage`. One worker has the partition, the others stand by."""

    name = "gather"
    source = topics.RELEVANT

    def __init__(
        self,
        settings: KafkaSettings,
        rules: Callable[[], Mapping[str, Rule]],
        channels: Callable[[], Mapping[str, Channel]],
        metrics: Metrics,
    ) -> None:
        self._folding = Folding(rules)
        self._channels = channels
        self._metrics = metrics
        self._warmup = Warmup(
            settings, self.source, self.name, self._fold, lambda: self._folding.window, self._folding.renew
        )

    @property
    def outdated(self) -> bool:
        """Whether a rule looks farther back than what is known reaches."""
        return self._folding.outdated

    def handle(self, row: Row) -> Handled | Unfit:
        """What the item changes and brings about. What was given before is given again: it may not have arrived."""
        tagged = decoded(row.value, Tagged)
        if isinstance(tagged, Unfit):
            return tagged
        known = self._folding.known(tagged.item.id)
        changes = self._folding.judge(tagged, row.at)
        given = given_by(tagged, changes, known)
        outputs = tuple(outputs_of(tagged, changes, *given, self._channels()))
        return Handled(outputs, partial(self._done, row, changes, *given))

    async def assigned(self, partitions: frozenset[int]) -> None:
        """Reads what it must know before the first row, or stands by."""
        if PARTITION not in partitions:
            self._warmup.follow()
            return
        start = perf_counter()
        rows = await self._warmup.work()
        seconds = round(perf_counter() - start, 2)
        log, members = structlog.get_logger(), len(self._folding.state.members)
        log.info("warmed_up", rows=rows, members=members, through=self._warmup.through, seconds=seconds)

    async def revoked(self, partitions: frozenset[int]) -> None:
        """What it knows stays true: it is a function of the log."""

    async def close(self) -> None:
        """Lets go of the broker."""
        await self._warmup.close()

    def _fold(self, row: Row) -> None:
        """As `handle` and `done`, with nothing given: all of it is at the broker."""
        tagged = decoded(row.value, Tagged)
        if isinstance(tagged, Unfit):
            return
        try:
            self._folding.take(self._folding.judge(tagged, row.at))
        except MemoryError:
            raise
        except Exception as error:  # it became a dead letter when it came live
            structlog.get_logger().error("row_not_folded", offset=row.offset, exc_info=error)

    def _done(self, row: Row, changes: Gathering, alerts: tuple[Alert, ...], decisions: tuple[Decision, ...]) -> None:
        self._folding.take(changes)
        self._warmup.took(row)
        if changes.again:
            return
        for decision in decisions:
            self._metrics.decisions.labels(str(decision.action), str(decision.reason)).inc()
        for alert in alerts:
            self._metrics.alerts.labels(alert.rule).inc()


def given_by(
    tagged: Tagged, changes: Gathering, known: Member | None
) -> tuple[tuple[Alert, ...], tuple[Decision, ...]]:
    """The alerts and decisions that are written for the row.

    What is kept of an item has been written, since it is kept only then. So an edit writes what is new; a repeat writes
    again what came of the same text, whose words are those of this row.
    """
    if known is None:
        return changes.alerts, changes.decisions
    if changes.again:
        return tuple(alert for alert in changes.alerts if alert.rev == known.rev), changes.decisions
    before = {alert.id for alert in known.alerts}
    alerts = tuple(alert for alert in changes.alerts if alert.id not in before)
    return alerts, tuple(decision for decision in changes.decisions if decision not in known.decisions)


def outputs_of(
    tagged: Tagged,
    changes: Gathering,
    alerts: tuple[Alert, ...],
    decisions: tuple[Decision, ...],
    channels: Mapping[str, Channel],
) -> Iterator[Output]:
    """Rows of stories, alerts and dispatch; last what sends something out."""
    stories = {story.id: story for story in changes.stories}
    for story in changes.stories:
        yield Output(topics.STORIES, story.id.encode(), encode(story))
    for decision in decisions:
        key = decision_id(decision.item, decision.rule, decision.rev).encode()
        yield Output(topics.ALERTS, key, encode(Judgement(decision=decision, title=tagged.item.title)))
    for alert in alerts:
        yield Output(topics.ALERTS, alert.id.encode(), encode(Judgement(alert=alert, tagged=tagged)))
        if alert.story not in stories:
            continue  # a repeat of what was forgotten
        for name in alert.channels:
            if name in channels:  # the desk needs none, and one that was taken out gets none
                dispatch = Dispatch(channel=name, alert=alert, tagged=tagged, story=stories[alert.story])
                yield Output(topics.DISPATCH, name.encode(), encode(dispatch))
