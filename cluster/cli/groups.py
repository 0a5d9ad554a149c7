"""The command `ceasewire cluster reset-group`."""

from datetime import UTC, datetime

import typer

from cluster.cli.configured import said_in_words, settings_and_feeds
from embedded.cli.output import out


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="reset-group")(reset_group)


def reset_group(
    ctx: typer.Context,
    stage: str = typer.Argument(help="tag, gather, notify or index"),
    to: str = typer.Option(..., help="earliest, latest, an offset, or a time like 24h or 2026-03-01T12:00Z"),
) -> None:
    """Lets a stage go on from elsewhere; refuses while workers of it are active.

    Rows that are handled again have the same ids: what was stored is written over with the same, alerts that went
    out are not sent again. Rows that are skipped are not handled at all.
    """
    from cluster.broker import Broker
    from cluster.resetting import reset
    from embedded.cli.moments import read_moment

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        with Broker(settings.kafka) as broker:
            moved = reset(broker, settings.kafka, stage, to, lambda text: read_moment(text, datetime.now(UTC)))
    for place, (before, after) in moved.items():
        out.print(f"{place.topic}/{place.partition}: from {before:,} to {after:,}", markup=False)
