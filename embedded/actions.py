"""What a person may have done while the program runs, by a button of the desk or by a command."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from ceasewire.alerts import State
from ceasewire.deliveries import resume
from ceasewire.errors import CeasewireError
from ceasewire.items import Item
from ceasewire.polling import FeedState
from ceasewire.ports import Outcome, Sender
from embedded.resending import trial
from embedded.socket import Answer
from embedded.store import Store
from process.live import Live


class Checking(Protocol):
    """Polls a feed now, as `producers.poller.Poller`."""

    async def check(self, feed_id: str, force: bool) -> FeedState:
        """The state after the poll."""


class Waking(Protocol):
    """Looks at the outbox at once, as `streams.notify.sending.Sending`."""

    def hurry(self, channel: str) -> None:
        """A delivery of the channel is due, by the wish of a person."""


class Importing(Protocol):
    """Takes items that no feed brought, as `embedded.intake.SqliteIntake`."""

    async def import_items(self, items: Sequence[Item]) -> Mapping[Any, int]:
        """How many were new, edited or known."""


@dataclass(frozen=True)
class Parts:
    """The parts of a running process that actions reach."""

    store: Store
    live: Live
    poller: Checking
    sending: Waking
    senders: Mapping[str, Sender]
    intake: Importing
    now: Callable[[], datetime]


class RunningActions:
    """Implements `ports.Actions`."""

    def __init__(self, parts: Parts, play: Callable[[], Awaitable[str]]) -> None:
        self._parts = parts
        self._play = play

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        """Polls now and gives the state after it. Raises ConfigurationError for an id that is not in the list."""
        return await self._parts.poller.check(feed, force)

    async def retry_delivery(self, delivery: str) -> bool:
        """Makes a delivery due now, unless it is just being sent; False where there is none or it is delivered."""
        now = self._parts.now()
        found = await self._parts.store.outbox.change(delivery, lambda one: resume(one, now))
        if found is None or found.state == State.DELIVERED:
            return False
        self._parts.sending.hurry(found.channel)
        return True

    async def play_sample_day(self) -> str:
        """Starts the sample day in a store of its own and gives the address of its desk."""
        return await self._play()


Status = Callable[[], Awaitable[Mapping[str, Any]]]
"""The process in figures."""


def answers(actions: RunningActions, parts: Parts, status: Status) -> dict[str, Answer]:
    """The requests of commands by name. Others may add theirs to `Runtime.answers` before the start."""

    async def check_feed(values: Mapping[str, Any]) -> FeedState:
        state = await actions.check_feed(_text(values, "feed"), bool(values.get("force", True)))
        return msgspec.structs.replace(state, entries={}, aliases={})

    async def retry_delivery(values: Mapping[str, Any]) -> bool:
        return await actions.retry_delivery(_text(values, "delivery"))

    async def import_items(values: Mapping[str, Any]) -> dict[str, int]:
        try:
            items = msgspec.convert(values.get("items", []), list[Item])
        except msgspec.ValidationError as error:
            raise CeasewireError(f"not items: {error}") from None
        return {str(kind): count for kind, count in (await parts.intake.import_items(items)).items()}

    async def reload(_values: Mapping[str, Any]) -> dict[str, Any]:
        taken = await parts.live.reload()
        faults = parts.live.refused.faults if parts.live.refused else ()
        return {"taken": taken, "faults": [str(fault) for fault in faults], "restart": list(parts.live.restart)}

    async def test_channel(values: Mapping[str, Any]) -> Outcome:
        return await _try_channel(parts, _text(values, "channel"))

    async def say_status(_values: Mapping[str, Any]) -> Mapping[str, Any]:
        return await status()

    async def ping(_values: Mapping[str, Any]) -> str:
        await asyncio.sleep(0)
        return "here"

    return {
        "ping": ping,
        "check_feed": check_feed,
        "retry_delivery": retry_delivery,
        "import": import_items,
        "reload": reload,
        "test_channel": test_channel,
        "status": say_status,
    }


async def _try_channel(parts: Parts, name: str) -> Outcome:
    """Sends a marked test alert to the channel, once; nothing of it is stored."""
    channel = parts.live.configuration.channels_by_id.get(name)
    if channel is None:
        words = f'no channel is named "{name}" in '
        if parts.live.refused:
            faults = "\n".join(str(fault) for fault in parts.live.refused.faults)
            words += f"the configuration in force; the one in the folder is refused, for these faults:\n{faults}"
            raise CeasewireError(words)
        raise CeasewireError(f"{words}channels.yml")
    now = parts.now()
    return await parts.senders[channel.kind].send(trial(channel, now), channel, now)


def _text(values: Mapping[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise CeasewireError(f'the request has no "{name}"')
    return value
