"""The command line: one typer application, put together from the modules beside this one."""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

import typer

from process.places import Places

PARTS = ("running", "feeds", "reading", "naming", "tagging", "packing", "alerts", "demo")
"""The modules beside this one that hold commands, in the order of the help."""
GROUP = "ceasewire.commands"
"""Entry points of further commands: each takes the application and adds its own."""


def build() -> typer.Typer:
    """The application with all commands. Each module adds its own by `add(app)`."""
    app = typer.Typer(
        name="ceasewire",
        help="A news monitor for people who follow peace negotiations.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def places(
        ctx: typer.Context,
        config: Path = typer.Option(Path("config"), envvar="CEASEWIRE_CONFIG", help="Folder of the configuration"),
        data: Path = typer.Option(Path("data"), envvar="CEASEWIRE_DATA", help="Folder of the store"),
        _version: bool = typer.Option(
            False, "--version", callback=_say_version, is_eager=True, help="Print the version and end"
        ),
    ) -> None:
        ctx.obj = Places(config=config, data=data)

    for name in PARTS:
        import_module(f"embedded.cli.{name}").add(app)
    join(app)
    return app


def join(app: typer.Typer) -> None:
    """Adds the commands of further editions, which name themselves in the entry point group of this one."""
    try:
        points = distribution("ceasewire").entry_points
    except PackageNotFoundError:  # run from the sources alone
        return
    for point in points.select(group=GROUP):
        point.load()(app)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ceasewire {version('ceasewire')}")
        raise typer.Exit


def main() -> None:
    """The entry point of the command `ceasewire`."""
    build()()
