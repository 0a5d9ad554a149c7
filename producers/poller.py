"""The poller: which feeds are due, at most one request to a host at a time, and what came stored or kept."""

import asyncio
import contextlib
import difflib
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.errors import ConfigurationError, Fault, StoreError
from ceasewire.items import Item, Tagged
from ceasewire.metrics import Metrics
from ceasewire.pages import PageRead, settle_page
from ceasewire.polling import FeedState
from ceasewire.ports import Intake
from producers import schedule
from producers.connection import Resolve, SystemNames
from producers.hosts import Hosts, server_of
from producers.pages.queue import Pages, WantedPage
from producers.pages.reading import WebPages
from producers.parse import Bounds, Parsers
from producers.poll import Means, Polled, Terms, poll
from producers.reasons import UNREACHED, Reason, explain

_TICK_SECONDS = 0.5
_log = structlog.get_logger("poller")


@dataclass(frozen=True)
class Tuning:
    """What tests and the demo choose differently."""

    resolve: Resolve | None = None
    """Names to addresses; by default the system's resolver."""
    bounds: Bounds = field(default_factory=Bounds)
    store_retry_seconds: float = 5.0
    page_gap_seconds: float = 1.0
    """Between two pages of one site."""
    chance: random.Random | None = None


class Reach(msgspec.Struct, frozen=True):
    """How many feeds there are, were polled since the start, and were reached at their last poll."""

    feeds: int
    polled: int
    reached: int

    @property
    def words(self) -> str | None:
        """A line for the operator where every feed was tried and none reached; else None."""
        if not self.feeds or self.polled < self.feeds or self.reached:
            return None
        return f"none of {self.feeds} feeds could be reached"


