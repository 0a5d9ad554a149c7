"""Takes what a poll brought into the store: tags, stories, decisions, alerts and deliveries in one transaction."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import TypeVar

import structlog

from ceasewire import gathering
from ceasewire.alerts import Alert, Decision
from ceasewire.config.channels import Channel
from ceasewire.deliveries import open_delivery
from ceasewire.engine import Engine
from ceasewire.gathering import Gathered, Gathering
from ceasewire.items import Item, Tagged
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from embedded.store import Store
from embedded.store.feed_rows import FeedRows
from embedded.store.gathered import (
    member_of,
    members_since,
    open_deliveries,
    put_alert,
    put_decision,
    put_members,
    put_stories,
    stories_since,
)
from embedded.store.rows import Row, prepare, put, without_known
from embedded.store.times import to_ms
from embedded.store.unreadable import note

T = TypeVar("T")
Word = Callable[[Alert, Tagged, Story, Channel], str]
"""Words an alert for a channel: the JSON body to post."""
_LARGEST = 2**63 - 1
"""The largest number that a column holds."""


@dataclass(frozen=True)
class _Ready:
    """An item ready to be stored, with the stages that could not handle it and why."""

    item: Item
    row: Row | None
    """None where not even an untagged row could be made."""
    faults: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Given:
    """What gathering one item gave that was not stored yet."""

    decisions: Sequence[Decision]
    alerts: Sequence[Alert]


@dataclass
class _Came:
    """What one transaction stored, for the metrics after it."""

    rows: list[Tagged] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    puts: dict[str, int] = field(default_factory=lambda: {"new": 0, "edited": 0, "known": 0})


@dataclass(frozen=True)
class _Taking:
    """What every step of one transaction needs."""

    connection: sqlite3.Connection
    engine: Engine
    now: datetime
    imported: bool
    came: _Came


class SqliteIntake:
    """Implements `ports.Intake` over the store."""

    def __init__(
        self, store: Store, engine: Callable[[], Engine], word: Word, now: Callable[[], datetime], metrics: Metrics
    ) -> None:
        self._store = store
        self._engine = engine
        self._word = word
        self._now = now
        self._metrics = metrics
        self._tagging = ThreadPoolExecutor(1, thread_name_prefix="tagging")
        self._feeds = FeedRows()
        self._gathered: Gathered | None = None
        """Belongs to the writer's thread; None = to be restored from the store."""

    async def state(self, feed: str) -> FeedState | None:
        """What is remembered of the feed."""
        return await self._store.feed_state(feed)

    async def commit(self, items: Sequence[Item], state: FeedState) -> None:
        """Everything of the poll, or nothing: the items and, last, the feed's state. Raises StoreError."""
        rows, engine = await self._prepare(items)
        mark = await self._commit(rows, engine, state, imported=False)
        if mark:
            self._feeds.settle(mark)

    async def import_items(self, items: Sequence[Item]) -> dict[str, int]:
        """Stores items that no feed brought, oldest first; they raise no alert. Gives how many were new or known.

        An item whose text is stored already counts as known, whatever its revision. Raises StoreError.
        """
        fresh = await self._store.read(lambda connection: without_known(connection, items))
        came = _Came()
        came.puts["known"] = len(items) - len(fresh)
        if fresh:
            rows, engine = await self._prepare(fresh)
            await self._commit(rows, engine, None, imported=True, came=came)
        return came.puts

    def close(self) -> None:
        """Ends the tagging thread."""
        self._tagging.shutdown()

    async def _prepare(self, items: Sequence[Item]) -> tuple[list[_Ready], Engine]:
        """The rows of the items, oldest first, made in a thread of their own, by one engine."""
        engine = self._engine()
        if not items:
            return [], engine
        rows = await asyncio.get_running_loop().run_in_executor(
            self._tagging, lambda: [self._ready(item, engine) for item in sorted(items, key=_age)]
        )
        return rows, engine

    def _ready(self, item: Item, engine: Engine) -> _Ready:
        """The row of the item. One that breaks the tagger is stored untagged, so that it holds up nothing."""
        faults = []
        tagged = untagged = Tagged(item=item, edition=engine.edition, language="und")
        try:
            tagged = self._tag(item, engine)
        except Exception as error:
            faults.append(_fault("tag", item, error))
        for one in (tagged, untagged):
            try:
                return _Ready(item, prepare(one), tuple(faults))
            except Exception as error:
                faults.append(_fault("prepare", item, error))
        return _Ready(item, None, tuple(faults))

    def _tag(self, item: Item, engine: Engine) -> Tagged:
        start = perf_counter()
        try:
            return engine.tag(item)
        finally:
            self._metrics.stage.labels("tag").observe(perf_counter() - start)

    async def _commit(
        self, rows: Sequence[_Ready], engine: Engine, state: FeedState | None, imported: bool, came: _Came | None = None
    ) -> tuple[str, int] | None:
        came = came or _Came()
        start = perf_counter()

        def job(connection: sqlite3.Connection) -> tuple[str, int] | None:
            if rows:
                self._take(_Taking(connection, engine, self._now(), imported, came), rows)
            return self._feeds.put(connection, state) if state else None

        mark = await self._store.write(job, undone=self._forget)
        if rows:
            self._metrics.stage.labels("store").observe(perf_counter() - start)
            self._count(came)
        return mark

    def _take(self, taking: _Taking, rows: Sequence[_Ready]) -> None:
        since = taking.now - gathering.window(taking.engine.rules)
        if self._gathered is not None and self._gathered.members:
            gathering.forget(self._gathered, taking.now)
        # what was let go of is wanted again where a rule looks farther back by now, or the clock was set back
        if self._gathered is None or not self._gathered.reaches(since):
            self._gathered = restore(taking.connection, taking.engine, taking.now)
        for ready in rows:
            for stage, reason in ready.faults:
                put_dead(taking.connection, stage, reason, ready.item, taking.now)
            if ready.row is not None:
                self._put(taking, ready.row)

    def _put(self, taking: _Taking, row: Row) -> None:
        """Stores the row and gathers its item."""
        tagged, came = row.tagged, taking.came
        outcome = self._try(taking, "store", tagged.item, lambda: put(taking.connection, row, taking.now))
        if outcome is None:
            return
        came.puts[outcome] += 1
        if outcome == "known":
            return
        came.rows.append(tagged)
        if tagged.gathered:
            given = self._try(taking, "gather", tagged.item, lambda: self._gather(taking, tagged, outcome == "edited"))
            if given is None:
                self._gathered = restore(taking.connection, taking.engine, taking.now)
            else:
                came.decisions += given.decisions
                came.alerts += given.alerts

    def _try(self, taking: _Taking, stage: str, item: Item, step: Callable[[], T]) -> T | None:
        """What the step gives. None: it broke, was undone, and the item noted as dead, so that it holds up nothing.

        What the database itself reports fails the whole transaction.
        """
        connection = taking.connection
        connection.execute("SAVEPOINT item")
        given = None
        try:
            given = step()
        except (sqlite3.Error, MemoryError):
            raise
        except Exception as error:
            connection.execute("ROLLBACK TO item")
            put_dead(connection, *_fault(stage, item, error), item, taking.now)
        connection.execute("RELEASE item")
        return given

    def _forget(self) -> None:
        """After a failed transaction: the state in memory may be ahead of the store, so it is restored from there."""
        self._gathered = None

    def _gather(self, taking: _Taking, tagged: Tagged, edited: bool) -> _Given:
        """Stores what the item changes; gives what of it is new."""
        start = perf_counter()
        state, connection = self._gathered, taking.connection
        assert state is not None  # _take restored it
        before = None if tagged.item.id in state.members else member_of(connection, tagged.item.id)
        if before is not None:
            state.remember(*before)
        changed = gathering.gather(
            state,
            tagged,
            taking.engine.rules,
            taking.now,
            imported=taking.imported,
            # the store keeps what was gathered of an item for as long as the item
            ungathered=edited and before is None,
        )
        gathering.apply(state, changed)
        put_members(connection, changed.members)
        put_stories(connection, changed.stories)
        decisions = [one for one in changed.decisions if put_decision(connection, one)]
        alerts = [one for one in changed.alerts if put_alert(connection, one)]
        for alert in alerts:
            self._open(taking, alert, tagged, changed)
        self._metrics.stage.labels("gather").observe(perf_counter() - start)
        return _Given(decisions, alerts)

    def _open(self, taking: _Taking, alert: Alert, tagged: Tagged, changed: Gathering) -> None:
        """One delivery for each channel of the alert that there is; the desk needs none."""
        story = next(story for story in changed.stories if story.id == alert.story)
        known = taking.engine.channels
        channels = [known[name] for name in alert.channels if name in known]
        open_deliveries(
            taking.connection,
            [
                open_delivery(alert, channel, self._word(alert, tagged, story, channel), tagged, taking.now)
                for channel in channels
            ],
        )

    def _count(self, came: _Came) -> None:
        for tagged in came.rows:
            self._metrics.items.labels(tagged.language).inc()
            if tagged.gathered:
                self._metrics.gathered.inc()
        for decision in came.decisions:
            self._metrics.decisions.labels(str(decision.action), str(decision.reason)).inc()
        for alert in came.alerts:
            self._metrics.alerts.labels(alert.rule).inc()


def _fault(stage: str, item: Item, error: Exception) -> tuple[str, str]:
    """The stage and what went wrong in it, which is a fault of ours: the log holds where."""
    structlog.get_logger().error("item_not_handled", stage=stage, item=item.id, exc_info=error)
    return stage, f"{type(error).__name__}: {error}"[:500]


def _age(item: Item) -> datetime:
    return item.at


def restore(connection: sqlite3.Connection, engine: Engine, now: datetime) -> Gathered:
    """The state of gathering as the store has it: what the window and the longest rule look back on."""
    since = now - gathering.window(engine.rules)
    unread: dict[str, str] = {}
    members, stories = members_since(connection, since, unread), stories_since(connection, since, unread)
    note(connection, unread, now)
    return Gathered.restore(members, stories, since)


def put_dead(connection: sqlite3.Connection, stage: str, reason: str, item: Item, now: datetime) -> None:
    """Notes an item that a stage could not handle."""
    connection.execute(
        "INSERT OR REPLACE INTO dead (stage, item, rev, at, reason) VALUES (?, ?, ?, ?, ?)",
        (stage, item.id, min(item.rev, _LARGEST), to_ms(now), reason.encode("utf-8", "replace").decode()),
    )
