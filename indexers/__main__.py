"""Process 3 of the cluster edition: from the topics into Elasticsearch. `python -m indexers`."""

import argparse
import asyncio
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from ceasewire.errors import StoreError
from indexers.consumer import DeadLetters, Reading
from indexers.elastic import Elastic
from indexers.indexing import Indexing
from indexers.keeping import delete_old
from indexers.sending import Sending
from process.configuration import Configuration
from process.hosting import Host, run

_FIRST_DELETION, _DELETION_EVERY = 600.0, 86_400.0
_log = structlog.get_logger("index")


def _now() -> datetime:
    return datetime.now(UTC)


async def start(host: Host) -> None:
    """Starts the loop and the daily deletion. It waits for broker and index, red with the reason, for any time."""
    settings = host.configuration.settings
    elastic, letters = Elastic(settings.elasticsearch), DeadLetters(settings.kafka)
    host.held.callback(elastic.close)
    host.held.callback(letters.close)
    indexing = Indexing(Reading(settings.kafka), Sending(elastic, letters, host.metrics), host.metrics, _now)

    def taken(_: Configuration, new: Configuration) -> None:
        elastic.use(new.settings.elasticsearch)

    host.live.on_taken.append(taken)
    host.ready, host.alive = indexing.ready, indexing.alive
    host.tasks.start("index", in_thread("index-read", indexing.run, host.tasks.stop))
    host.tasks.start("keep", in_thread("index-keep", lambda told: _keep(host, elastic, told), host.tasks.stop))


async def in_thread(name: str, work: Callable[[threading.Event], None], stop: asyncio.Event) -> None:
    """Does the work in a thread that nobody waits for at the end of the process; raises what ended it."""
    loop = asyncio.get_running_loop()
    told, ended = threading.Event(), loop.create_future()

    def tell(error: BaseException | None) -> None:
        if not ended.done():
            ended.set_exception(error) if error else ended.set_result(None)

    def do() -> None:
        error: BaseException | None = None
        try:
            work(told)
        except Exception as caught:
            error = caught
        with suppress(RuntimeError):  # the loop may have ended before
            loop.call_soon_threadsafe(tell, error)

    threading.Thread(target=do, name=name, daemon=True).start()
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((stopping, ended), return_when=asyncio.FIRST_COMPLETED)
        told.set()
        await ended
    finally:
        told.set()
        stopping.cancel()


def _keep(host: Host, elastic: Elastic, told: threading.Event) -> None:
    """Deletes daily what is older than the settings say; what fails is done the next day."""
    wait = _FIRST_DELETION
    while not told.wait(wait):
        wait = _DELETION_EVERY
        keep = host.configuration.settings.store.keep
        try:
            gone = delete_old(elastic, keep, _now(), lambda: not told.is_set())
        except StoreError as error:
            _log.warning("old_not_deleted", why=str(error))
        else:
            _log.info("old_deleted", **gone)


def main(arguments: Sequence[str]) -> int:
    """Runs until SIGTERM; the exit code as `process.hosting.run` gives it."""
    parser = argparse.ArgumentParser(prog="python -m indexers", description="From the topics into Elasticsearch.")
    parser.add_argument("--port", type=int, help="port of the probes")
    asked = parser.parse_args(arguments)
    # they tell of every try; what is wrong stands in our own log once, and in /ready
    for library in ("kafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    return run("indexer", start, os.environ, asked.port)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
