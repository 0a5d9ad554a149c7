"""Commands about alerts: list, retry, test, secret."""

import asyncio
import os
from datetime import UTC, datetime

import typer

from embedded.cli.output import err, fail, out, print_json


def add(app: typer.Typer) -> None:
    """Adds the commands `alerts ...`."""
    alerts = typer.Typer(
        name="alerts", help="Lists alerts, sends them again, tries channels.", no_args_is_help=True,
        pretty_exceptions_enable=False,
    )  # fmt: skip
    alerts.command(name="list")(list_alerts)
    alerts.command(name="retry")(retry)
    alerts.command(name="test")(try_channel)
    alerts.command(name="secret")(secret)
    app.add_typer(alerts)


def list_alerts(
    ctx: typer.Context,
    limit: int = typer.Option(20, min=1, max=1000, help="Alerts shown"),
    failed: bool = typer.Option(False, "--failed", help="Only deliveries that failed, oldest first"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each"),
) -> None:
    """Shows alerts, newest first, with where they went."""
    from ceasewire.alerts import Delivery
    from ceasewire.errors import CeasewireError
    from ceasewire.views import AlertView
    from embedded.cli.alert_telling import show_list
    from embedded.resending import read_undelivered
    from embedded.store import read_store

    async def read() -> tuple[AlertView, ...]:
        store = read_store(ctx.obj.store, lambda: datetime.now(UTC))
        try:
            return (await store.alerts.alerts(limit=limit)).alerts
        finally:
            store.close()

    shown: list[AlertView] | list[Delivery]
    try:
        shown = asyncio.run(read_undelivered(ctx.obj))[:limit] if failed else list(asyncio.run(read()))
    except CeasewireError as error:
        fail(error)
    show_list(shown, failed, json)


def retry(
    ctx: typer.Context,
    delivery: str = typer.Argument("", help="Id of a delivery, as alerts list shows it (msg_...)"),
    all_: bool = typer.Option(False, "--all", help="All that failed and are not delivered"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Sends again what could not be delivered; the receiver sees the same id."""
    from ceasewire.errors import CeasewireError
    from embedded import resending
    from embedded.cli.alert_telling import show_retried

    if bool(delivery) == all_:
        fail("name one delivery, or --all")

    async def run() -> tuple[list[str], bool]:
        wanted = [one.id for one in await resending.read_undelivered(ctx.obj)] if all_ else [delivery]
        return await resending.retry(ctx.obj, wanted)

    try:
        made_due, runs = asyncio.run(run())
    except CeasewireError as error:
        fail(error)
    show_retried(made_due, delivery, runs, json, "Ceasewire runs (ceasewire run)")


def try_channel(
    ctx: typer.Context,
    channel: str = typer.Argument(help="Id of a channel in channels.yml"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Sends one clearly marked test alert now, and says what the receiver answered."""
    from ceasewire.errors import CeasewireError
    from embedded import resending
    from embedded.cli.alert_telling import outcome_words

    if channel == "desk":
        fail("the desk shows every alert by itself; there is nothing to test")
    try:
        outcome = resending.try_channel(ctx.obj, os.environ, channel)
    except CeasewireError as error:
        fail(error)
    done = outcome.kind == "delivered"
    if json:
        print_json({"channel": channel, "delivered": done, "outcome": outcome, "words": outcome_words(outcome)})
    else:
        out.print(f"{channel}: {outcome_words(outcome)}", style="green" if done else "red", markup=False)
    if not done:
        raise typer.Exit(1)


def secret() -> None:
    """Prints a new signing key for a webhook; give it to the receiver too."""
    import base64
    import secrets

    out.print("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode(), markup=False)
    err.print("keep it out of files: set it in the environment and write ${NAME} into channels.yml", markup=False)
