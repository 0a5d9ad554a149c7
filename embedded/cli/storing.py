"""Commands that fill or copy the store: import, backup, restore."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from embedded.cli.output import err, fail, out, print_json
from process.places import Places

_SHOWN = 20
"""Faults that are shown one by one."""


def add(app: typer.Typer) -> None:
    """Adds import, backup and restore."""
    app.command(name="import")(import_)
    app.command(name="backup")(backup)
    app.command(name="restore")(restore)


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(help="JSON lines: items as exported, or rows of title, text, url, published, source"),
    json: bool = typer.Option(False, "--json", help="The counts as JSON"),
) -> None:
    """Takes items from a file into the store. They are tagged and searchable, and raise no alert."""
    from ceasewire.errors import CeasewireError
    from ceasewire.items import Item
    from embedded.importing import CHUNK, BadLine, read_lines

    counts: Counter[str] = Counter(new=0, edited=0, known=0, refused=0)
    items: list[Item] = []
    try:
        lines = file.open("rb")
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    try:
        with lines, _taking(ctx.obj) as take:
            for one in read_lines(lines, datetime.now(UTC)):
                if isinstance(one, BadLine):
                    counts["refused"] += 1
                    if counts["refused"] <= _SHOWN:
                        err.print(f"{file}:{one.line}: {one.reason}", style="red", markup=False)
                    continue
                items.append(one)
                if len(items) == CHUNK:
                    counts.update(take(items))
                    items = []
                    _progress(counts)
            if items:
                counts.update(take(items))
    except (CeasewireError, OSError) as error:
        done = counts["new"] + counts["edited"]
        fail(
            f"{error}\n{done:,} items were taken in before; do it again: they stay as they are" if done else str(error)
        )
    if counts["refused"] > _SHOWN:
        err.print(f"and {counts['refused'] - _SHOWN:,} more lines", style="red")
    if json:
        print_json(dict(counts))
    else:
        out.print(
            f"{counts['new']:,} new, {counts['edited']:,} edited, {counts['known']:,} known already, "
            f"{counts['refused']:,} lines not readable"
        )
    if counts["refused"]:
        raise typer.Exit(1)


def backup(
    ctx: typer.Context,
    file: Path = typer.Argument(help="A new file"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Copies the whole store as it is now into one file, also while Ceasewire runs, and checks the copy."""
    from ceasewire.errors import CeasewireError
    from embedded.store import read_store

    async def run() -> int:
        store = read_store(ctx.obj.store, lambda: datetime.now(UTC))
        try:
            return await store.backup(file)
        finally:
            store.close()

    try:
        size = asyncio.run(run())
    except CeasewireError as error:
        fail(error)
    if json:
        print_json({"file": str(file), "bytes": size})
        return
    out.print(f"{file}: {size / 1e6:,.1f} MB, checked", markup=False)


def restore(
    ctx: typer.Context,
    file: Path = typer.Argument(help="A file made by: ceasewire backup"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Puts a backup in the place of the store. Ceasewire must not run; the old store is kept beside it."""
    from ceasewire.errors import CeasewireError
    from embedded.store.copies import restore as put_back
    from embedded.store.kept import log_of

    try:
        kept = put_back(file, ctx.obj.store, ctx.obj.lock)
    except CeasewireError as error:
        fail(error)
    if json:
        log = str(log_of(kept)) if kept and log_of(kept).exists() else None
        print_json({"file": str(file), "kept": str(kept) if kept else None, "kept_log": log})
        return
    words = f"; the old one is kept as {kept}" if kept else ""
    if kept and log_of(kept).exists():
        words += f", its newest rows in {log_of(kept).name} beside it: keep the two together"
    out.print(f"{file} is the store now{words}", markup=False)


@contextmanager
def _taking(places: Places) -> Iterator[Callable[[list[Any]], Mapping[str, int]]]:
    """Takes items in through the running process, or alone where none runs."""
    from embedded.socket import ask, is_running

    if is_running(places.socket):
        yield lambda items: ask(places.socket, "import", {"items": items}, timeout=600)
        return
    with _alone(places) as take:
        yield take


@contextmanager
def _alone(places: Places) -> Iterator[Callable[[list[Any]], Mapping[str, int]]]:
    from ceasewire.metrics import Metrics
    from embedded.intake import SqliteIntake
    from embedded.store import open_store
    from embedded.store.lock import hold
    from process.configuration import read_configuration
    from process.logs import configure_alone

    def now() -> datetime:
        return datetime.now(UTC)

    configuration = read_configuration(places, os.environ, sends=False)
    configure_alone(configuration.secrets)
    engine = configuration.engine
    with hold(places.lock):
        store = open_store(places.store, now)
        intake = SqliteIntake(store, lambda: engine, lambda *_: "{}", now, Metrics())
        try:
            with asyncio.Runner() as runner:
                yield lambda items: runner.run(intake.import_items(items))
        finally:
            intake.close()
            store.close()


def _progress(counts: Mapping[str, int]) -> None:
    if sys.stderr.isatty():
        err.print(f"{sum(counts.values()):,} lines", end="\r")
