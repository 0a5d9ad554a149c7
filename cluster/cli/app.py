"""The group `ceasewire cluster`: put together from the modules beside this one."""

import sys
from importlib import import_module
from importlib.util import find_spec

import typer

from embedded.cli.output import fail

PARTS = ("setting_up", "telling", "groups", "dead", "alerts", "tags", "reindexing", "searching", "page")
"""The modules beside this one that hold commands, in the order of the help."""
NEEDED = ("kafka", "elasticsearch", "faust")


def add(app: typer.Typer, needed: tuple[str, ...] = NEEDED) -> None:
    """Adds the group. Its commands are listed also where the extra is missing, and then say so."""
    group = typer.Typer(
        name="cluster",
        help="Sets up, watches and mends the cluster edition (Kafka, Faust, Elasticsearch).",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
    )

    @group.callback()
    def complete() -> None:
        if missing := absent(needed):
            fail(f"ceasewire cluster needs {', '.join(missing)}: pip install 'ceasewire[cluster]'")

    for name in PARTS:
        import_module(f"cluster.cli.{name}").add(group)
    app.add_typer(group)


def absent(needed: tuple[str, ...]) -> tuple[str, ...]:
    """What of the extra is not installed."""
    # what is imported already is there, and one of them then has nothing left that find_spec could give
    return tuple(name for name in needed if name not in sys.modules and find_spec(name) is None)