class Poller:
    """Polls all feeds of a list that may change at any time."""

    def __init__(
        self,
        intake: Intake,
        feeds: Callable[[], Sequence[Feed]],
        settings: Callable[[], PollingSettings],
        metrics: Metrics,
        now: Callable[[], datetime],
        tuning: Tuning | None = None,
        tag: Callable[[Item], Tagged] | None = None,
    ) -> None:
        """`tag` tells which entries' pages are wanted; without it no page is read."""
        self._intake = intake
        self._feeds = feeds
        self._settings = settings
        self._tuning = tuning or Tuning()
        self._names = None if self._tuning.resolve else SystemNames()
        self._means = Means(
            parsers=Parsers(settings().parsers, self._tuning.bounds),
            resolve=self._tuning.resolve or self._names or SystemNames(),
            metrics=metrics,
            now=now,
            chance=self._tuning.chance or random.Random(),
            tag=tag,
        )
        self._states: dict[str, FeedState] = {}
        self._known: dict[str, Feed] = {}
        """Each feed as it was configured at its last poll."""
        self._reached: dict[str, bool] = {}
        self._heavy: set[str] = set()
        self._stuck: set[str] = set()
        self._active: dict[str, asyncio.Task[FeedState] | asyncio.Task[FeedState | None]] = {}
        self._hosts = Hosts()
        self._web = WebPages(settings, self._means.resolve, self._hosts, now, self._tuning.bounds)
        self._pages = Pages(
            self._web,
            self._settle,
            feeds if tag else tuple,
            settings,
            self._hosts,
            metrics,
            now,
            lambda: self._offline(""),
            self._tuning.page_gap_seconds,
        )
        self._freed = asyncio.Event()
        """Set where a poll ended, so that the next feed of its host may begin."""
        self.last_round: datetime | None = None
        """When all feeds were last looked through for what is due."""

    async def run(self, stop: asyncio.Event) -> None:
        """Polls until `stop` is set; what is being stored then is stored first."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._freed.set())
        reading = asyncio.create_task(self._pages.run(stop), name="pages")
        try:
            while not stop.is_set():
                await self._round()
                self.last_round = self._now()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_TICK_SECONDS):
                        await self._freed.wait()
                self._freed.clear()
                if reading.done():
                    reading.result()
        finally:
            stopping.cancel()
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self._cancel(list(self._active))

    async def read_pages(self) -> None:
        """Returns once no linked page is due; those that are tried again later are left."""
        await self._pages.read_due()

    async def check(self, feed_id: str, force: bool) -> FeedState:
        """Polls one feed now and gives the state after it; raises ConfigurationError for an unknown name.

        Without `force` a server that asked us to wait is still waited for. With it the whole document is asked
        for and read anew.
        """
        feed = self._find(feed_id)
        state = await self._state(feed)
        if not force and state and state.health == "waiting" and state.next_poll and state.next_poll > self._now():
            return state
        while (active := self._active.get(feed_id)) is not None:
            if feed_id in self._stuck:
                return self._states[feed_id]
            await asyncio.wait({active})
        task = self._begin(feed, force=force, patient=False)
        await asyncio.wait({task})
        return state or FeedState(feed=feed_id) if task.cancelled() else task.result()

    async def close(self) -> None:
        """Ends the reading children and the threads."""
        await self._pages.close()
        await self._cancel(list(self._active))
        await self._means.parsers.close()
        await self._web.close()
        if self._names is not None:
            self._names.close()

    def states(self) -> dict[str, FeedState]:
        """The last known state of each feed, without its entries."""
        return dict(self._states)

    def reach(self) -> Reach:
        """Whether the network is there at all."""
        return Reach(
            feeds=sum(feed.enabled for feed in self._feeds()),
            polled=len(self._reached),
            reached=sum(self._reached.values()),
        )

    def _now(self) -> datetime:
        return self._means.now()

    def _find(self, feed_id: str) -> Feed:
        feeds = {feed.id: feed for feed in self._feeds()}
        if feed_id not in feeds:
            near = difflib.get_close_matches(feed_id, feeds, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigurationError([Fault("feeds.yml", None, f"no feed is named {feed_id}{hint}")])
        return feeds[feed_id]

    async def _round(self) -> None:
        """Starts what is due, in the order of the last poll, new feeds first."""
        listed = {feed.id: feed for feed in self._feeds()}
        feeds = {feed_id: feed for feed_id, feed in listed.items() if feed.enabled}
        checked = {feed_id for feed_id in self._active if feed_id in listed}
        await self._forget([feed_id for feed_id in self._states if feed_id not in feeds and feed_id not in checked])
        due: list[tuple[float, Feed]] = []
        now = self._now()
        for feed in feeds.values():
            if feed.id in self._active:
                continue
            state = await self._state(feed)
            changed = self._known.setdefault(feed.id, feed) != feed
            if changed or schedule.is_due(state, now):
                due.append((state.last_poll.timestamp() if state and state.last_poll else 0.0, feed))
        room = self._settings().at_once - len(self._active) + len(self._stuck)
        busy = self._hosts.busy()
        for _, feed in sorted(due, key=lambda pair: pair[0]):
            host = server_of(feed.url)
            if room <= 0:
                break
            if host in busy:
                continue
            busy.add(host)
            room -= 1
            self._begin(feed)

    async def _state(self, feed: Feed) -> FeedState | None:
        """What is known of the feed, read from the intake when it is first met."""
        if feed.id not in self._states:
            try:
                stored = await self._intake.state(feed.id)
            except Exception as error:
                self._unstored(feed, FeedState(feed=feed.id), error)
            else:
                self._states[feed.id] = _slim(stored or FeedState(feed=feed.id))
                if stored is not None:
                    self._pages.note(stored)
        return self._states[feed.id]

    async def _forget(self, feed_ids: Sequence[str]) -> None:
        await self._cancel(feed_ids)
        for feed_id in feed_ids:
            for known in (self._states, self._known, self._reached):
                known.pop(feed_id, None)
            self._heavy.discard(feed_id)
            self._pages.forget(feed_id)

    async def _cancel(self, feed_ids: Sequence[str]) -> None:
        tasks = [self._active[feed_id] for feed_id in feed_ids if feed_id in self._active]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, feed: Feed, force: bool = False, patient: bool = True) -> "asyncio.Task[FeedState]":
        task = asyncio.create_task(self._poll(feed, force, patient), name=f"poll {feed.id}")
        self._active[feed.id] = task
        task.add_done_callback(lambda _: self._done(feed.id))
        return task

    def _done(self, feed_id: str) -> None:
        self._active.pop(feed_id, None)
        self._freed.set()

    async def _poll(self, feed: Feed, force: bool, patient: bool) -> FeedState:
        self._known[feed.id] = feed
        try:
            state = await self._intake.state(feed.id)
        except Exception as error:
            return self._unstored(feed, self._states.get(feed.id) or FeedState(feed=feed.id), error)
        try:
            terms = Terms(self._hosts, force=force, slow=self._is_slow(feed, state), offline=self._offline(feed.id))
            polled = await poll(feed, state, self._settings(), self._means, terms)
        except Exception as error:
            _log.exception("poll_failed", feed=feed.id)
            reason = Reason.OUR_FAULT
            text = explain(reason, type(error).__name__)
            known = state or FeedState(feed=feed.id)
            new = schedule.failed(feed, known, reason, text, self._now(), self._means.jitter())
            polled = Polled(new, outcome=reason.value)
        return await self._keep(feed, polled, patient)

    async def _keep(self, feed: Feed, polled: Polled, patient: bool) -> FeedState:
        """Stores what came; a store that refuses is tried again, with the same, until it takes it."""
        self._note(feed, polled)
        try:
            while True:
                try:
                    await _unbroken(self._intake.commit(polled.items, polled.state))
                except Exception as error:
                    state = self._unstored(feed, polled.state, error)
                    if not patient or not isinstance(error, StoreError):
                        return state
                    self._stuck.add(feed.id)
                    await asyncio.sleep(self._tuning.store_retry_seconds)
                else:
                    self._pages.note(polled.state)
                    return self._remember(feed, polled.state)
        finally:
            self._stuck.discard(feed.id)

    async def _settle(self, wanted: WantedPage, read: PageRead) -> bool:
        """Stores what a try to read a page came to, when no poll of its feed is under way. False where it cannot be."""
        while (active := self._active.get(wanted.feed)) is not None:
            await asyncio.wait({active})
        task = asyncio.create_task(self._store_page(wanted, read), name=f"store page of {wanted.feed}")
        self._active[wanted.feed] = task
        task.add_done_callback(lambda _: self._done(wanted.feed))
        await asyncio.wait({task})
        return not task.cancelled() and task.result() is not None

    async def _store_page(self, wanted: WantedPage, read: PageRead) -> FeedState | None:
        try:
            state = await self._intake.state(wanted.feed)
            if state is None:
                self._pages.forget(wanted.feed)
                return FeedState(feed=wanted.feed)
            settled = settle_page(state, wanted.key, wanted.entry, read, self._now())
            if settled.state is not state:
                await _unbroken(self._intake.commit((settled.item,) if settled.item else (), settled.state))
        except Exception as error:
            if not isinstance(error, StoreError):
                _log.error("page_not_stored", feed=wanted.feed, exc_info=error)
            return None
        self._pages.note(settled.state)
        known = self._states.get(wanted.feed)
        if known is not None:
            self._states[wanted.feed] = msgspec.structs.replace(known, pages=settled.state.pages)
        return settled.state

    def _note(self, feed: Feed, polled: Polled) -> None:
        self._means.metrics.polls.labels(polled.outcome).inc()
        (self._heavy.add if polled.heavy else self._heavy.discard)(feed.id)
        back = polled.reached and self._offline("")
        self._reached[feed.id] = polled.reached
        if back:
            self._hurry()

    def _is_slow(self, feed: Feed, state: FeedState | None) -> bool:
        """Whether its document may be heavy: it was before, or nothing was ever read of the feed."""
        unproven = state is None or state.last_success is None or state.reason == Reason.TOO_HEAVY
        return unproven or feed.id in self._heavy

    def _offline(self, but: str) -> bool:
        """Whether none of the feeds that were tried, of two at least, could be reached: then it is our network."""
        others = [reached for feed_id, reached in self._reached.items() if feed_id != but]
        return len(others) >= 2 and not any(others)

    def _hurry(self) -> None:
        """The network is back: what could not be reached is due now."""
        for feed_id, reached in self._reached.items():
            state = self._states.get(feed_id)
            if not reached and state is not None:
                self._states[feed_id] = msgspec.structs.replace(state, next_poll=self._now())

    def _unstored(self, feed: Feed, state: FeedState, error: Exception) -> FeedState:
        """The store did not give or take: said in memory, since it cannot be stored; tried again soon."""
        known = isinstance(error, StoreError)
        if not known:
            _log.error("store_failed", feed=feed.id, exc_info=error)
        reason = Reason.STORE_FAILED if known else Reason.OUR_FAULT
        text = explain(reason, str(error)[:200] if known else type(error).__name__)
        wait = timedelta(seconds=self._tuning.store_retry_seconds) if known else feed.interval
        return self._remember(
            feed,
            msgspec.structs.replace(
                state,
                health="failing",
                reason=reason.value,
                detail=text,
                last_poll=self._now(),
                next_poll=self._now() + wait,
            ),
        )

    def _remember(self, feed: Feed, state: FeedState) -> FeedState:
        """Keeps the state for the page, and logs a change of it once."""
        before = self._states.get(feed.id)
        self._states[feed.id] = _slim(state)
        if before is not None and before.reason != state.reason:
            if state.reason:
                # without any network the summary says it; a line for each feed would bury that
                ours = state.reason in UNREACHED and not any(self._reached.values())
                say = _log.debug if ours else _log.warning
                say("feed_trouble", feed=feed.id, health=state.health, reason=state.reason, detail=state.detail)
            else:
                _log.info("feed_well_again", feed=feed.id)
        gauge = self._means.metrics.feeds
        healths = [known.health for known in self._states.values()]
        for health in ("new", "ok", "empty", "quiet", "failing", "waiting"):
            gauge.labels(health).set(healths.count(health))
        return _slim(state)


def _slim(state: FeedState) -> FeedState:
    return msgspec.structs.replace(state, entries={}, aliases={})


async def _unbroken(commit: Coroutine[Any, Any, None]) -> None:
    """Awaits a commit to its end, also where we are told to stop in its midst."""
    task = asyncio.create_task(commit)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        with contextlib.suppress(Exception):
            await asyncio.wait({task})
        raise
