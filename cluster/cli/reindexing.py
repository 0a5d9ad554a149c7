"""The command `ceasewire cluster reindex`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import msgspec
import typer

from cluster.cli.configured import said_in_words, whole
from embedded.cli.calling import as_called
from embedded.cli.output import err, fail, out, print_json

if TYPE_CHECKING:
    from cluster.reindex.building import Built, Outcome
    from cluster.reindex.plan import Origin
    from indexers.templates import Kind


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="reindex")(reindex)


def reindex(
    ctx: typer.Context,
    kinds: list[str] = typer.Argument(
        None, metavar="[KIND]...", help="items, versions, stories, alerts, decisions, deliveries or feeds; else all"
    ),
    origin: list[str] = typer.Option(
        [], "--from", help="index: what the old index has; log: what the topics have; both where it is left out"
    ),
    anew: bool = typer.Option(False, "--anew", help="Also where an index has the fields of this version already"),
    fewer: bool = typer.Option(False, "--fewer", help="Also where the new index has less than the old one"),
    drop_old: bool = typer.Option(False, "--drop-old", help="Then delete the indices that are no longer in use"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Fills a new index beside the one in use, by the templates of this version, and lets the alias lead to it.

    Indexing and searching go on meanwhile, and nothing that comes is lost. The old index stays until --drop-old. It may
    be broken off at any time: the next run goes on. Ends with 1 where it refused.
    """
    from importlib.metadata import version

    from ceasewire import bundled
    from ceasewire.editions import made_of
    from cluster.reindex.building import Tagging, Wish
    from cluster.reindex.building import reindex as run
    from cluster.reindex.plan import ORIGINS
    from indexers.templates import KINDS

    wanted = cast("tuple[Kind, ...]", _known("kind", kinds or KINDS, KINDS))
    origins = cast("tuple[Origin, ...]", _known("origin", origin, ORIGINS))
    done = 0

    def tell(words: str) -> None:
        if not json:
            out.print(words, markup=False)

    def step(count: int) -> None:
        nonlocal done
        done += count
        if sys.stderr.isatty():
            err.print(f"{done:,} rows and documents", end="\r")

    with said_in_words():
        configuration = whole(ctx.obj)
        settings = configuration.settings
        hash = made_of(bundled.packs(settings.packs), configuration.rules, version("ceasewire"))
        wish = Wish(wanted, origins, anew, fewer, drop_old)
        outcome = run(settings, Tagging(configuration.engine, hash), wish, tell, step)
    if json:
        print_json(msgspec.to_builtins(outcome._asdict()))
    else:
        _tell(outcome)
    if outcome.refusals:
        raise typer.Exit(1)


def _known(what: str, names: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    for name in names:
        if name not in known:
            fail(f'there is no {what} "{name[:40]}"; there are {", ".join(known)}')
    return tuple(one for one in known if one in names)


def _tell(outcome: "Outcome") -> None:
    for index in outcome.done:
        words = "has the fields and stems of this version of the program; --anew fills a new one all the same"
        out.print(f"{index}: {words}", style="dim", markup=False)
    for one in outcome.built:
        out.print(_words(one), style="green", markup=False)
        if one.count.refused or one.count.lost:
            words = f"{one.count.lost:,} documents and {one.count.refused:,} rows were not taken: {one.count.why}"
            out.print(f"{one.after}: {words}", style="yellow", markup=False)
    for line in outcome.refusals:
        out.print(as_called(f"refused: {line}"), style="red", markup=False)


def _words(one: "Built") -> str:
    had = f", {one.before} had {one.had:,}" if one.had is not None else ""
    return f"{one.alias}: leads to {one.after}, which has {one.has:,} documents{had}"
