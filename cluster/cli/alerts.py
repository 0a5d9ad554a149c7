"""The commands `ceasewire cluster alerts list|retry`: those of the embedded edition, over Elasticsearch and Kafka."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import typer

from cluster.cli.configured import said_in_words, settings_and_feeds
from embedded.cli.output import fail

if TYPE_CHECKING:
    from ceasewire.alerts import Delivery
    from ceasewire.config.settings import Settings
    from ceasewire.views import AlertView
    from cluster.search.client import Index

T = TypeVar("T")


def add(app: typer.Typer) -> None:
    """Adds the commands."""
    alerts = typer.Typer(
        name="alerts", help="Lists alerts, sends them again.", no_args_is_help=True, pretty_exceptions_enable=False
    )
    alerts.command(name="list")(list_alerts)
    alerts.command(name="retry")(retry)
    app.add_typer(alerts)


def list_alerts(
    ctx: typer.Context,
    limit: int = typer.Option(20, min=1, max=1000, help="Alerts shown"),
    failed: bool = typer.Option(False, "--failed", help="Only deliveries that failed, oldest first"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each"),
) -> None:
    """Shows alerts, newest first, with where they went."""
    from cluster.deliveries import undelivered
    from cluster.search.alerts import ElasticAlerts
    from embedded.cli.alert_telling import show_list

    async def read(index: "Index") -> "list[AlertView] | list[Delivery]":
        if failed:
            return (await undelivered(index))[:limit]
        return list((await ElasticAlerts(index).alerts(limit=limit)).alerts)

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        shown = _asked(settings, read)
    show_list(shown, failed, json)


def retry(
    ctx: typer.Context,
    delivery: str = typer.Argument("", help="Id of a delivery, as alerts list shows it (msg_...)"),
    all_: bool = typer.Option(False, "--all", help="All that failed and are not delivered"),
    json: bool = typer.Option(False, "--json", help="As one JSON value"),
) -> None:
    """Sends again what could not be delivered; the receiver sees the same id."""
    from cluster.deliveries import ask_for, undelivered, waiting
    from embedded.cli.alert_telling import show_retried

    if bool(delivery) == all_:
        fail("name one delivery, or --all")

    async def read(index: "Index") -> "list[Delivery]":
        return await undelivered(index) if all_ else await waiting(index, [delivery])

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        wanted = _asked(settings, read)
        works = ask_for(settings.kafka, wanted) if wanted else False
    ids = [one.id for one in wanted]
    show_retried(ids, delivery, works, json, "a notifier runs (python -m streams notify)")


def _asked(settings: "Settings", read: "Callable[[Index], Awaitable[T]]") -> T:
    from cluster.search.client import Index, connect

    async def ask() -> T:
        async with connect(settings.elasticsearch) as client:
            return await read(Index(client, settings.elasticsearch))

    return asyncio.run(ask())
