"""The command line: one typer application, put together from the modules beside this one."""

from pathlib import Path

import typer

from embedded.places import Places


def build() -> typer.Typer:
    """The application with all commands. Each module adds its own by `add(app)`."""
    from embedded.cli import feeds, reading, running, tagging

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
    ) -> None:
        ctx.obj = Places(config=config, data=data)

    for part in (running, feeds, tagging, reading):
        part.add(app)
    return app


def main() -> None:
    """The entry point of the command `ceasewire`."""
    build()()
