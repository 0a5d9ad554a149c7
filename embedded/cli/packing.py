"""The commands under `pack`: check, stats, explain, diff, suggest."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from embedded.cli.output import fail, out, print_json

if TYPE_CHECKING:
    from ceasewire.items import Tagged
    from ceasewire.pack.load import Pack

_NAMED = "Ids of bundled packs or folders; else those of settings.yml"
_ITEMS = "JSON lines as `ceasewire export` writes them, or with id, title, text; else the stored items"


def add(app: typer.Typer) -> None:
    """Adds the group `pack`."""
    group = typer.Typer(help="Check, measure and change the packs: the issues, actors and words that tags are made of.")
    for command in (check, stats, explain, diff, suggest):
        group.command(name=command.__name__)(command)
    app.add_typer(group, name="pack")


def check(
    ctx: typer.Context,
    packs: list[str] = typer.Argument(None, help=_NAMED),
    advice: bool = typer.Option(False, "--advice", help="Tell also what would make them better and is no fault"),
) -> None:
    """Loads packs, runs their examples, and tells each fault with file and line. Ends with 1 where there is one."""
    from ceasewire.errors import CeasewireError, ConfigurationError
    from ceasewire.pack.review import advise, review
    from ceasewire.tagging.examples import check_examples
    from ceasewire.tagging.tagger import build_tagger

    try:
        loaded = _packs(ctx, packs)
        faults = [fault for pack in loaded for fault in review(pack)]
        faults += check_examples(loaded, build_tagger(loaded, {}, 0))
    except ConfigurationError as error:
        faults = list(error.faults)
        loaded = ()
    except CeasewireError as error:
        fail(error)
    for fault in faults:
        out.print(str(fault), markup=False)
    if faults:
        out.print(f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}")
        raise typer.Exit(1)
    for one in (one for pack in loaded if advice for one in advise(pack)):
        out.print(str(one), markup=False)
    for pack in loaded:
        examples = sum(len(some) for one in pack.issues for key in (one.must, one.must_not) for some in key.values())
        out.print(
            f"{pack.id} {pack.head.version}: {len(pack.issues)} issues, {len(pack.actors)} actors, "
            f"{examples} examples, all hold"
        )


def stats(
    ctx: typer.Context,
    packs: list[str] = typer.Argument(None, help=_NAMED),
    json: bool = typer.Option(False, "--json", help="All of it as one JSON value"),
) -> None:
    """Counts what is in packs, by type and language, and what loading them costs."""
    from embedded.cli.pack_telling import measured, show_counts

    loaded = _loaded(ctx, packs)
    found = measured(loaded)
    print_json(found) if json else show_counts(found)


def explain(
    ctx: typer.Context,
    source: str = typer.Argument(help='A text, the id or address of a stored item, or "-" for the input'),
    packs: list[str] = typer.Option([], "--pack", help=_NAMED),
) -> None:
    """Shows each tag of a text with the pattern's file and line, and patterns that came near and do not count."""
    from ceasewire.engine import build_engine
    from ceasewire.errors import ConfigurationError
    from embedded.cli.explaining import show
    from embedded.cli.pack_telling import show_dropped, show_places
    from embedded.cli.pack_texts import read_text

    loaded = _loaded(ctx, packs)
    try:
        engine = build_engine(loaded, (), ())
    except ConfigurationError as error:
        fail(error)
    item = read_text(ctx.obj, source)
    tagged = engine.tag(item)
    show(tagged, engine)
    show_places(tagged, loaded)
    show_dropped(engine.tagger.dropped(tagged), loaded)


def diff(
    ctx: typer.Context,
    old: str = typer.Argument(help="Id of a bundled pack, or a folder"),
    new: str = typer.Argument(help="Another, as a folder of a later version"),
    items: Path | None = typer.Option(None, "--items", help=_ITEMS),
    query: str = typer.Option("", "--query", help="Only items that this finds"),
    limit: int = typer.Option(5000, min=1, help="At most so many items, newest first"),
    show: int = typer.Option(10, "--show", min=0, help="Items shown for each tag"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each change"),
) -> None:
    """Tells which items gain or lose which tag from one version of a pack to another. Nothing is stored."""
    from ceasewire.errors import ConfigurationError
    from ceasewire.tagging.tagger import build_tagger
    from ceasewire.tuning.differences import differences
    from embedded.cli.pack_telling import show_changes

    try:
        before, after = (build_tagger(_loaded(ctx, [one]), {}, 0) for one in (old, new))
    except ConfigurationError as error:
        fail(error)
    given = _items(ctx, items, query, "", limit)
    changes = list(differences(before, after, given))
    if json:
        for change in changes:
            print_json(change)
    else:
        show_changes(changes, len(given), show)


def suggest(
    ctx: typer.Context,
    items: Path | None = typer.Option(None, "--items", help=_ITEMS),
    since: str = typer.Option("30d", help="Only items from here on: 7d, 24h or 2026-03-01"),
    limit: int = typer.Option(20000, min=1, help="At most so many items, newest first"),
    least: int = typer.Option(5, min=2, help="Texts that must have it, copies counted once"),
    most: int = typer.Option(50, min=1, help="Suggestions shown"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each suggestion"),
) -> None:
    """Lists names and phrases that keep appearing beside known actors and issues and are in no pack yet."""
    from ceasewire.tagging.tagger import build_tagger
    from ceasewire.tuning.suggestions import common_words, known_words
    from ceasewire.tuning.suggestions import suggest as suggested
    from embedded.cli.pack_telling import show_suggestions

    loaded = _loaded(ctx, [])
    tagger = build_tagger(loaded, {}, 0)
    given = [tagger.tag(one.item) for one in _items(ctx, items, "", since, limit)]
    found = suggested(given, common_words(loaded), known_words(loaded), least)[:most]
    if json:
        for one in found:
            print_json(one)
    else:
        show_suggestions(found, len(given))


def _packs(ctx: typer.Context, named: list[str] | None) -> "tuple[Pack, ...]":
    from embedded.pack_files import read_packs
    from process.config_files import read_settings

    return read_packs(named or read_settings(ctx.obj, os.environ).packs)


def _loaded(ctx: typer.Context, named: list[str] | None) -> "tuple[Pack, ...]":
    from ceasewire.errors import CeasewireError

    try:
        return _packs(ctx, named)
    except CeasewireError as error:
        fail(error)


def _items(ctx: typer.Context, file: Path | None, query: str, since: str, limit: int) -> "list[Tagged]":
    from ceasewire.errors import CeasewireError
    from embedded.cli.pack_texts import stored_items
    from embedded.pack_files import read_items

    try:
        if file is not None:
            return list(read_items(file))[:limit]
        return stored_items(ctx.obj, query, since, limit)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except CeasewireError as error:
        fail(error)
