"""Commands that tag texts without a store: in batches, into stories, and one text with the reasons shown."""

import os
from pathlib import Path

import typer

from embedded.cli.output import fail


def add(app: typer.Typer) -> None:
    """Adds tag, stories and explain."""
    app.command(name="tag")(tag)
    app.command(name="stories")(stories)
    app.command(name="explain")(explain)


def tag(
    ctx: typer.Context,
    file: str = typer.Argument(help='JSON lines with id, title, text, and maybe source and published; "-" reads input'),
    rules: str = typer.Option("enabled", help="enabled, or all: the rules that are off too"),
) -> None:
    """Tags a batch of texts: a JSON line out for each line in, in the same order. Age limits do not apply."""
    from ceasewire.errors import CeasewireError
    from embedded import batches
    from embedded.cli.output import print_json

    if rules not in ("enabled", "all"):
        fail(f'--rules is "enabled" or "all", not "{rules}"')
    try:
        engine = batches.engine(ctx.obj, os.environ)
        for row in batches.read_rows(file):
            print_json(batches.tagged_row(engine, row, every_rule=rules == "all"))
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except CeasewireError as error:
        fail(str(error))


def stories(
    ctx: typer.Context,
    file: str = typer.Argument(help='JSON lines with id, title, text and maybe published; "-" reads input'),
) -> None:
    """Groups texts by what they tell: a JSON line with id and story, the first text of its thread, for each line in."""
    from ceasewire.errors import CeasewireError
    from embedded import batches
    from embedded.cli.output import print_json

    try:
        engine = batches.engine(ctx.obj, os.environ)
        for row in batches.story_rows(engine, batches.read_rows(file)):
            print_json(row)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except CeasewireError as error:
        fail(str(error))


def explain(
    ctx: typer.Context,
    source: str = typer.Argument(help='A text file (its first line is the headline), an address, or "-"'),
    json: bool = typer.Option(False, "--json", help="The tagged item as one JSON line"),
) -> None:
    """Shows which words of a text gave which tag, and which rules it meets."""
    from ceasewire.errors import CeasewireError
    from embedded import batches
    from embedded.cli.explaining import read_source, show
    from embedded.cli.output import print_json

    try:
        engine = batches.engine(ctx.obj, os.environ)
        title, text = read_source(source, ctx.obj, os.environ)
    except OSError as error:
        fail(f"cannot read {source}: {error.strerror or error}")
    except (CeasewireError, UnicodeDecodeError) as error:
        fail(str(error))
    if not (title.strip() or text.strip()):
        fail(f"there is no text in {Path(source) if source != '-' else 'the input'}")
    tagged = engine.tagger.tag(batches.make_item("explained", title, text))
    if json:
        print_json(tagged)
    else:
        show(tagged, engine)
