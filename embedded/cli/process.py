"""Runs the runtime in this process until a signal, or for one round of polls."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING

from ceasewire import bundled
from ceasewire.config.settings import Settings
from ceasewire.errors import CeasewireError, ConfigurationError
from embedded.cli.calling import as_called, called
from embedded.cli.output import err, out, print_json
from embedded.runtime import Options, Runtime
from process import logs
from process.config_files import read_settings
from process.configuration import Configuration
from process.places import Places

if TYPE_CHECKING:
    from embedded.demo.play import SampleDays

ONCE_SECONDS = 120.0
"""How long a single round may take; what is not sent by then goes with the next run."""


def run_until_told(
    places: Places,
    environ: Mapping[str, str],
    port: int | None,
    once: bool,
    loading: Thread | None = None,
    json: bool = False,
) -> int:
    """The exit code: 0 ended as told, 1 a part died or (once) a feed fails, 2 could not start.

    `loading` is what brings the language model, which the start waits for rather than to load it twice.
    """
    redaction = logs.Redaction()
    try:
        settings = read_settings(places, environ)
        bundled.packs(settings.packs)  # these stay in memory; beside the language model this costs no time
    except ConfigurationError:
        settings = Settings()  # the start names the faults
    logs.configure(settings.log, redaction)

    def on_configuration(new: Configuration) -> None:
        redaction.know(new.secrets)
        logs.configure(new.settings.log, redaction)

    samples = _Samples(places)
    options = Options(port=0 if once else port, play=samples.start, on_configuration=on_configuration)
    if loading:
        loading.join()
    runtime = Runtime(places, environ, options, say=lambda line: err.print(as_called(line), markup=False))
    return asyncio.run(_once(runtime, json) if once else _run(runtime, samples))


class _Samples:
    """The sample day behind the desk's button; loaded when it is first wanted."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._days: SampleDays | None = None

    async def start(self) -> str:
        from embedded.demo.play import SampleDays

        self._days = self._days or SampleDays(self._places)
        return await self._days.start()

    async def stop(self) -> None:
        if self._days:
            await self._days.stop()


async def _run(runtime: Runtime, samples: _Samples) -> int:
    if not await _started(runtime):
        return 2
    out.print(f"Ceasewire runs; its desk is at {runtime.address} (Ctrl-C ends it)", markup=False)
    if called() != "ceasewire":
        out.print(f"commands, in another terminal: {called()} search ceasefire", markup=False)
    telling = asyncio.create_task(_tell_first_round(runtime))
    died = await runtime.wait()
    telling.cancel()
    await asyncio.gather(runtime.stop(), samples.stop())
    if died:
        err.print(
            f"{died}; this is a bug, so the whole process ends and may be started again", style="red", markup=False
        )
        return 1
    return 0


async def _tell_first_round(runtime: Runtime) -> None:
    """Says, where feeds were never polled before, that they are, and what came of it."""
    new = {view.source.feed for view in await runtime.feeds() if view.enabled and view.state.last_poll is None}
    if not new:
        return
    err.print(f"reading {len(new)} feeds for the first time; what they hold appears on the desk as it comes")
    await runtime.first_round()
    views = [view for view in await runtime.feeds() if view.source.feed in new]
    read = sum(view.state.last_success is not None for view in views)
    if read and not runtime.is_stopping:  # of those that cannot be read the log tells
        err.print(f"{read} of {len(views)} feeds were read")


async def _started(runtime: Runtime) -> bool:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, _told, runtime)
    try:
        await runtime.start()
    except CeasewireError as error:
        err.print(as_called(str(error)), style="red", markup=False)
        return False
    finally:
        gc.freeze()  # what was loaded stays: it need not be looked through again
        gc.enable()
    return True


def _told(runtime: Runtime) -> None:
    """The first signal ends gracefully, a second one at once."""
    if runtime.is_stopping:
        sys.stderr.flush()
        os._exit(1)
    runtime.ask_to_stop()


async def _once(runtime: Runtime, json: bool) -> int:
    began = datetime.now(UTC)
    finished = True
    if not await _started(runtime):
        return 2
    try:
        async with asyncio.timeout(ONCE_SECONDS):
            await runtime.poll_all()
            await runtime.nothing_due()
    except TimeoutError:
        finished = False
        err.print(f"not all was done within {ONCE_SECONDS:g} s", style="yellow")
    feeds = await runtime.feeds()
    died = await runtime.wait() if runtime.is_stopping else None
    await runtime.stop()
    failing = [view for view in feeds if view.enabled and view.state.health == "failing"]
    seconds = (datetime.now(UTC) - began).total_seconds()
    active = sum(view.enabled for view in feeds)
    if json:
        faults = {view.source.feed: view.state.reason for view in failing}
        print_json({"feeds": active, "failing": faults, "seconds": round(seconds, 3), "finished": finished})
    else:
        for view in failing:
            out.print(f"{view.source.feed}: {view.state.detail or view.state.reason}", style="yellow", markup=False)
        out.print(f"{active - len(failing)} of {active} feeds read in {seconds:.0f} s")
    return 1 if failing or died else 0
