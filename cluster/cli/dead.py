"""The commands `ceasewire cluster dead list|show|replay`."""

from typing import TYPE_CHECKING, Any

import msgspec
import typer

from cluster.cli.configured import said_in_words, settings_and_feeds
from embedded.cli.output import fail, out, print_json

if TYPE_CHECKING:
    from cluster.dead_letters import Dead


def add(app: typer.Typer) -> None:
    """Adds the commands."""
    dead = typer.Typer(
        name="dead", help="Lists, shows and replays what no stage could handle.", no_args_is_help=True,
        pretty_exceptions_enable=False,
    )  # fmt: skip
    dead.command(name="list")(list_dead)
    dead.command(name="show")(show)
    dead.command(name="replay")(replay_dead)
    app.add_typer(dead)


def list_dead(
    ctx: typer.Context,
    limit: int = typer.Option(50, min=1, max=20_000, help="Letters shown, the newest"),
    all_: bool = typer.Option(False, "--all", help="Also those that were replayed"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each"),
) -> None:
    """Shows dead letters, newest last, with key, reason and where they came from."""
    from cluster.broker import Broker
    from cluster.dead_letters import read_letters

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        with Broker(settings.kafka) as broker:
            letters, unread = read_letters(broker)
    shown = [one for one in letters if all_ or one.replayed is None]
    for one in shown[-limit:]:
        if json:
            print_json(_plain(one))
            continue
        again = f" (replayed {one.replayed:%Y-%m-%d %H:%M:%S})" if one.replayed else ""
        line = f"{one.at:%Y-%m-%d %H:%M:%S}  {one.letter.key}  {one.letter.reason}  {one.letter.detail[:200]}{again}"
        out.print(line, markup=False)
    if json:
        return
    if len(shown) > limit:
        out.print(f"{len(shown) - limit:,} older ones are not shown: --limit", style="dim")
    if unread:
        out.print(f"{unread:,} older rows of the topic were not looked at", style="dim")
    if not shown:
        out.print("there are no dead letters", style="dim")


def show(
    ctx: typer.Context,
    key: str = typer.Argument(help="Key of the letter, as dead list shows it"),
    raw: bool = typer.Option(False, "--raw", help="Only the bytes, untouched"),
) -> None:
    """Shows a dead letter with its bytes; what is no plain sign is written out."""
    import sys

    from cluster.broker import Broker
    from cluster.dead_letters import find, printable, read_letters

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        with Broker(settings.kafka) as broker:
            one = find(read_letters(broker)[0], key)
    if raw:
        sys.stdout.buffer.write(one.value)
        sys.stdout.flush()
        return
    for name, value in _plain(one).items():
        out.print(f"{name}: {value}", markup=False)
    out.print(printable(one.value), markup=False)


def replay_dead(
    ctx: typer.Context,
    key: str = typer.Argument("", help="Key of the letter, as dead list shows it"),
    all_: bool = typer.Option(False, "--all", help="All that were not replayed"),
) -> None:
    """Writes the bytes back to the topic that they came from. They are ordinary traffic then, and may alert."""
    from cluster.broker import Broker
    from cluster.dead_letters import find, open_letters, read_letters, replay

    if bool(key) == all_:
        fail("name one dead letter, or --all")
    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        with Broker(settings.kafka) as broker:
            letters = open_letters(broker)[0] if all_ else (find(read_letters(broker)[0], key),)
            count = replay(broker, letters)
    out.print("1 dead letter was replayed" if count == 1 else f"{count:,} dead letters were replayed")


def _plain(one: "Dead") -> dict[str, Any]:
    from cluster.dead_letters import printable

    return {
        "key": one.letter.key,
        **{name: value for name, value in msgspec.structs.asdict(one.letter).items() if name != "v"},
        "at": one.at.isoformat(),
        "replayed": one.replayed.isoformat() if one.replayed else None,
        "row_key": printable(one.key or b""),
        "bytes": len(one.value),
    }
