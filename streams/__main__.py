"""Process 2 of the cluster edition: `python -m streams tag|gather|notify`."""

import argparse
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from process.hosting import Host, run
from streams.app import build
from streams.editions import EditionsTopic
from streams.gathering import Gatherer
from streams.tagging import Tagging


async def tag(host: Host) -> None:
    """A tagger: as many as there are partitions may share the items."""
    settings = host.configuration.settings.kafka
    editions = EditionsTopic(settings)
    host.held.push_async_callback(editions.close)
    stage = Tagging(lambda: host.configuration.engine, editions, host.metrics)
    app = build(stage, settings, host.metrics)
    host.alive, host.ready = app.alive, app.ready
    host.tasks.start("editions", editions.run(host.tasks.stop))
    host.tasks.start("tag", app.run(host.tasks.stop))


async def gather(host: Host) -> None:
    """A gatherer: one works, further ones stand by."""
    settings = host.configuration.settings.kafka
    stage = Gatherer(
        settings,
        lambda: host.configuration.engine.rules,
        lambda: host.configuration.engine.channels,
        host.metrics,
    )
    host.held.push_async_callback(stage.close)
    app = build(stage, settings, host.metrics, one_by_one=True)
    host.alive, host.ready = app.alive, app.ready
    host.tasks.start("gather", app.run(host.tasks.stop))


async def notify(host: Host) -> None:
    """A notifier: several share the channels."""
    from streams import notifier  # noqa: PLC0415 - the others need nothing of it

    await notifier.notify(host)


PARTS: Mapping[str, Callable[[Host], Awaitable[None]]] = {"tag": tag, "gather": gather, "notify": notify}


def main(arguments: Sequence[str]) -> int:
    """Runs until SIGTERM; the exit code as `process.hosting.run` gives it."""
    parser = argparse.ArgumentParser(prog="python -m streams", description="Tags, gathers or notifies.")
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--port", type=int, help="port of the probes")
    asked = parser.parse_args(arguments)
    for name in ("aiokafka", "faust", "mode"):  # what they warn of stands in our own log and in /ready
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return run(asked.part, PARTS[asked.part], os.environ, asked.port, sends=asked.part == "notify")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
