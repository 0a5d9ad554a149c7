"""Runs one part as a process of its own: configuration, logs, probes, signals, and an end within ten seconds."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from ceasewire.errors import CeasewireError, ConfigurationError
from ceasewire.metrics import Metrics
from process import logs
from process.configuration import Configuration, read_configuration
from process.listening import address_of, open_port, serve
from process.live import Live, look, watch
from process.places import Places
from process.probes import Reasons, probes
from process.supervision import Tasks


def _nothing() -> Sequence[str]:
    return ()


@dataclass
class Host:
    """What a part is given to start itself in. Its tasks go into `tasks`; `alive` and `ready` say how it is.

    What must be closed at the end goes into `held`, which is closed once all tasks are over, last in first out.
    """

    live: Live
    metrics: Metrics
    tasks: Tasks
    held: AsyncExitStack
    environ: Mapping[str, str]
    alive: Reasons = field(default=_nothing)
    ready: Reasons = field(default=lambda: ("starting: it has not begun to work yet",))

    @property
    def configuration(self) -> Configuration:
        """What is in force now."""
        return self.live.configuration


Part = Callable[[Host], Awaitable[None]]
"""Starts the part in its host; raises CeasewireError in words where it cannot be started."""


def run(
    name: str,
    part: Part,
    environ: Mapping[str, str],
    port: int | None = None,
    sends: bool = False,
    serves: bool = True,
    fetches: bool = False,
) -> int:
    """Runs the part until SIGTERM or SIGINT; the exit code: 0 ended as told, 1 a part died, 2 could not start.

    `port` is that of the probes, where it is not the one in the settings. Without `sends` secrets of channels need
    not be set, without `fetches` those of feeds. Without `serves` the part brings the probes itself, as the desk does.
    """
    return asyncio.run(_run(name, part, environ, port, sends, serves, fetches))


def places_of(environ: Mapping[str, str]) -> Places:
    """The folders that the environment names: CEASEWIRE_CONFIG and CEASEWIRE_DATA."""
    return Places(
        config=Path(environ.get("CEASEWIRE_CONFIG", "config")), data=Path(environ.get("CEASEWIRE_DATA", "data"))
    )


async def _run(
    name: str, part: Part, environ: Mapping[str, str], port: int | None, sends: bool, serves: bool, fetches: bool
) -> int:
    places = places_of(environ)
    redaction = logs.Redaction()
    try:
        seen = await asyncio.to_thread(look, places, environ)
        first = await asyncio.to_thread(read_configuration, places, environ, None, sends, fetches)
    except ConfigurationError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)  # noqa: T201
        return 2
    redaction.know(first.secrets)
    logs.configure(first.settings.log, redaction)
    structlog.contextvars.bind_contextvars(part=name)
    log = structlog.get_logger()
    metrics, tasks = Metrics(), Tasks()
    live = Live(places, environ, first, metrics, sends=sends, fetches=fetches)
    live.on_taken.append(lambda _, new: _taken(redaction, new))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _told, tasks)
    async with AsyncExitStack() as held:
        host = Host(live, metrics, tasks, held, environ)
        try:
            if serves:
                settings = first.settings.probes
                listening = open_port(settings.host, settings.port if port is None else port)
                held.callback(listening.close)
                app = probes(metrics, lambda: host.alive(), lambda: host.ready())
                tasks.start("probes", serve(app, listening, tasks.stop))
                log.info("probes", address=address_of(listening))
            tasks.start("watch", watch(places, environ, tasks.stop, live.reload, seen))
            await part(host)
            log.info("started")
            await tasks.ended.wait()
        except CeasewireError as error:
            log.error("not_started", why=str(error))
            await tasks.finish(1.0)
            return 2
        log.info("ending")
        await tasks.finish()
    died = tasks.died
    if died:
        log.critical("died", why=died)
        return 1
    log.info("ended")
    return 0


def _taken(redaction: logs.Redaction, new: Configuration) -> None:
    redaction.know(new.secrets)
    logs.configure(new.settings.log, redaction)


def _told(tasks: Tasks) -> None:
    """The first signal ends gracefully, a second one at once."""
    if tasks.stop.is_set():
        sys.stderr.flush()
        os._exit(1)
    tasks.ask_to_stop()
