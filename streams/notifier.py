"""The notifier as a process: the stage that opens deliveries, their outbox, and the loop that sends them."""

import asyncio
from datetime import timedelta

from process.hosting import Host
from streams.app import build
from streams.notify.senders import Senders
from streams.notify.sending import Sending
from streams.notifying import Notifying, utc_now
from streams.outbox_topic import TopicOutbox

LEAVE_WITHIN = 5.0
"""Seconds that posts in flight get to finish before the partitions are left to others, when the program ends."""


async def notify(host: Host) -> None:
    """Starts the notifier in its host: the stage, its outbox, and the loop that sends."""
    live, stop = host.live, host.tasks.stop

    def patience() -> timedelta:
        return live.configuration.settings.alerts.timeout

    outbox = TopicOutbox(live.configuration.settings.kafka, utc_now, patience)
    host.held.push_async_callback(outbox.aclose)
    senders = Senders(patience)
    host.held.push_async_callback(senders.close)
    sending = Sending(outbox, senders, lambda: live.configuration.channels_by_id, host.metrics, utc_now, outbox)
    live.on_taken.append(lambda _, __: sending.wake())
    stage = Notifying(outbox, lambda: live.configuration, sending.wake, hurry=sending.hurry)
    app = build(stage, live.configuration.settings.kafka, host.metrics)
    host.alive = lambda: (*app.alive(), *outbox.alive())
    host.ready = lambda: (*app.ready(), *outbox.ready())
    leave = asyncio.Event()
    host.tasks.start("sending", sending.run(stop))
    host.tasks.start("leaving", _leave(stop, outbox, leave))
    host.tasks.start("notify", app.run(leave))


async def _leave(stop: asyncio.Event, outbox: TopicOutbox, leave: asyncio.Event) -> None:
    """At the end lets what is in flight be saved before the partitions go to others, who would send it again."""
    await stop.wait()
    try:
        await outbox.end(LEAVE_WITHIN)
    finally:
        leave.set()
