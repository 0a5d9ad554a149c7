"""The command `ceasewire cluster setup`."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from cluster.cli.configured import said_in_words, whole
from embedded.cli.calling import as_called
from embedded.cli.output import out, print_json

if TYPE_CHECKING:
    from cluster.setup import Step
    from process.configuration import Configuration

STEPS = ("topics", "index", "kibana")


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="setup")(setup)


def setup(
    ctx: typer.Context,
    only: list[str] = typer.Option([], "--only", help="topics, index or kibana; all where it is left out"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each step"),
) -> None:
    """Makes topics, indices and dashboards that are missing; may be run at any time. Ends with 1 where it refused.

    What is there and differs is named and left alone, where changing it would hurt.
    """
    from cluster.setup import run

    unknown = [name for name in only if name not in STEPS]
    if unknown:
        from embedded.cli.output import fail

        fail(f'there is no step "{unknown[0]}"; there are {", ".join(STEPS)}')
    with said_in_words():
        configuration = whole(ctx.obj)
        made = {name: make(configuration) for name, make in _steps().items() if not only or name in only}
        refused = False
        for ran in run(list(made.values())):
            refused = refused or bool(ran.outcome.refusals)
            if json:
                print_json({"step": ran.name, **ran.outcome._asdict()})
                continue
            for line in ran.outcome.lines:
                out.print(as_called(f"{ran.name}: {line}"), markup=False)
            for line in ran.outcome.refusals:
                out.print(as_called(f"{ran.name}: refused: {line}"), style="red", markup=False)
            if not ran.outcome.lines and not ran.outcome.refusals:
                out.print(f"{ran.name}: all is there", style="green", markup=False)
    if refused:
        raise typer.Exit(1)


def _steps() -> "Mapping[str, Callable[[Configuration], Step]]":
    from importlib.metadata import version

    from ceasewire import bundled
    from ceasewire.editions import made_of
    from cluster.kibana import KibanaStep
    from cluster.setup_index import Indices
    from cluster.topics_setup import Topics

    def topics(configuration: "Configuration") -> "Step":
        packs = bundled.packs(configuration.settings.packs)
        return Topics(configuration.settings.kafka, made_of(packs, configuration.rules, version("ceasewire")))

    return {
        "topics": topics,
        "index": lambda configuration: Indices(configuration.settings.elasticsearch),
        "kibana": lambda configuration: KibanaStep(configuration.settings),
    }
