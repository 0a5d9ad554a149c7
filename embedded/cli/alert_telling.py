"""Alerts, deliveries and answers of receivers, in words."""

from collections.abc import Sequence

import typer
from rich.text import Text

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import OUTCOMES
from ceasewire.ports import Outcome
from ceasewire.views import AlertView
from embedded.cli.calling import as_called
from embedded.cli.moments import show_moment
from embedded.cli.output import out, print_json

_COLOURS = {State.DELIVERED: "green", State.SUSPENDED: "red", State.EXPIRED: "red", State.RETRY: "yellow"}


def show_alert(view: AlertView) -> None:
    """One alert: when, which rule, the headline, and each delivery."""
    alert, item = view.alert, view.tagged.item
    out.print(Text(item.title, style="bold"))
    facts = [show_moment(alert.at), alert.rule, alert.conflict or "", item.source.outlet, item.source.kind]
    out.print(Text("  ".join(fact for fact in facts if fact), style="dim"))
    out.print(Text(item.url or item.id, style="dim"))
    for delivery in view.deliveries:
        show_delivery(delivery)
    if not view.deliveries:
        out.print(Text("on the desk only", style="dim"))
    out.print()


def show_delivery(delivery: Delivery) -> None:
    """One delivery: its id, channel, state, and what came of the last try."""
    out.print(
        Text.assemble(
            (f"{delivery.id}  ", "dim"),
            f"{delivery.channel}  ",
            (delivery_words(delivery), _COLOURS.get(delivery.state, "")),
        )
    )


def delivery_words(delivery: Delivery) -> str:
    """Where the delivery stands, in words."""
    words = str(delivery.state)
    if delivery.state == State.RETRY:
        words += f", next try {show_moment(delivery.due)}"
    if delivery.state == State.DELIVERED:
        words += f" {show_moment(delivery.due)}"
    if delivery.tries > 1:
        words += f" ({delivery.tries} tries)"
    if delivery.attempts and delivery.state != State.DELIVERED:
        last = delivery.attempts[-1]
        words += f": {OUTCOMES.get(last.outcome, last.outcome)}{_status(last.status)}"
    return words


def outcome_words(outcome: Outcome) -> str:
    """What came of one try, in words."""
    words = f"{OUTCOMES.get(outcome.name, outcome.name)}{_status(outcome.status)} after {outcome.seconds:.1f} s"
    if outcome.retry_after is not None:
        words += f"; it asks to wait {outcome.retry_after:g} s"
    return f"{words}: {outcome.detail}" if outcome.detail else words


def _status(status: int | None) -> str:
    return f" (HTTP {status})" if status else ""


def show_list(shown: Sequence[AlertView | Delivery], failed: bool, json: bool) -> None:
    """Alerts, or deliveries that failed; where there is none, that is said."""
    for one in shown:
        if json:
            print_json(one)
        elif isinstance(one, Delivery):
            show_delivery(one)
        else:
            show_alert(one)
    if not shown and not json:
        out.print("no delivery failed" if failed else "no alert so far", style="dim")


def show_retried(due: Sequence[str], delivery: str, now: bool, json: bool, when: str) -> None:
    """The deliveries that are sent now, or `when`; `delivery` is the one asked for, "" where all were.

    Ends the command with 1 where the one that was asked for does not wait.
    """
    if json:
        print_json({"due": list(due), "sent_now": now and bool(due)})
        raise typer.Exit(1 if delivery and not due else 0)
    if not due:
        if not delivery:
            out.print("no delivery failed", style="dim")
            return
        out.print(f"no delivery {delivery} waits to be sent: alerts list shows their ids and states", markup=False)
        raise typer.Exit(1)
    count = "1 delivery is" if len(due) == 1 else f"{len(due)} deliveries are"
    out.print(as_called(f"{count} sent now" if now else f"{count} due: sent when {when}"), markup=False)
