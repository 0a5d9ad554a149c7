"""The command names: what queries may ask for by id."""

import os
from typing import TYPE_CHECKING

import typer

from embedded.cli.output import fail, out, print_json
from process.places import Places

if TYPE_CHECKING:
    from ceasewire.pack.names import Names

KINDS = ("issues", "actors", "conflicts", "marks")


def add(app: typer.Typer) -> None:
    """Adds `names`."""
    app.command(name="names")(names)


def names(
    ctx: typer.Context,
    kind: str = typer.Argument("", help="issues, actors, conflicts or marks; else all of them"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each: kind, id, name"),
) -> None:
    """Lists the ids that issue: actor: conflict: and mark: take in a query, with their names."""
    if kind and kind not in KINDS:
        fail(f'there are no "{kind}": {", ".join(KINDS)}')
    known = read_names(ctx.obj)
    for one, ids, name in (
        ("issues", known.known_issues(), known.issue),
        ("actors", known.known_actors(), known.actor),
        ("conflicts", known.known_conflicts(), known.conflict),
        ("marks", known.known_marks(), known.mark),
    ):
        if kind not in ("", one):
            continue
        if not json and not kind:
            out.print(one, style="bold")
        width = max(map(len, ids), default=0)
        for id in ids:
            if json:
                print_json({"kind": one.removesuffix("s"), "id": id, "name": name(id)})
            else:
                out.print(f"{id:{width}}  {name(id)}", markup=False)


def read_names(places: Places) -> "Names":
    """The names of the packs in force; those of the bundled ones where settings.yml cannot be read."""
    from ceasewire import bundled
    from ceasewire.config.settings import Settings
    from ceasewire.errors import ConfigurationError
    from ceasewire.pack.names import Names
    from process.config_files import read_settings

    try:
        return Names(bundled.packs(read_settings(places, os.environ).packs))
    except ConfigurationError:
        return Names(bundled.packs(Settings().packs))
