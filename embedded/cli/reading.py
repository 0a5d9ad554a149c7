"""Commands that read the store (search, why, export), beside a running process or without one."""

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer

from embedded.cli import storing
from embedded.cli.output import err, fail, print_json
from process.places import Places

if TYPE_CHECKING:
    from ceasewire.query import Node

_PHRASE = re.compile(r"(?!.*\b(?:OR|AND|NOT)\b)[^\":()\s-][^\":()]*\s[^\":()]*")
"""What is a phrase among other words: no signs or words of the grammar."""


def add(app: typer.Typer) -> None:
    """Adds search, why, export and the commands of `storing`."""
    # "-talks" is a word of the query, as the help of the desk has it
    app.command(name="search", context_settings={"ignore_unknown_options": True})(search)
    app.command(name="why")(why)
    app.command(name="export")(export)
    storing.add(app)


def search(
    ctx: typer.Context,
    words: list[str] = typer.Argument(
        help='Words, "phrases", AND OR NOT, issue: actor: conflict: lang: source: mark: extent: in:title',
    ),
    since: str = typer.Option("", help="Only items from here on: 7d, 24h or 2026-03-01"),
    until: str = typer.Option("", help="Only items before this: 24h ago as 24h, or 2026-03-01"),
    limit: int = typer.Option(20, min=1, max=1000, help="Items shown"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each item, with the words that matched"),
    facets: bool = typer.Option(False, help="Counts of issues, actors, languages, sources and days instead of items"),
) -> None:
    """Finds stored items, newest first."""
    from embedded.cli.found import answer
    from embedded.cli.sources import refuse_unknown_sources
    from embedded.search import SqliteSearch
    from embedded.store import Store

    query = read_words(words, "ceasewire search")
    ask = read_ask(ctx.obj, query, since, until, limit)

    async def run(store: Store) -> None:
        searching = SqliteSearch(store)
        await refuse_unknown_sources(ctx.obj, searching, ask)
        await answer(searching, ask, query, json, facets)

    _with_store(ctx, run)


def read_words(words: list[str], command: str) -> str:
    """The query of the words that a shell gives; of several, one with a space in it was a phrase in quotes.

    Ends the command where a word is an option that does not exist.
    """
    unknown = next((word for word in words if word.startswith("--")), None)
    if unknown:
        fail(f"there is no option {unknown}; `{command} --help` lists them")
    if len(words) == 1:
        return words[0]
    return " ".join(f'"{word}"' if _PHRASE.fullmatch(word) else word for word in words)


def why(
    ctx: typer.Context,
    item: str = typer.Argument(help="Address or id of an item"),
    json: bool = typer.Option(False, "--json", help="All of it as one JSON value"),
) -> None:
    """Tells the whole way of an item: polled, admitted, tagged, story, each rule, each delivery."""
    from embedded.cli.way import show_way
    from embedded.store import Store
    from embedded.store.reader import SqliteItems

    async def run(store: Store) -> None:
        way = await SqliteItems(store.readers, lambda: _rules(ctx.obj)).way(item)
        if way is None:
            fail(
                f"no stored item has the address or id {item[:200]}: "
                "it may not have been in a feed, or the feed was not polled since (ceasewire feeds list)"
            )
        print_json(way) if json else show_way(way)

    _with_store(ctx, run)


def export(
    ctx: typer.Context,
    query: str = typer.Argument("", help="What to export, as in search; empty = everything"),
    form: str = typer.Option("jsonl", "--format", help="jsonl (every tag, can be imported again) or csv"),
    since: str = typer.Option("", help="Only items from here on: 7d, 24h or 2026-03-01"),
    until: str = typer.Option("", help="Only items before this"),
    limit: int = typer.Option(0, min=0, help="At most so many items; 0 = all"),
    output: Path | None = typer.Option(None, "--output", "-o", help="A new file; else standard output"),
    pairs: bool = typer.Option(
        False, "--pairs", help="The sentences that name an actor and an issue together, by week, instead of items"
    ),
) -> None:
    """Writes items as JSON lines or CSV, newest first."""
    from embedded.cli.sources import refuse_unknown_sources
    from embedded.exporting import export as lines
    from embedded.exporting_pairs import export_pairs
    from embedded.search import SqlitePairs, SqliteSearch
    from embedded.store import Store

    if form not in ("jsonl", "csv"):
        fail(f'the format "{form}" is not known: jsonl or csv')
    ask = read_ask(ctx.obj, query, since, until, limit)

    async def run(store: Store) -> None:
        # a page of a large export may take longer than a page of a search on the desk
        searching = SqliteSearch(store, seconds=60)
        await refuse_unknown_sources(ctx.obj, searching, ask)
        kind: Literal["csv", "jsonl"] = "csv" if form == "csv" else "jsonl"
        written = export_pairs(SqlitePairs(store, seconds=60), ask, kind) if pairs else lines(searching, ask, kind)
        target = output.open("xb") if output else sys.stdout.buffer
        count = -1 if form == "csv" else 0
        try:
            async for line in written:
                target.write(line)
                count += 1
            target.flush()
        finally:
            if output:
                target.close()
        if output:
            err.print(f"{count:,} {'sentences' if pairs else 'items'} written to {output}", markup=False)

    try:
        _with_store(ctx, run)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has enough, as with `| head`
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}")


