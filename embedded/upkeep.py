"""What is done beside the work: watching the health of the process, and the daily care of the store."""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog

from ceasewire.alerts import State
from ceasewire.delays import ALERTS, delays
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from ceasewire.ports import Feeds
from ceasewire.views import FeedView
from desk import Health
from embedded.health import Facts, Finding, Reason, assess
from embedded.store import Store
from process.live import Live
from producers.poller import Reach

LOOK_EVERY = 2.0
"""Seconds between two looks at the health."""
AT_FIRST = 0.5
"""Seconds between two looks until all feeds were polled."""
ON_FEED_PAGE = frozenset({Reason.FEEDS_FAILING, Reason.NO_FEED_REACHED})
"""What the desk tells in its own place and not on top of every page."""
CARE_EVERY = timedelta(days=1)
FIRST_CARE = timedelta(minutes=2)
STEADY = timedelta(minutes=10)
"""How long the clock must have gone steadily before anything is removed for its age."""
JUMP = timedelta(minutes=1)
"""By more than this a clock does not differ from the time that passed, unless it was set or the machine slept."""


@dataclass(frozen=True)
class Watched:
    """What upkeep looks at."""

    store: Store
    live: Live
    feeds: Feeds
    reach: Callable[[], Reach]
    metrics: Metrics
    now: Callable[[], datetime]
    passed: Callable[[], float] = monotonic
    """Seconds of a clock that nobody sets."""


class Upkeep:
    """Keeps `findings` fresh; sets `first_round` once all feeds that were due at the start were polled.

    `unreached` is called with words when, for the first time, no feed at all can be reached.
    """

    def __init__(self, watched: Watched, unreached: Callable[[str], None]) -> None:
        self.findings: tuple[Finding, ...] = ()
        self._watched = watched
        self.first_round = asyncio.Event()
        self._unreached: Callable[[str], None] | None = unreached
        self._started = watched.now()
        self._last = Facts(now=self._started, started=self._started)
        self._seen = self._started, timedelta(seconds=watched.passed())
        self._next_care = self._seen[1] + FIRST_CARE
        self._log = structlog.get_logger()

    def polled(self, view: FeedView) -> bool:
        """Whether the feed was polled since the start."""
        return view.state.last_poll is not None and view.state.last_poll >= self._started

    def health(self) -> Health:
        """As /ready answers: what stops work makes the process unready, the rest is only named."""
        return Health(
            reasons=tuple(str(finding) for finding in self.findings if finding.stops),
            notes=tuple(str(finding) for finding in self.findings if not finding.stops),
            shown=tuple(finding.words for finding in self.findings if finding.reason not in ON_FEED_PAGE),
        )

    async def status(self) -> Mapping[str, Any]:
        """The process in figures, for the command `status`."""
        await self.look()
        facts = self._last
        healths = [view.state.health for view in facts.feeds if view.enabled]
        counts = await self._watched.store.outbox.counts()
        alerts = (await self._watched.store.alerts.alerts(limit=ALERTS)).alerts
        return {
            "pid": os.getpid(),
            "started": self._started,
            "ready": self.health().ready,
            "feeds": {health: healths.count(health) for health in sorted(set(healths))},
            "deliveries": {state.value: count for state, count in counts.items() if count},
            "delays": delays(delivery for view in alerts for delivery in view.deliveries),
            "store_bytes": await asyncio.to_thread(self._watched.store.size),
            "findings": [{"reason": finding.reason.value, "words": finding.words} for finding in self.findings],
        }

    async def run(self, stop: asyncio.Event) -> None:
        """Looks every two seconds until `stop` is set."""
        while not stop.is_set():
            await self.look()
            if self.is_care_due():
                await self.care()
            try:
                await asyncio.wait_for(stop.wait(), LOOK_EVERY if self.first_round.is_set() else AT_FIRST)
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Brings the findings and the metrics up to date; a finding that is new or gone is logged."""
        facts = self._last = await self._facts()
        before = {finding.reason for finding in self.findings}
        self.findings = assess(facts)
        after = {finding.reason for finding in self.findings}
        for finding in self.findings:
            if finding.reason not in before:
                said = finding.reason == Reason.NO_FEED_REACHED and self._unreached is not None
                self._log.warning("health", reason=finding.reason.value, words=finding.words, in_words=said)
        for reason in before - after:
            self._log.info("health_again", reason=reason.value)
        words = self._watched.reach().words
        if words and self._unreached:
            self._unreached(words)
            self._unreached = None
        if not facts.first_round and facts.feeds:
            self.first_round.set()

    async def _facts(self) -> Facts:
        store, live = self._watched.store, self._watched.live
        now = self._watched.now()
        refused = tuple(str(fault) for fault in live.refused.faults) if live.refused else ()
        free, total = await asyncio.to_thread(_disk, store)
        self._watched.metrics.store_bytes.set(await asyncio.to_thread(store.size))
        common = Facts(
            now=now,
            started=self._started,
            unreached=self._watched.reach().words is not None,
            refused=refused,
            restart=live.restart,
            disk_free=free,
            disk_total=total,
        )
        return await self._with_store(common)

    async def _with_store(self, facts: Facts) -> Facts:
        store = self._watched.store
        try:
            feeds = await self._watched.feeds.feeds()
            counts = await store.outbox.counts()
            oldest = await store.outbox.oldest_open()
            dead = await store.dead()
        except StoreError as error:
            return replace(facts, store_fault=str(error))
        due = any(_waits(view, facts) for view in feeds)
        return replace(
            facts,
            feeds=feeds,
            # A feed that comes due for the first time later on says nothing of those that were judged already.
            first_round=due and not self.first_round.is_set(),
            suspended=counts[State.SUSPENDED],
            expired=counts[State.EXPIRED],
            oldest_open=oldest,
            dead=dead,
        )

    def is_care_due(self) -> bool:
        """Whether to care for the store now. It is put off while the clock jumps: in a wrong year all would be old."""
        before, since = self._seen
        now, passed = self._seen = self._watched.now(), timedelta(seconds=self._watched.passed())
        if abs((now - before) - (passed - since)) > JUMP:
            self._log.warning("clock_jumped", seconds=round(((now - before) - (passed - since)).total_seconds()))
            self._next_care = max(self._next_care, passed + STEADY)
        return passed >= self._next_care

    async def care(self) -> None:
        """Removes what is older than it is kept, once a day; a failure is logged and tried again the next day."""
        self._next_care = timedelta(seconds=self._watched.passed()) + CARE_EVERY
        keep = self._watched.live.configuration.settings.store.keep
        try:
            removed = await self._watched.store.maintain(keep)
        except StoreError as error:
            self._log.error("care_failed", reason=str(error))
        except Exception as error:  # a bug in it must not end a process that works
            self._log.exception("care_failed", reason=type(error).__name__)
        else:
            self._log.info("care_done", items_removed=removed)


def _waits(view: FeedView, facts: Facts) -> bool:
    """Whether the feed is due and was not polled since the start."""
    polled = view.state.last_poll is not None and view.state.last_poll >= facts.started
    due = view.state.next_poll is None or view.state.next_poll <= facts.now
    return view.enabled and due and not polled


def _disk(store: Store) -> tuple[int | None, int | None]:
    try:
        usage = shutil.disk_usage(store.path.parent)
    except OSError:
        return None, None
    return usage.free, usage.total
