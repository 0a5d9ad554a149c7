"""Process 1 of the cluster edition: polls its share of the feeds into Kafka. `python -m producers [--shard 2/4]`."""

import argparse
import asyncio
import logging
import os
import socket
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from ceasewire.errors import ConfigurationError
from process.hosting import Host, run
from producers.kafka_intake import KafkaIntake
from producers.pages.reading import page_tagger
from producers.poller import Poller
from producers.progress import stalled
from producers.sharding import Shard, read_shard


def _now() -> datetime:
    return datetime.now(UTC)


async def start(host: Host, shard: Shard) -> None:
    """Starts intake and poller. It waits for the broker, red with the reason, as long as that takes."""
    intake = KafkaIntake(host.configuration.settings.kafka, host.metrics, shard.owns)
    poller = Poller(
        intake,
        lambda: [feed for feed in host.configuration.feeds if shard.owns(feed.id)],
        lambda: host.configuration.settings.polling,
        host.metrics,
        _now,
        tag=page_tagger(
            lambda item: host.configuration.engine.tag(item),
            host.configuration.feeds,
            host.configuration.settings.polling,
        ),
    )
    host.held.push_async_callback(intake.close)
    host.held.push_async_callback(poller.close)
    began = _now()

    async def poll(stop: asyncio.Event) -> None:
        await intake.opened(stop)
        await poller.run(stop)

    def ready() -> Sequence[str]:
        lost = poller.reach().words
        return (*intake.trouble(), *((f"no_feed_reached: {lost}",) if lost else ()))

    def alive() -> Sequence[str]:
        # while the broker is away a restart would help nothing
        if intake.trouble():
            return ()
        return stalled(poller.last_round or began, poller.states().values(), _now())

    host.ready, host.alive = ready, alive
    host.tasks.start("kafka", intake.run(host.tasks.stop))
    host.tasks.start("poller", poll(host.tasks.stop))


def main(arguments: Sequence[str]) -> int:
    """Runs until SIGTERM; the exit code as `process.hosting.run` gives it."""
    parser = argparse.ArgumentParser(prog="python -m producers", description="Polls feeds into Kafka.")
    parser.add_argument("--shard", help="share of the feeds, like 2/4; also CEASEWIRE_SHARD")
    parser.add_argument("--port", type=int, help="port of the probes")
    asked = parser.parse_args(arguments)
    try:
        shard = read_shard(asked.shard, os.environ, socket.gethostname())
    except ConfigurationError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    # it tells of every try to connect; what is wrong stands in our own log once, and in /ready
    logging.getLogger("kafka").setLevel(logging.CRITICAL)

    async def part(host: Host) -> None:
        await start(host, shard)

    return run("producer", part, os.environ, asked.port, fetches=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
