"""Commands about feeds: add, list, check, parse, import, export."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import typer

from embedded.cli.output import err, fail, out, print_json
from process.places import Places

_commands_help = "Finds, lists, polls and explains feeds."


def add(app: typer.Typer) -> None:
    """Adds the commands `feeds ...`."""
    feeds = typer.Typer(name="feeds", help=_commands_help, no_args_is_help=True, pretty_exceptions_enable=False)
    feeds.command(name="add")(add_feed)
    feeds.command(name="list")(list_feeds)
    feeds.command(name="check")(check)
    feeds.command(name="parse")(parse)
    feeds.command(name="import")(import_)
    feeds.command(name="export")(export)
    app.add_typer(feeds)


def add_feed(
    ctx: typer.Context,
    url: str = typer.Argument(help="Address of a site or of a feed"),
    name: str = typer.Option("", "--id", help="Id of the feed; else made from the outlet's name"),
    outlet: str = typer.Option("", help="Name of the outlet; else the feed's own title"),
    kind: str = typer.Option("outlet", help="agency, outlet, state media or institution"),
    country: str = typer.Option("", help="ISO code of the outlet's country, like UA"),
    language: str = typer.Option("", help="ISO code of the feed's language, like uk; else as the feed says"),
    allow: list[str] = typer.Option(
        [], "--allow-private", help="Private network that the feed may be read from, like 10.0.0.0/8"
    ),
    yes: bool = typer.Option(False, "--yes", "-y", help="Add without asking"),
    json: bool = typer.Option(False, "--json", help="What was added as one JSON value; adds without asking"),
) -> None:
    """Finds the feeds of a site, shows what they hold and adds one to feeds.yml."""
    from ceasewire.errors import CeasewireError
    from embedded.cli.feed_adding import add_found, find, networks

    try:
        allowed = networks(allow)
        found = asyncio.run(find(ctx.obj, os.environ, url, allowed))
        if not found.candidates:
            fail(found.problem.replace("under `allow_private` of the feed", "with --allow-private"))
        add_found(
            ctx.obj,
            found.candidates,
            {"id": name, "outlet": outlet, "kind": kind, "country": country, "language": language},
            yes,
            json,
            allowed,
        )
    except CeasewireError as error:
        fail(error)


def list_feeds(
    ctx: typer.Context, json: bool = typer.Option(False, "--json", help="One JSON line for each feed")
) -> None:
    """Shows each feed: how it is doing, last success, next poll, items a week."""
    from ceasewire.errors import CeasewireError
    from embedded.cli.feed_telling import read_states, show_list
    from process.config_files import Reading
    from process.feed_views import view

    now = datetime.now(UTC)
    try:
        reading = Reading(ctx.obj, os.environ)
        feeds = reading.done(Reading.feeds)
        states = asyncio.run(read_states(ctx.obj))
    except CeasewireError as error:
        fail(error)
    views = [view(feed, states.get(feed.id), now, reading.secrets) for feed in feeds]
    if json:
        for one in views:
            print_json(one)
    else:
        show_list(views, now)
    if any(one.enabled and one.state.health in ("failing", "waiting") for one in views):
        raise typer.Exit(1)


def check(
    ctx: typer.Context,
    feeds: list[str] = typer.Argument(None, help="Ids of feeds; none = all"),
    force: bool = typer.Option(
        False, "--force", help="Ask for the whole document, also where the server asked us to wait"
    ),
    json: bool = typer.Option(False, "--json", help="One JSON line for each feed"),
) -> None:
    """Polls feeds now and explains each result in words."""
    from ceasewire.errors import CeasewireError
    from embedded.checking import check as poll
    from embedded.cli.feed_telling import show_checked
    from process.config_files import read_feed_list

    try:
        known = {feed.id: feed for feed in read_feed_list(ctx.obj, os.environ)}
        names = feeds or [feed.id for feed in known.values() if feed.enabled]
        for name in names:
            if name not in known:
                fail(f'no feed has the id "{name}": ceasewire feeds list')
        states = asyncio.run(poll(ctx.obj, os.environ, names, force))
    except CeasewireError as error:
        fail(error)
    for state in states:
        if json:
            print_json(state)
        else:
            show_checked(known[state.feed], state)
    if any(state.health in ("failing", "waiting") for state in states):
        raise typer.Exit(1)


def parse(
    files: list[Path] = typer.Argument(help="Feed files: RSS, Atom or JSON Feed"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each file, with its values or the reason"),
) -> None:
    """Shows what we read in feed files. Ends with 1 where one is no feed, and with 2 where one cannot be opened.

    With --json a file that is no feed is told by its line alone: the batch is done, and ends with 0.
    """
    from embedded.cli.feed_telling import parse_files, row, show_parsed
    from producers.documents import Unreadable
    from producers.reasons import Reason

    reasons = set()
    for file, reading in asyncio.run(parse_files(files)):
        if isinstance(reading, Unreadable):
            reasons.add(reading.reason)
        if json:
            print_json(row(file, reading))
        else:
            show_parsed(file, reading)
    if Reason.NO_FILE in reasons:
        raise typer.Exit(2)
    if reasons and not json:
        raise typer.Exit(1)


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(help="An OPML file"),
    json: bool = typer.Option(False, "--json", help="What was added and left out as one JSON value"),
) -> None:
    """Adds the feeds of an OPML file to feeds.yml; those that are there already stay as they are."""
    from ceasewire.errors import CeasewireError
    from embedded.cli.feed_adding import import_list

    try:
        done = import_list(ctx.obj, file)
    except OSError as error:
        fail(f"cannot read {file}: {error.strerror}")
    except (CeasewireError, ValueError) as error:
        fail(f"{file}: {error}")
    if json:
        print_json(done)
    else:
        for one in done.skipped:
            err.print(f"left out: {one.feed}: {one.reason}", style="yellow", markup=False)
        count = "1 feed" if len(done.added) == 1 else f"{len(done.added)} feeds"
        out.print(f"{count} added to {_list(ctx.obj)}, {done.known} there already", markup=False)
    if done.skipped:
        raise typer.Exit(1)


def export(
    ctx: typer.Context,
    output: Path | None = typer.Option(None, "--output", "-o", help="A new file; else standard output"),
) -> None:
    """Writes the feeds as OPML, for other readers."""
    from ceasewire.errors import CeasewireError
    from embedded.cli.feed_adding import current
    from embedded.feed_file import as_written
    from producers import opml

    try:
        text = opml.write(as_written(_list(ctx.obj), current(ctx.obj)))
    except CeasewireError as error:
        fail(error)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        with output.open("x", encoding="utf-8") as target:
            target.write(text)
    except OSError as error:
        fail(f"cannot write {output}: {error.strerror}")
    err.print(f"written to {output}", markup=False)


def _list(places: Places) -> Path:
    return places.config / "feeds.yml"
