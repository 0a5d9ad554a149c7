"""The command `ceasewire cluster status`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
import typer

from cluster.cli.configured import said_in_words, settings_and_feeds
from embedded.cli.calling import as_called
from embedded.cli.output import out, print_json

if TYPE_CHECKING:
    from cluster.status import Stage, Status

LAST = 5


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="status")(status)


def status(
    ctx: typer.Context,
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
    all_: bool = typer.Option(False, "--all", help="Also the partitions where nothing waits"),
) -> None:
    """Shows for each stage and partition what waits, how old it is and who works on it, and says what is wrong.

    Ends with 1 where something is wrong; single feeds that fail are a note.
    """
    import asyncio

    from cluster.search.counting import count
    from cluster.status import findings
    from cluster.status_reading import read_status

    with said_in_words():
        settings, feeds = settings_and_feeds(ctx.obj)
        enabled = [feed.id for feed in feeds if feed.enabled]
        found = read_status(
            settings.kafka, enabled, datetime.now(UTC), lambda: asyncio.run(count(settings.elasticsearch))
        )
    wrong = findings(found)
    if json:
        print_json({**msgspec.to_builtins(found), "health": found.health, "findings": msgspec.to_builtins(wrong)})
    else:
        _tell(found, all_)
        for one in wrong:
            out.print(as_called(str(one)), style="dim" if one.note else "yellow", markup=False)
        if all(one.note for one in wrong):
            out.print("all else is well" if wrong else "all is well", style="green")
    if any(not one.note for one in wrong):
        raise typer.Exit(1)


def _tell(found: "Status", everything: bool) -> None:
    edition = f", edition {found.edition}" if found.edition else ""
    out.print(f"brokers {found.brokers}{edition}", markup=False)
    if found.feeds:
        counts = ", ".join(f"{count:,} {health}" for health, count in sorted(found.health.items()))
        out.print(f"produce  {len(found.feeds):,} feeds: {counts}", markup=False)
    for stage in found.stages:
        _tell_stage(stage, everything)
    if found.index:
        out.print("found    " + ", ".join(f"{count:,} {kind}" for kind, count in found.index.items()), markup=False)
    if found.dead:
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(found.dead_by.items()))
        out.print(f"dead     {len(found.dead):,} letters: {counts}", markup=False)
        for letter in found.dead[-LAST:]:
            line = f"           {letter.at:%Y-%m-%d %H:%M:%S} {letter.key} {letter.reason} {letter.detail[:120]}"
            out.print(line, style="dim", markup=False)
    if found.dead_unread:
        out.print(f"           {found.dead_unread:,} older rows of the topic were not looked at", style="dim")


def _tell_stage(stage: "Stage", everything: bool) -> None:
    from cluster.status import span, waiting

    oldest = f", the oldest for {span(stage.oldest)}" if stage.oldest is not None else ""
    workers = "1 worker" if len(stage.workers) == 1 else f"{len(stage.workers)} workers"
    out.print(f"{stage.name:8} {waiting(stage.lag)}{oldest}; {workers}", markup=False)
    for one in stage.partitions:
        if everything or one.lag:
            age = f", the oldest for {span(one.oldest)}" if one.oldest is not None else ""
            place = f"{one.topic}/{one.partition}"
            out.print(f"           {place}: {one.lag:,}{age}; {one.worker or 'nobody'}", style="dim", markup=False)
