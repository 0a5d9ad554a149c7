"""Polling single feeds by a command: through the running process, or alone where none runs."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from ceasewire.alerts import Alert
from ceasewire.config.channels import Channel
from ceasewire.errors import NotRunning
from ceasewire.items import Tagged
from ceasewire.metrics import Metrics
from ceasewire.polling import FeedState
from ceasewire.stories import Story
from embedded.intake import SqliteIntake
from embedded.socket import ask
from embedded.store import open_store
from embedded.store.lock import hold
from process.configuration import Configuration, read_configuration
from process.logs import configure_alone
from process.places import Places
from producers.pages.reading import page_tagger
from producers.poller import Poller
from streams.notify.wording import word

_REQUEST_SECONDS = 300.0
_AT_ONCE = 8


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


async def check(places: Places, environ: Mapping[str, str], feeds: Sequence[str], force: bool) -> list[FeedState]:
    """Polls the feeds, several at a time, and gives their states in order; raises CeasewireError in words."""
    try:
        await asyncio.to_thread(ask, places.socket, "ping", timeout=10)
    except NotRunning:
        return await _alone(places, environ, feeds, force)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one(feed: str) -> FeedState:
        async with room:
            values = {"feed": feed, "force": force}
            said = await asyncio.to_thread(ask, places.socket, "check_feed", values, _REQUEST_SECONDS)
            return msgspec.convert(said, FeedState)

    return await asyncio.gather(*map(one, feeds))


async def _alone(places: Places, environ: Mapping[str, str], feeds: Sequence[str], force: bool) -> list[FeedState]:
    """Polls and stores here; alerts wait in the outbox, and pages that are wanted, until Ceasewire runs."""
    configuration = read_configuration(places, environ)
    configure_alone(configuration.secrets)
    metrics = Metrics()
    room = asyncio.Semaphore(_AT_ONCE)
    with hold(places.lock):
        store = open_store(places.store, utc_now)
        intake = SqliteIntake(store, lambda: configuration.engine, _wording(configuration), utc_now, metrics)
        feeds_of, polling = configuration.feeds, configuration.settings.polling
        tag = page_tagger(configuration.engine.tag, feeds_of, polling)
        poller = Poller(intake, lambda: feeds_of, lambda: polling, metrics, utc_now, tag=tag)

        async def one(feed: str) -> FeedState:
            async with room:
                return await poller.check(feed, force)

        try:
            return await asyncio.gather(*map(one, feeds))
        finally:
            await poller.close()
            intake.close()
            store.close()


def _wording(configuration: Configuration) -> Any:
    settings = configuration.settings
    engine = configuration.engine

    def words(alert: Alert, tagged: Tagged, story: Story, channel: Channel) -> str:
        rule = engine.rules[alert.rule]
        return word(alert, tagged, story, rule, channel, engine.names, settings.alerts, settings.desk.public_url)

    return words
