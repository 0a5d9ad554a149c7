"""The command `ceasewire cluster retag`."""

import sys

import typer

from cluster.cli.configured import said_in_words, whole
from embedded.cli.output import err, out


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="retag")(retag)


def retag(
    ctx: typer.Context,
    dry_run: bool = typer.Option(False, "--dry-run", help="Write nothing, only say what would change"),
) -> None:
    """Tags all stored items anew by the packs and rules in force, and says what changed. Alerts nobody.

    It raises the edition, which taggers take up by themselves, and writes to the topic tagged only.
    """
    from importlib.metadata import version

    from ceasewire import bundled
    from ceasewire.editions import made_of
    from cluster.broker import Broker
    from cluster.retagging import retag as run

    shows = sys.stderr.isatty()

    def progress(done: int, total: int) -> None:
        if shows:
            err.print(f"{done:,} of {total:,} rows", end="\r")

    with said_in_words():
        configuration = whole(ctx.obj)
        settings = configuration.settings
        hash = made_of(bundled.packs(settings.packs), configuration.rules, version("ceasewire"))
        with Broker(settings.kafka) as broker:
            report = run(broker, settings.kafka, configuration.engine, hash, dry=dry_run, progress=progress)
    for line in report.lines():
        out.print(line, markup=False)
