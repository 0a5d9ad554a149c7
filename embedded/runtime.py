"""The embedded edition: all parts of Ceasewire in one process over one SQLite file."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog

import desk
from ceasewire.alerts import Alert
from ceasewire.config.channels import Channel
from ceasewire.errors import CeasewireError, StoreError
from ceasewire.items import Tagged
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from ceasewire.views import FeedView
from embedded.actions import Parts, RunningActions, Status, answers
from embedded.intake import SqliteIntake
from embedded.search import SqlitePairs, SqliteSearch
from embedded.socket import Answer, Server, ask
from embedded.store import Store, open_store
from embedded.store.lock import hold
from embedded.store.reader import SqliteItems
from embedded.upkeep import Upkeep, Watched
from process.configuration import Configuration, read_configuration
from process.feed_views import ConfiguredFeeds
from process.first_start import write_schemas, write_starter
from process.listening import address_of, open_port, serve
from process.live import Live, look, watch
from process.places import Places
from process.supervision import Tasks
from producers.pages.reading import page_tagger
from producers.poller import Poller
from streams.notify.senders import Senders
from streams.notify.sending import Sending
from streams.notify.wording import GoneRule, word

PAGES_SECONDS = 60.0
"""How long `poll_all` waits for linked pages."""


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


async def no_sample_day() -> str:
    """Refuses: there is no sample day inside the sample day."""
    raise CeasewireError("the sample day cannot be played from here: ceasewire demo")


@dataclass(frozen=True)
class Options:
    """How this run differs from what the configuration says."""

    port: int | None = None
    """Port of the desk instead of the one in the settings; 0 takes a free one."""
    sample: bool = False
    """Marks everything as the sample day."""
    play: Callable[[], Awaitable[str]] = no_sample_day
    """Starts the sample day and gives the address of its desk."""
    on_configuration: Callable[[Configuration], None] = lambda _: None
    """Called with each configuration that is taken, the first one too, as for the logs."""


class Runtime:
    """One running Ceasewire. `start` brings all parts up and fills `address`; `stop` ends them gracefully."""

    def __init__(
        self,
        places: Places,
        environ: Mapping[str, str],
        options: Options | None = None,
        say: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self.address = ""
        """Address of the desk, ending in a slash."""
        self.answers: dict[str, Answer] = {}
        """Further requests for the socket, to be put in before the start."""
        self.metrics = Metrics()
        self._places = places
        self._environ = environ
        self._options = options or Options()
        self._say = say
        self._now = now
        self._tasks = Tasks()
        self._held = AsyncExitStack()
        self._running: _Running | None = None
        self._log = structlog.get_logger()

    async def start(self) -> None:
        """Brings all parts up; raises CeasewireError in words where one cannot be, and then holds nothing."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def wait(self) -> str | None:
        """Waits until it shall end; gives None, or which part died of what."""
        await self._tasks.ended.wait()
        return self._tasks.died

    def ask_to_stop(self) -> None:
        """Lets `wait` return; may be called from a signal."""
        self._tasks.ask_to_stop()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to end."""
        return self._tasks.stop.is_set()

    async def first_round(self) -> None:
        """Returns once each feed that was due at the start was polled, or it shall end."""
        assert self._running is not None
        over = asyncio.create_task(self._running.upkeep.first_round.wait())
        ended = asyncio.create_task(self._tasks.ended.wait())
        await asyncio.wait({over, ended}, return_when=asyncio.FIRST_COMPLETED)
        for task in (over, ended):
            task.cancel()

    async def poll_all(self) -> None:
        """Polls each feed that is on once, but not those that were polled since the start already; reads their pages.

        What takes longer is left: a page stays wanted.
        """
        await self.first_round()
        assert self._running is not None
        running = self._running
        waiting = asyncio.Semaphore(running.live.configuration.settings.polling.at_once)

        async def poll(feed: str) -> None:
            async with waiting:
                await running.poller.check(feed, False)

        views = [view for view in await self.feeds() if view.enabled]
        await asyncio.gather(*(poll(view.source.feed) for view in views if not running.upkeep.polled(view)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PAGES_SECONDS):
                await running.poller.read_pages()

    async def nothing_due(self) -> None:
        """Returns once no delivery is due or under way."""
        assert self._running is not None
        while await self._running.store.outbox.due(self._now(), 1):
            try:
                await asyncio.wait_for(self._tasks.stop.wait(), 0.1)
            except TimeoutError:
                continue
            return

    async def feeds(self) -> Sequence[FeedView]:
        """Every configured feed with its state."""
        assert self._running is not None
        return await self._running.feeds.feeds()

    async def stop(self) -> None:
        """Finishes what is in hand within ten seconds and lets go of everything; may be called twice."""
        await self._tasks.finish()
        await self._held.aclose()

    async def _start(self) -> None:
        self._make_folder()
        try:
            self._held.enter_context(hold(self._places.lock))
        except StoreError as error:
            raise StoreError(f"{error}{await asyncio.to_thread(_where_it_runs, self._places)}") from None
        seen = await asyncio.to_thread(look, self._places, self._environ)
        first = await asyncio.to_thread(read_configuration, self._places, self._environ)
        self._options.on_configuration(first)
        if not any(feed.enabled for feed in first.feeds):
            self._say(f"no feeds: nothing is polled until {self._places.config / 'feeds.yml'} names one")
        settings = first.settings
        port = settings.desk.port if self._options.port is None else self._options.port
        listening = open_port(settings.desk.host, port)
        self._held.callback(listening.close)
        self.address = address_of(listening)
        live = Live(self._places, self._environ, first, self.metrics)
        live.on_taken.append(lambda _, new: self._options.on_configuration(new))
        store = await asyncio.to_thread(open_store, self._places.store, self._now)
        self._held.callback(store.close)
        parts, poller, sending = self._work(store, live)
        actions = RunningActions(parts, self._options.play)
        feeds = ConfiguredFeeds(
            lambda: live.configuration.feeds,
            lambda: _states(store, poller),
            self._now,
            lambda: live.configuration.secrets,
        )
        upkeep = Upkeep(Watched(store, live, feeds, poller.reach, self.metrics, self._now), self._unreached)
        self._running = _Running(store, live, feeds, poller, upkeep)
        ports = desk.Ports(
            search=SqliteSearch(store),
            items=SqliteItems(store.readers, lambda: _rules(live)),
            stories=store.stories,
            pairs=SqlitePairs(store),
            alerts=store.alerts,
            feeds=feeds,
            changes=store.changes,
            actions=actions,
        )
        site = desk.build(
            ports,
            settings.desk,
            lambda: live.configuration.engine.names,
            sample=self._options.sample,
            metrics=self.metrics,
            health=upkeep.health,
            now=self._now,
        )
        server = Server(self._places.socket, {**answers(actions, parts, self._status(upkeep)), **self.answers})
        try:
            await server.start()
            self._held.push_async_callback(server.stop)
        except OSError as error:  # some file systems know no sockets; all else works
            self._log.warning("no_socket", why=error.strerror, words="commands cannot speak with this process")
        await upkeep.look()
        tasks, stop = self._tasks, self._tasks.stop
        tasks.start("desk", serve(site, listening, stop))
        tasks.start("poller", poller.run(stop))
        tasks.start("sending", sending.run(stop))
        tasks.start("waking", _wake(store, sending, stop))
        tasks.start("watch", watch(self._places, self._environ, stop, live.reload, seen))
        tasks.start("upkeep", upkeep.run(stop))
        self._log.info("started", address=self.address, sample=self._options.sample or None, in_words=True)

    def _make_folder(self) -> None:
        """The first start makes config/; later ones keep the schemas in it current."""
        config = self._places.config
        try:
            if not config.exists() or not any(config.iterdir()):
                self._say(f"{len(write_starter(self._places))} files were made in {config}")
            elif (config / ".schemas").exists():
                write_schemas(config)
        except OSError as error:
            if not config.exists():
                words = f"cannot make {config}: {error.strerror}; choose another folder with --config"
                raise CeasewireError(words) from None
            self._log.warning("config_not_written", folder=str(config), why=error.strerror)

    def _work(self, store: Store, live: Live) -> tuple[Parts, Poller, Sending]:
        """What polls, takes in and sends."""
        intake = SqliteIntake(
            store, lambda: live.configuration.engine, lambda *of: self._word(live, *of), self._now, self.metrics
        )
        self._held.callback(intake.close)
        poller = Poller(
            intake,
            lambda: live.configuration.feeds,
            lambda: live.configuration.settings.polling,
            self.metrics,
            self._now,
            tag=page_tagger(
                lambda item: live.configuration.engine.tag(item),
                live.configuration.feeds,
                live.configuration.settings.polling,
            ),
        )
        self._held.push_async_callback(poller.close)
        senders = Senders(lambda: live.configuration.settings.alerts.timeout)
        self._held.push_async_callback(senders.close)
        sending = Sending(
            store.outbox,
            senders,
            lambda: live.configuration.channels_by_id,
            self.metrics,
            self._now,
            backlog=store.outbox,
        )
        live.on_taken.append(lambda _, __: sending.wake())
        return Parts(store, live, poller, sending, senders, intake, self._now), poller, sending

    def _word(self, live: Live, alert: Alert, tagged: Tagged, story: Story, channel: Channel) -> str:
        configuration = live.configuration
        settings = configuration.settings
        public = settings.desk.public_url
        names = configuration.engine.names
        rule = configuration.engine.rules.get(alert.rule) or GoneRule(alert.rule, alert.rule)
        return word(alert, tagged, story, rule, channel, names, settings.alerts, public)

    def _status(self, upkeep: Upkeep) -> Status:
        async def status() -> Mapping[str, Any]:
            return {"address": self.address, **await upkeep.status()}

        return status

    def _unreached(self, words: str) -> None:
        self._say(f"{words}; see it work without a network: make demo")


def _rules(live: Live) -> list[str]:
    """The rules in force, for the way of an item to say which it does not meet."""
    return [rule.id for rule in live.configuration.rules if rule.enabled]


def _where_it_runs(places: Places) -> str:
    """The address of the desk that runs on the folder already."""
    try:
        said: Any = ask(places.socket, "status", timeout=3)
    except CeasewireError:
        return ""
    return f"; its desk is at {said['address']}"


async def _wake(store: Store, sending: Sending, stop: asyncio.Event) -> None:
    """Lets the outbox be looked at after each commit."""
    changes = store.changes.changes()
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            change = asyncio.ensure_future(anext(changes))
            await asyncio.wait({change, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not change.done():
                change.cancel()
                await asyncio.gather(change, return_exceptions=True)
                return
            change.result()
            sending.wake()
    finally:
        stopping.cancel()
        if isinstance(changes, AsyncGenerator):
            await changes.aclose()


@dataclass(frozen=True)
class _Running:
    """What a started runtime answers from."""

    store: Store
    live: Live
    feeds: ConfiguredFeeds
    poller: Poller
    upkeep: Upkeep


async def _states(store: Store, poller: Poller) -> dict[str, FeedState]:
    """What is stored of each feed, and over it what the poller knows and could not store."""
    return {**await store.feed_states(), **poller.states()}
