"""What happens to a delivery from its opening to its end: states, the ladder of retries, named outcomes.

    pending --start--> sending --settle--> delivered | retry | suspended | expired
    retry   --start--> sending
    retry, suspended, expired --resume--> pending

A row that is found as `sending` when the program starts was left by a crash: nobody knows whether the receiver got
it, so it is started again with the same id. A repeat can be told by its id; a miss cannot.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from ceasewire.alerts import Alert, Attempt, Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.identity import delivery_id
from ceasewire.items import Tagged
from ceasewire.ports import Outcome

LADDER: tuple[timedelta, ...] = tuple(
    timedelta(seconds=seconds) for seconds in (0, 5, 30, 120, 600, 1800, 3600, 7200, 18000, 36000, 86400)
)
"""How long to wait before each try, counted from the try before; later tries wait as the last. Standard Webhooks."""
JITTER = 0.2
"""The share by which a wait may be longer or shorter, so that many deliveries do not come back together."""
LONGEST_WAIT = timedelta(hours=24)
"""The longest Retry-After that is honoured."""
SHORTEST_WAIT = timedelta(seconds=1)
FARTHEST = timedelta(hours=30)
"""No try is put off for longer, jitter included: a later time comes from a clock that was wrong, and counts as due."""
TRUSTING = 2
"""So many failures in a row a receiver may ask for a shorter wait than the ladder's."""
EXPIRY = timedelta(hours=72)
"""From the opening: a try that fails after this is the last."""
KEPT_ATTEMPTS = 20
_DETAIL = 300

OUTCOMES: dict[str, str] = {
    "delivered": "the receiver took it",
    "no_name": "the name of the receiver cannot be resolved",
    "refused": "the receiver refused the connection",
    "unreachable": "no connection to the receiver could be made",
    "reset": "the connection broke off before the answer",
    "timeout": "the receiver did not answer in time",
    "tls": "no secure connection could be made",
    "denied": "the address of the receiver may not be connected to; see allow_private",
    "bad_channel": "the address or the key of the channel cannot be used",
    "redirect": "the receiver sends on to another address, which is not followed",
    "rejected": "the receiver did not accept the request",
    "unauthorized": "the receiver wants other credentials",
    "not_found": "the receiver knows no such address",
    "gone": "the receiver wants no more of these (410)",
    "too_large": "the alert is too long for the receiver",
    "rate_limited": "the receiver asks for fewer requests",
    "server_error": "the receiver has an error of its own",
    "unexpected": "the receiver answered something else than was agreed",
    "interrupted": "the program ended while sending: the receiver may have got it",
    "channel_disabled": "the channel is disabled in the configuration",
    "channel_removed": "the channel is no longer in the configuration",
    "resumed": "made due again",
}
"""Each named outcome of a try, and of what else befalls a delivery, in words."""

_UNANSWERED = frozenset({"interrupted", "timeout", "reset", "unexpected"})
"""Outcomes that, without a status, say that the request may have arrived; a connection that was never made is none."""

OPEN = frozenset({State.PENDING, State.SENDING, State.RETRY})
"""The states in which something is still to be done without a person."""


def open_delivery(alert: Alert, channel: Channel, body: str, tagged: Tagged, now: datetime) -> Delivery:
    """A new delivery of the alert, due at once; suspended from the start where the channel is disabled."""
    delivery = Delivery(
        id=delivery_id(alert.id, channel.id),
        alert=alert.id,
        channel=channel.id,
        kind=channel.kind,
        created=now,
        due=now,
        body=body,
        published=tagged.item.published,
        seen=tagged.item.seen,
    )
    return delivery if channel.enabled else suspend(delivery, "channel_disabled", now)