def _rules(places: Places) -> list[str]:
    """The rules in force, to name those that were not met; a file that cannot be read now is passed over."""
    from ceasewire import bundled
    from ceasewire.config.lines import read_yaml
    from ceasewire.config.rules import read_rule
    from ceasewire.errors import ConfigurationError

    folder = places.config / "rules"
    if not folder.is_dir():
        return [rule.id for rule in bundled.rules() if rule.enabled]
    found = []
    for path in sorted(folder.glob("*.y*ml")):
        try:
            rule = read_rule(read_yaml(path.read_text(encoding="utf-8"), str(path)))
        except (ConfigurationError, OSError, UnicodeDecodeError):
            continue
        found += [rule.id] if rule.enabled else []
    return found


def read_ask(places: Places, query: str, since: str, until: str, limit: int) -> Any:
    """The search that the words ask for, as an Ask; ends with 2 where they cannot be read."""
    from ceasewire.errors import QueryError
    from ceasewire.grammar import parse
    from ceasewire.views import Ask
    from embedded.cli.moments import read_moment

    now = datetime.now(UTC)
    try:
        node = parse(query) if query.strip() else None
        _refuse_unknown(places, node)
        return Ask(
            node=node,
            since=read_moment(since, now) if since else None,
            until=read_moment(until, now) if until else None,
            limit=limit,
        )
    except QueryError as error:
        fail(f"{query}\n{' ' * (error.column - 1)}^ {error.text}")
    except ValueError as error:
        fail(str(error))


def _refuse_unknown(places: Places, node: "Node | None") -> None:
    """Ends with 2 where the query names an issue, actor, conflict or language that does not exist."""
    from ceasewire.grammar import leaves
    from ceasewire.known import unknown
    from ceasewire.query import Has
    from embedded.cli.naming import read_names

    asked = {leaf.name for leaf in (leaves(node) if node else ()) if isinstance(leaf, Has)}
    known: dict[str, Collection[str]] = {}
    if asked & {"issue", "actor", "conflict", "mark"}:
        names = read_names(places)
        known = {
            "issue": names.known_issues(),
            "actor": names.known_actors(),
            "conflict": names.known_conflicts(),
            "mark": names.known_marks(),
        }
    if "lang" in asked:
        from ceasewire.text.language import LANGUAGES, UNKNOWN

        known["lang"] = (*LANGUAGES, UNKNOWN)
    faults = unknown(node, known) if node and known else []
    if faults:
        lists = "" if known.keys() == {"lang"} else "\nthose that there are: ceasewire names"
        fail("\n".join(faults) + lists)


def _with_store(ctx: typer.Context, run: Callable[[Any], Awaitable[None]]) -> None:
    """Runs over a read-only store, and tells what is wrong with it in words."""
    from ceasewire.errors import CeasewireError
    from embedded.store import read_store

    async def whole() -> None:
        store = read_store(ctx.obj.store, lambda: datetime.now(UTC))
        try:
            await run(store)
        finally:
            store.close()

    try:
        asyncio.run(whole())
    except CeasewireError as error:
        fail(error)
