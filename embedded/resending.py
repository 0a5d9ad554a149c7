"""Sending again by hand, and trying a channel: through the running process, or alone where none runs."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.deliveries import resume
from ceasewire.errors import CeasewireError, NotRunning
from ceasewire.ports import Outcome
from embedded.socket import ask
from embedded.store import open_store, read_store
from embedded.store.lock import hold
from embedded.store.undelivered import undelivered
from process.config_files import read_channel_list, read_settings, secrets_in
from process.logs import configure_alone
from process.places import Places
from streams.notify.senders import Senders
from streams.notify.wording import word_trial


def _now() -> datetime:
    return datetime.now(UTC)


async def read_undelivered(places: Places) -> list[Delivery]:
    """The deliveries that failed, oldest first. Raises StoreError."""
    store = read_store(places.store, _now)
    try:
        return list(await undelivered(store))
    finally:
        store.close()


async def retry(places: Places, deliveries: list[str]) -> tuple[list[str], bool]:
    """Makes deliveries due now; gives those that were, and whether a running process sends them at once.

    Raises StoreError. One that is delivered or unknown is left out.
    """
    try:
        return [one for one in deliveries if ask(places.socket, "retry_delivery", {"delivery": one})], True
    except NotRunning:
        with hold(places.lock):
            return await _retry_alone(places, deliveries), False


async def _retry_alone(places: Places, deliveries: list[str]) -> list[str]:
    store = open_store(places.store, _now)
    try:
        made_due = []
        for one in deliveries:
            found = await store.outbox.change(one, lambda delivery: resume(delivery, _now()))
            if found is not None and found.state != State.DELIVERED:
                made_due.append(one)
        return made_due
    finally:
        store.close()


def try_channel(places: Places, environ: Mapping[str, str], name: str) -> Outcome:
    """What came of one clearly marked test alert to the channel; nothing of it is stored.

    Raises ConfigurationError, and CeasewireError where there is no such channel.
    """
    try:
        answer: Any = ask(places.socket, "test_channel", {"channel": name}, timeout=300)
    except NotRunning:
        known = {channel.id: channel for channel in read_channel_list(places, environ)}
        if name not in known:
            raise CeasewireError(f'no channel is named "{name}" in {places.config / "channels.yml"}') from None
        configure_alone(secrets_in(known[name]))
        return asyncio.run(_try_alone(known[name], places, environ))
    return msgspec.convert(answer, Outcome)


async def _try_alone(channel: Channel, places: Places, environ: Mapping[str, str]) -> Outcome:
    settings = read_settings(places, environ)
    senders = Senders(lambda: settings.alerts.timeout)
    try:
        now = _now()
        return await senders[channel.kind].send(trial(channel, now), channel, now)
    finally:
        await senders.close()


def trial(channel: Channel, now: datetime) -> Delivery:
    """A delivery of a test alert that is in no store."""
    return Delivery(
        id=f"msg_test{int(now.timestamp() * 1000)}",
        alert="test",
        channel=channel.id,
        kind=channel.kind,
        created=now,
        due=now,
        body=word_trial(channel, now),
    )
