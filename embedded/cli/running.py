"""Commands about the process itself: run, status, validate, init, doctor."""

import gc
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

import msgspec
import typer

from embedded.cli.ahead import load_language
from embedded.cli.calling import as_called
from embedded.cli.output import err, fail, out, print_json
from process.places import Places


def add(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    app.command(name="run")(run)
    app.command(name="status")(status)
    app.command(name="validate")(validate)
    app.command(name="init")(init)
    app.command(name="doctor")(doctor)


def run(
    ctx: typer.Context,
    port: int | None = typer.Option(None, min=0, max=65535, help="Port of the desk; 0 takes a free one"),
    once: bool = typer.Option(False, "--once", help="Poll every feed once, send what is due, and end"),
    json: bool = typer.Option(False, "--json", help="With --once: what came of it as one JSON value"),
) -> None:
    """Starts Ceasewire: polls the feeds, sends alerts, serves the desk. Ctrl-C or SIGTERM ends it."""
    if json and not once:
        fail("--json goes with --once")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # until the process is up there is nothing to finish
    gc.disable()  # until all is loaded: nothing of that is garbage
    model = load_language()
    from embedded.cli.process import run_until_told

    raise typer.Exit(run_until_told(ctx.obj, os.environ, port=port, once=once, loading=model, json=json))


def status(ctx: typer.Context, json: bool = typer.Option(False, "--json", help="As one JSON value")) -> None:
    """Asks the running process how it is. Ends with 1 where something is wrong or none runs."""
    from ceasewire.errors import CeasewireError, NotRunning
    from embedded.socket import ask

    try:
        said: Mapping[str, Any] = ask(ctx.obj.socket, "status", timeout=10)
    except NotRunning as error:
        if json:
            print_json({"running": False})
        else:
            err.print(as_called(str(error)), markup=False)
        raise typer.Exit(1) from None
    except CeasewireError as error:
        fail(error)
    if json:
        print_json({"running": True, **said})
    else:
        _say_status(said)
    if said["findings"]:
        raise typer.Exit(1)


def _say_status(said: Mapping[str, Any]) -> None:
    from ceasewire.delays import Delays

    out.print(f"runs as process {said['pid']} since {said['started']}, desk at {said['address']}", markup=False)
    for name in ("feeds", "deliveries"):
        counts = ", ".join(f"{count:,} {state}" for state, count in said[name].items()) or "none"
        out.print(f"{name}: {counts}", markup=False)
    took = msgspec.convert(said.get("delays") or {}, Delays).words
    if took:
        out.print(f"delivered: {took}", markup=False)
    out.print(f"store: {said['store_bytes'] / 1e6:,.1f} MB")
    for finding in said["findings"]:
        out.print(as_called(f"{finding['reason']}: {finding['words']}"), style="yellow", markup=False)
    if not said["findings"]:
        out.print("all is well", style="green")


def validate(ctx: typer.Context, json: bool = typer.Option(False, "--json", help="As one JSON value")) -> None:
    """Checks every file of the configuration and names all faults. Ends with 1 where there are any."""
    from ceasewire.errors import ConfigurationError
    from process.configuration import read_configuration

    places: Places = ctx.obj
    try:
        configuration = read_configuration(places, os.environ)
    except ConfigurationError as error:
        if json:
            print_json({"valid": False, "faults": error.faults})
        else:
            for fault in error.faults:
                out.print(as_called(str(fault)), style="red", markup=False)
        raise typer.Exit(1) from None
    counts = {
        "feeds": len(configuration.feeds),
        "rules": len(configuration.rules),
        "channels": len(configuration.channels),
    }
    if json:
        print_json({"valid": True, "faults": [], **counts})
        return
    words = ", ".join(f"{count or 'no'} {name}" for name, count in counts.items())
    where = str(places.config) if places.config.exists() else f"{places.config} is not there yet; what it starts with"
    out.print(f"{where}: valid, {words}", style="green", markup=False)


def init(ctx: typer.Context, json: bool = typer.Option(False, "--json", help="The files as one JSON value")) -> None:
    """Makes the configuration folder, or adds the files that it lacks. Nothing of yours is changed."""
    from process.first_start import write_starter

    try:
        written = write_starter(ctx.obj)
    except OSError as error:
        fail(f"cannot write {ctx.obj.config}: {error.strerror}")
    if json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        out.print(str(path), markup=False)
    if not written:
        err.print(f"{ctx.obj.config} has all its files", markup=False)


def doctor(
    ctx: typer.Context,
    json: bool = typer.Option(False, "--json", help="One JSON line for each check"),
    quick: bool = typer.Option(False, "--quick", help="Leave out the check of the whole store file"),
) -> None:
    """Checks everything that work depends on and says what to do. Ends with 1 where something is wrong."""
    from embedded.cli.doctor import MARKS, examine

    bad = False
    for check in examine(ctx.obj, os.environ, quick):
        bad = bad or check.state == "bad"
        if json:
            print_json(check)
        else:
            mark, style = MARKS[check.state]
            out.print(as_called(f"{mark:4} {check.name}: {check.words}"), style=style, markup=False)
    if bad:
        raise typer.Exit(1)
