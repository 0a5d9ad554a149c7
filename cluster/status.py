"""How the cluster is: values, and in words what is wrong with them. Nothing is asked here."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

OLD = timedelta(seconds=60)
"""A row that is unhandled for longer is named."""
POLLS_LATE = timedelta(minutes=5)
"""How long after the time of its next poll a feed may wait before polling counts as stalled."""
NAMED = 5
"""How many of a kind are named one by one."""


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A partition that a stage reads."""

    topic: str
    partition: int
    next: int
    """Offset of the row that the stage handles next."""
    end: int
    oldest: float | None = None
    """Age in seconds of the oldest row that is not handled."""
    worker: str | None = None
    """Who reads it now."""

    @property
    def lag(self) -> int:
        """Rows that are not handled; of a compacted topic some of them may be gone."""
        return max(self.end - self.next, 0)


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A stage with its partitions and workers."""

    name: str
    partitions: tuple[Partition, ...]
    workers: tuple[str, ...] = ()

    @property
    def lag(self) -> int:
        """Rows that are not handled."""
        return sum(one.lag for one in self.partitions)

    @property
    def oldest(self) -> float | None:
        """Age in seconds of the oldest row that is not handled."""
        return max((one.oldest for one in self.partitions if one.oldest is not None), default=None)


class FeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """What the topic `feeds` says of a configured feed."""

    feed: str
    health: str = "new"
    reason: str = ""
    last_poll: datetime | None = None
    next_poll: datetime | None = None


class DeadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter that nobody has replayed."""

    key: str
    stage: str
    reason: str
    detail: str
    at: datetime


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong, or a note: a name and words."""

    reason: str
    words: str
    note: bool = False
    """To be known, though the cluster does its work: feeds of others fail every day."""

    def __str__(self) -> str:
        return f"{self.reason}: {self.words}"


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found at one time."""

    at: datetime
    brokers: str
    edition: int | None = None
    missing: tuple[str, ...] = ()
    """Topics that there are not, with the prefix."""
    stages: tuple[Stage, ...] = ()
    feeds: tuple[FeedLine, ...] = ()
    dead: tuple[DeadLine, ...] = ()
    """Oldest first."""
    dead_unread: int = 0
    """Older rows of the topic `dead` that were not looked at."""
    index: Mapping[str, int] = {}
    """Documents in the index, by kind."""
    unfilled: tuple[str, ...] = ()
    """Indices that are being built, or were left half built."""
    faults: tuple[Finding, ...] = ()
    """What could not be asked."""

    @property
    def health(self) -> dict[str, int]:
        """Feeds by health."""
        counts: dict[str, int] = {}
        for line in self.feeds:
            counts[line.health] = counts.get(line.health, 0) + 1
        return counts

    @property
    def dead_by(self) -> dict[str, int]:
        """Dead letters by stage and reason."""
        counts: dict[str, int] = {}
        for line in self.dead:
            name = f"{line.stage} {line.reason}"
            counts[name] = counts.get(name, 0) + 1
        return counts


def findings(status: Status) -> tuple[Finding, ...]:
    """What is wrong, the gravest first and notes last; nothing where all is well."""
    found = (
        *status.faults,
        *_missing(status.missing),
        *_polling(status),
        *_failing(status),
        *(found for stage in status.stages for found in _stage(stage)),
        *_dead(status),
        *_unfilled(status.unfilled),
    )
    return tuple(sorted(found, key=lambda one: one.note))


def _missing(missing: Sequence[str]) -> Iterator[Finding]:
    if missing:
        names = ", ".join(missing)
        yield Finding("topic_missing", f"there is no topic {names}: ceasewire cluster setup makes it")


def _stage(stage: Stage) -> Iterator[Finding]:
    idle = [one for one in stage.partitions if one.lag and one.worker is None]
    if idle and not stage.workers:
        lag = sum(one.lag for one in idle)
        yield Finding("no_worker", f"nobody works on {stage.name}; {waiting(lag)}")
    elif idle:
        names = _some([f"{one.topic}/{one.partition}" for one in idle])
        yield Finding("no_worker", f"{stage.name}: nobody has {names}, though rows wait there")
    if stage.oldest is not None and stage.oldest > OLD.total_seconds():
        words = f"{stage.name} is behind: {waiting(stage.lag)}, the oldest for {span(stage.oldest)}"
        yield Finding("behind", words)


def _polling(status: Status) -> Iterator[Finding]:
    late = [one for one in status.feeds if one.next_poll and status.at - one.next_poll > POLLS_LATE]
    if late and len(late) == sum(one.next_poll is not None for one in status.feeds):
        newest = max((one.last_poll for one in status.feeds if one.last_poll), default=None)
        ago = f", last {span((status.at - newest).total_seconds())} ago" if newest else ""
        yield Finding("polling_stalled", f"no producer polls{ago}: python -m producers")
    elif late:
        words = f"{len(late)} of {len(status.feeds)} feeds were not polled when they were due: {_some(_names(late))}"
        yield Finding("polls_late", f"{words}; is there a producer for each share?")
    if status.feeds and all(one.last_poll is None for one in status.feeds) and not status.missing:
        yield Finding("never_polled", "no feed was ever polled: python -m producers")


def _failing(status: Status) -> Iterator[Finding]:
    failing = [one for one in status.feeds if one.health == "failing"]
    if failing:
        named = _some([f"{one.feed} ({one.reason})" if one.reason else one.feed for one in failing])
        words = f"{len(failing)} of {len(status.feeds)} feeds fail: {named}"
        polled = sum(one.health != "new" for one in status.feeds)
        yield Finding("feeds_failing", words, note=2 * len(failing) <= polled)


def _unfilled(indices: Sequence[str]) -> Iterator[Finding]:
    if indices:
        words = f"not filled to the end: {_some(indices)}; where none is at it, ceasewire cluster reindex goes on"
        yield Finding("index_unfilled", words, note=True)


def _dead(status: Status) -> Iterator[Finding]:
    if status.dead:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(status.dead_by.items()))
        letters = "1 dead letter" if len(status.dead) == 1 else f"{len(status.dead):,} dead letters"
        yield Finding("dead_letters", f"{letters} ({counts}): ceasewire cluster dead list")


def _names(feeds: Sequence[FeedLine]) -> list[str]:
    return [one.feed for one in feeds]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def waiting(rows: int) -> str:
    """How many rows wait, in words."""
    return "1 row waits" if rows == 1 else f"{rows:,} rows wait"


def span(seconds: float) -> str:
    """A length of time as people read it."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min"
    return f"{whole // 3600} h" if whole < 172_800 else f"{whole // 86_400} d"
