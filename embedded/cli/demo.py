"""`ceasewire demo`: the sample day, with no network needed."""

import asyncio
import os
import signal
import tempfile
from pathlib import Path

import typer

from ceasewire.errors import CeasewireError
from embedded.cli.calling import called
from embedded.cli.output import fail, out
from process.places import Places


def add(app: typer.Typer) -> None:
    """Adds `demo`."""

    @app.command()
    def demo(
        ctx: typer.Context,
        check: bool = typer.Option(False, "--check", help="Play without a person, check the outcome, end with 0 or 1"),
        speed: float = typer.Option(1.0, min=0.1, max=2.5, help="2 plays the day in half a minute"),
        port: int = typer.Option(8321, min=0, max=65535, help="Port of the desk; another one if it is taken"),
        past: bool = typer.Option(True, "--past/--no-past", help="Whether 30 earlier days are made first"),
    ) -> None:
        """Play a sample news day: local feeds, a local receiver, the same program between them."""
        _quieten_logs()
        try:
            raise typer.Exit(_check(past) if check else _play(ctx.obj, speed, port, past))
        except CeasewireError as error:
            fail(error)


def _quieten_logs() -> None:
    """Only what is broken: the day is told in words of its own."""
    from ceasewire.config.settings import LogSettings
    from process.logs import Redaction, configure

    configure(LogSettings(level="error"), Redaction())


def _check(past: bool) -> int:
    from embedded.demo.play import check

    with tempfile.TemporaryDirectory(prefix="ceasewire-") as folder:
        places = Places(config=Path(folder) / "sample" / "config", data=Path(folder) / "sample")
        return 0 if asyncio.run(check(places, out, past)) else 1


def _play(places: Places, speed: float, port: int, past: bool) -> int:
    from embedded.demo.play import Wishes, play
    from embedded.demo.staging import sample_places

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(name, _told, stop)
        await play(sample_places(places.data), out, Wishes(speed, port, past, called()), stop)

    asyncio.run(run())
    return 0


def _told(stop: asyncio.Event) -> None:
    """The first signal ends gracefully, a second one at once."""
    if stop.is_set():
        os._exit(1)
    stop.set()