def start(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery as it is saved before the POST. Raises ValueError where it is not open."""
    if delivery.state not in OPEN:
        raise ValueError(f"a delivery that is {delivery.state} cannot be started")
    attempts = delivery.attempts
    if delivery.state == State.SENDING:
        attempts = _with(delivery, Attempt(at=now, outcome="interrupted"))
    return replace(
        delivery, state=State.SENDING, tries=delivery.tries + 1, attempts=attempts, version=delivery.version + 1
    )


def settle(delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> Delivery:
    """The delivery after a try; `jitter` from -1 to 1 moves the next one. Raises ValueError unless it is sending."""
    if delivery.state != State.SENDING:
        raise ValueError(f"a delivery that is {delivery.state} cannot be settled")
    attempt = Attempt(
        at=now,
        outcome=outcome.name,
        status=outcome.status,
        seconds=round(outcome.seconds, 3),
        detail=outcome.detail[:_DETAIL],
    )
    state, due = _next(delivery, outcome, now, jitter)
    return replace(delivery, state=state, due=due, attempts=_with(delivery, attempt), version=delivery.version + 1)


def _next(delivery: Delivery, outcome: Outcome, now: datetime, jitter: float) -> tuple[State, datetime]:
    if outcome.kind == "delivered":
        return State.DELIVERED, now
    if outcome.kind == "gone":
        return State.SUSPENDED, now
    limit = delivery.created + EXPIRY
    due = now + wait(delivery.tries, outcome.retry_after, jitter)
    if now < limit and now + asked(outcome.retry_after) <= limit:
        # The last try comes when the time is up, not up to a day before; but never before it is asked for.
        due = min(due, limit)
    return (State.EXPIRED, now) if due > limit else (State.RETRY, due)


def wait(tries: int, retry_after: float | None, jitter: float) -> timedelta:
    """How long to wait after this many failed tries.

    What the receiver asks for wins over the first steps of the ladder; later it can only make them longer, and 0 never
    makes one shorter: a receiver that always asks for a second would be asked 250,000 times.
    """
    step = LADDER[min(tries, len(LADDER) - 1)] * (1 + JITTER * min(max(jitter, -1.0), 1.0))
    return longer(asked(retry_after), step, tries)


def asked(retry_after: float | None) -> timedelta:
    """What a receiver asks us to wait, at most 24 h; zero where it asks for nothing."""
    return timedelta(seconds=min(max(retry_after or 0.0, 0.0), LONGEST_WAIT.total_seconds()))


def longer(asked: timedelta, step: timedelta, failures: int) -> timedelta:
    """Which of the two waits holds after so many failures: up to `TRUSTING` a positive asked one, then the longer."""
    if asked and failures <= TRUSTING:
        return max(asked, SHORTEST_WAIT)
    return max(asked, step)


def suspend(delivery: Delivery, reason: str, now: datetime) -> Delivery:
    """The delivery waiting for a person or a configuration; `reason` is one of OUTCOMES."""
    return replace(
        delivery,
        state=State.SUSPENDED,
        due=now,
        attempts=_with(delivery, Attempt(at=now, outcome=reason)),
        version=delivery.version + 1,
    )


def resume(delivery: Delivery, now: datetime) -> Delivery:
    """The delivery made due now, whatever it waited for; one that is delivered or being sent stays as it is.

    72 h still count from its opening: an older one gets one try each time that it is resumed.
    """
    # Whoever is sending it would not learn of this, and it would go twice. One left by a crash is due as it is.
    if delivery.state in (State.DELIVERED, State.SENDING):
        return delivery
    return replace(
        delivery,
        state=State.PENDING,
        due=now,
        attempts=_with(delivery, Attempt(at=now, outcome="resumed")),
        version=delivery.version + 1,
    )


def possibly_repeated(delivery: Delivery) -> bool:
    """Whether the receiver may have got it before: a try ended without an answer after it had begun to send."""
    return any(attempt.outcome in _UNANSWERED and attempt.status is None for attempt in delivery.attempts)


def suspended_for(delivery: Delivery) -> str | None:
    """The named reason why it waits as suspended, or None where it does not."""
    if delivery.state != State.SUSPENDED:
        return None
    return delivery.attempts[-1].outcome if delivery.attempts else "gone"


def of_status(status: int) -> str:
    """The named outcome for the HTTP status of a reply."""
    if 200 <= status < 300:
        return "delivered"
    if 300 <= status < 400:
        return "redirect"
    named = {401: "unauthorized", 403: "unauthorized", 404: "not_found", 408: "timeout", 410: "gone"}
    named |= {413: "too_large", 429: "rate_limited"}
    if status in named:
        return named[status]
    if 400 <= status < 500:
        return "rejected"
    return "server_error" if status >= 500 else "unexpected"


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks for, given as seconds or as a date; None where it says nothing."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:12]), 10**9))
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max((date - now).total_seconds(), 0.0)


def _with(delivery: Delivery, attempt: Attempt) -> tuple[Attempt, ...]:
    return (*delivery.attempts, attempt)[-KEPT_ATTEMPTS:]
