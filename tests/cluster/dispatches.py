"""Rows of `dispatch`, and a configuration with the channels that they go to, for tests of the notifier."""

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ceasewire.codec import encode
from ceasewire.config.channels import Channel
from ceasewire.config.settings import Settings
from ceasewire.crossings import Dispatch
from ceasewire.identity import delivery_id
from ceasewire.topics import DISPATCH
from process.configuration import Configuration
from streams.stage import Row
from tests.notify.samples import Names, Rule, alert, story, tagged

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def configured(channels: Iterable[Channel], **rules: Any) -> Configuration:
    """A configuration with these channels, and with the rule that the alerts met."""
    engine: Any = SimpleNamespace(names=Names(), rules=rules.get("rules", {"ceasefire": Rule()}))
    return Configuration(Settings(), (), (), tuple(channels), engine)


def dispatch(channel: str, number: int = 0) -> Dispatch:
    """The alert with that number, for the channel."""
    return Dispatch(channel=channel, alert=alert(number), tagged=tagged(), story=story(id=f"i_{number}"))


def id_of(channel: str, number: int = 0) -> str:
    """The id of the delivery that this opens."""
    return delivery_id(alert(number).id, channel)


def row_of(one: Dispatch, partition: int = 0, offset: int = 0, at: datetime = AT) -> Row:
    """The row of the topic."""
    return Row(DISPATCH, partition, offset, one.channel.encode(), encode(one), at)
