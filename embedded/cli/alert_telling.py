"""Alerts, deliveries and answers of receivers, in words."""

from rich.text import Text

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import OUTCOMES
from ceasewire.ports import Outcome
from ceasewire.views import AlertView
from embedded.cli.moments import show_moment
from embedded.cli.output import out

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
