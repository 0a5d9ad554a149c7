"""The command `ceasewire cluster desk`."""

import os

import typer


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="desk")(desk)


def desk(
    ctx: typer.Context,
    port: int | None = typer.Option(None, min=0, max=65535, help="Port of the desk; 0 takes a free one"),
) -> None:
    """Serves the desk over Elasticsearch until it is told to end."""
    from cluster.desk import run_desk

    environ = {**os.environ, "CEASEWIRE_CONFIG": str(ctx.obj.config), "CEASEWIRE_DATA": str(ctx.obj.data)}
    raise typer.Exit(run_desk(environ, port))
