"""The stage of the notifier: a row of `dispatch` becomes a worded delivery in `deliveries`, which is then sent.

A row may also ask for a delivery that waits, was suspended or given up to be tried now: it is resumed then.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from ceasewire import topics
from ceasewire.alerts import Delivery
from ceasewire.codec import encode
from ceasewire.config.channels import Channel
from ceasewire.crossings import Dispatch, Retry
from ceasewire.deliveries import open_delivery
from ceasewire.identity import delivery_id
from process.configuration import Configuration
from streams.decoding import decoded
from streams.notify.wording import GoneRule, word
from streams.outbox_topic import TopicOutbox
from streams.stage import Handled, Output, Row, Unfit


def utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


class Notifying:
    """The stage `notify`: implements `stage.Stage`. What an alert says is worded here, once."""

    name = "notify"
    source = topics.DISPATCH

    def __init__(
        self,
        outbox: TopicOutbox,
        configuration: Callable[[], Configuration],
        wake: Callable[[], None],
        now: Callable[[], datetime] = utc_now,
        hurry: Callable[[str], None] = lambda channel: None,
    ) -> None:
        """`wake` tells the sending loop that something new is due, `hurry` that a person wants a channel tried now."""
        self._outbox = outbox
        self._configuration = configuration
        self._wake = wake
        self._now = now
        self._hurry = hurry

    def handle(self, row: Row) -> Handled | Unfit:
        """The delivery that the row opens, nothing where it is known; or the one that it resumes."""
        wish = decoded(row.value, Retry)
        if isinstance(wish, Retry):
            return self._resume(row, wish)
        dispatch = decoded(row.value, Dispatch)
        if isinstance(dispatch, Unfit):
            return dispatch
        id = delivery_id(dispatch.alert.id, dispatch.channel)
        if self._outbox.knows(row.partition, id, row.offset):
            return Handled(())
        configuration = self._configuration()
        channel = configuration.channels_by_id.get(dispatch.channel)
        if channel is None:
            # Taken out after the alert was raised, or put in and not yet seen here: a person can have it replayed.
            return Unfit("channel_unknown", f"no channel is named {dispatch.channel} in the configuration here")
        body = _worded(dispatch, channel, configuration)
        delivery = open_delivery(dispatch.alert, channel, body, dispatch.tagged, self._moment(row))
        # Last, since a row whose handling failed comes again.
        self._outbox.expect(row.partition, id, row.offset)
        output = Output(topics.DELIVERIES, id.encode(), encode(delivery), row.partition)
        return Handled((output,), partial(self._opened, row.partition, delivery))

    @property
    def outdated(self) -> bool:
        """Never: what it knows of deliveries does not depend on the configuration."""
        return False

    async def assigned(self, partitions: frozenset[int]) -> None:
        """Reads what is known of the deliveries before any is opened or sent."""
        await self._outbox.open(partitions)
        self._wake()

    async def revoked(self, partitions: frozenset[int]) -> None:
        """Starts nothing new, and waits for what is in flight."""
        await self._outbox.close(partitions)

    def _resume(self, row: Row, wish: Retry) -> Handled | Unfit:
        if not self._outbox.knows(row.partition, wish.delivery, row.offset):
            return Unfit("delivery_unknown", f"no delivery {wish.delivery[:100]} of {wish.channel[:100]} is known")
        # The time of the row, which is the same where it comes again: a wish is obeyed once.
        delivery = self._outbox.resume(row.partition, wish.delivery, row.offset, row.at, self._now())
        if delivery is None:
            return Handled(())
        output = Output(topics.DELIVERIES, delivery.id.encode(), encode(delivery), row.partition)
        return Handled((output,), partial(self._resumed, row.partition, delivery))

    def _resumed(self, partition: int, delivery: Delivery) -> None:
        self._outbox.add(partition, delivery)
        self._hurry(delivery.channel)
        structlog.get_logger().info("delivery_resumed", delivery=delivery.id, channel=delivery.channel)

    def _opened(self, partition: int, delivery: Delivery) -> None:
        self._outbox.add(partition, delivery)
        self._wake()

    def _moment(self, row: Row) -> datetime:
        """When the delivery was opened: the time of its row. Rows of one millisecond keep their order by it."""
        return min(row.at + timedelta(microseconds=row.offset % 1000), self._now())


def _worded(dispatch: Dispatch, channel: Channel, configuration: Configuration) -> str:
    alert, settings = dispatch.alert, configuration.settings
    engine, public = configuration.engine, settings.desk.public_url
    rule = engine.rules.get(alert.rule) or GoneRule(alert.rule, alert.rule)
    return word(alert, dispatch.tagged, dispatch.story, rule, channel, engine.names, settings.alerts, public)
