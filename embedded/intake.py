"""Takes what a poll brought into the store: tags, stories, decisions, alerts and deliveries in one transaction."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter

import msgspec
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

Word = Callable[[Alert, Tagged, Story, Channel], str]
"""Words an alert for a channel: the JSON body to post."""


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

    async def _prepare(self, items: Sequence[Item]) -> tuple[list[Row], Engine]:
        """The rows of the items, oldest first, made in a thread of their own, by one engine."""
        engine = self._engine()
        if not items:
            return [], engine
        rows = await asyncio.get_running_loop().run_in_executor(
            self._tagging, lambda: [prepare(self._tag(item, engine)) for item in sorted(items, key=_age)]
        )
        return rows, engine

    def _tag(self, item: Item, engine: Engine) -> Tagged:
        """The tagged item, with the enabled rules that it meets: one that is off brings nothing into a story.

        An item that breaks the tagger is stored untagged, so that it holds up nothing.
        """
        start = perf_counter()
        try:
            tagged = engine.tagger.tag(item)
            met = tuple(hit for hit in tagged.rules if hit.rule in engine.rules and engine.rules[hit.rule].enabled)
            return tagged if met == tagged.rules else msgspec.structs.replace(tagged, rules=met)
        except Exception:
            structlog.get_logger().exception("item_not_tagged", item=item.id)
            return Tagged(item=item, edition=engine.edition, language="und")
        finally:
            self._metrics.stage.labels("tag").observe(perf_counter() - start)

    async def _commit(
        self, rows: Sequence[Row], engine: Engine, state: FeedState | None, imported: bool, came: _Came | None = None
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

    def _take(self, taking: _Taking, rows: Sequence[Row]) -> None:
        if self._gathered is None:
            self._gathered = restore(taking.connection, taking.engine, taking.now)
        if self._gathered.members:
            gathering.forget(self._gathered, taking.now)
        for row in rows:
            outcome = put(taking.connection, row, taking.now)
            taking.came.puts[outcome] += 1
            if outcome == "known":
                continue
            taking.came.rows.append(row.tagged)
            if row.tagged.gathered:
                self._try(taking, row.tagged, edited=outcome == "edited")

    def _try(self, taking: _Taking, tagged: Tagged, edited: bool) -> None:
        """Gathers the item; one that breaks gathering or wording is noted as dead, so that it holds up nothing."""
        connection = taking.connection
        connection.execute("SAVEPOINT item")
        try:
            self._gather(taking, tagged, edited)
        except (sqlite3.Error, MemoryError):
            raise
        except Exception as error:
            structlog.get_logger().exception("item_not_gathered", item=tagged.item.id)
            connection.execute("ROLLBACK TO item")
            put_dead(connection, "gather", tagged, taking.now, f"{type(error).__name__}: {error}"[:500])
            self._gathered = restore(connection, taking.engine, taking.now)
        connection.execute("RELEASE item")

    def _forget(self) -> None:
        """After a failed transaction: the state in memory may be ahead of the store, so it is restored from there."""
        self._gathered = None

    def _gather(self, taking: _Taking, tagged: Tagged, edited: bool) -> None:
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
        taking.came.decisions += [one for one in changed.decisions if put_decision(connection, one)]
        for alert in changed.alerts:
            if put_alert(connection, alert):
                taking.came.alerts.append(alert)
                self._open(taking, alert, tagged, changed)
        self._metrics.stage.labels("gather").observe(perf_counter() - start)

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


def _age(item: Item) -> datetime:
    return item.at


def restore(connection: sqlite3.Connection, engine: Engine, now: datetime) -> Gathered:
    """The state of gathering as the store has it: what the window and the longest rule look back on."""
    since = now - gathering.window(engine.rules)
    return Gathered.restore(members_since(connection, since), stories_since(connection, since))


def put_dead(connection: sqlite3.Connection, stage: str, tagged: Tagged, now: datetime, reason: str) -> None:
    """Notes an item that a stage could not handle."""
    connection.execute(
        "INSERT OR REPLACE INTO dead (stage, item, rev, at, reason) VALUES (?, ?, ?, ?, ?)",
        (stage, tagged.item.id, tagged.item.rev, to_ms(now), reason),
    )
