"""What the sending loop remembers of each channel while it runs: whether it is busy, and when it may be used next."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.deliveries import FARTHEST, JITTER, LADDER, asked, longer
from ceasewire.ports import Outcome
from streams.notify.slack_digest import MOST, digest

PACE = {"slack": timedelta(seconds=1.05)}
"""The least time from one POST to the next on a channel, by kind. Slack takes one a second."""
DIGESTS: Mapping[str, Callable[[Sequence[str]], str]] = {"slack": digest}
"""What makes one body of many, by kind, where more than `MOST` wait for a channel that takes them slowly."""
LONGEST_PAUSE = timedelta(seconds=60)
"""A channel whose receiver is away is tried at least this often, while anything is due for it."""
_OF_THE_DELIVERY = frozenset({"rejected", "too_large", "unexpected", "redirect"})
"""Failures that may lie in the one delivery: the next one is tried at once."""


@dataclass
class Lane:
    """One channel."""

    free_at: datetime | None = None
    owed_until: datetime | None = None
    """Until when the receiver itself wants a pause: by its pace, or by what it asked for."""
    failures: int = 0
    """Failed tries in a row, over all deliveries of the channel."""
    gone: Channel | None = None
    """The channel as it was configured when its receiver said for good that it wants no more."""
    in_flight: str | None = None
    """The id of the delivery that is being posted, or of the first of a digest."""

    def is_free(self, now: datetime) -> bool:
        """Whether the next delivery may be posted. A rest that is longer than any comes from a clock that was wrong."""
        rests = self.free_at is not None and now < self.free_at <= now + FARTHEST
        return self.in_flight is None and not rests

    def is_gone(self, channel: Channel, delivery: Delivery) -> bool:
        """Whether a delivery is held back since the receiver wants no more; a resumed one is tried all the same."""
        if self.gone is not None and self.gone != channel:
            self.gone = None
        return self.gone is not None and not (delivery.attempts and delivery.attempts[-1].outcome == "resumed")

    def together(self, channel: Channel, waiting: Sequence[Delivery]) -> list[Delivery]:
        """What of the channel's queue, oldest first, goes with the next POST: one, or a digest of a long queue.

        One that was refused for what it says goes alone, and so does the first after a failure: it is a probe.
        """
        if channel.kind in DIGESTS and not self.failures and self.gone is None:
            fit = [one for one in waiting if not any(tried.outcome in _OF_THE_DELIVERY for tried in one.attempts)]
            if len(fit) > MOST and fit[0] is waiting[0]:
                return fit[:MOST]
        return list(waiting[:1])

    def learn(self, channel: Channel, outcome: Outcome, began: datetime, now: datetime) -> None:
        """Takes in what came of a try: keeps the pace, and rests while the receiver is away or asks for it."""
        pace = began + PACE.get(channel.kind, timedelta(0))
        self.free_at = self.owed_until = pace
        if outcome.kind == "gone":
            self.gone = channel
        if outcome.kind != "failed" or outcome.name in _OF_THE_DELIVERY:
            self.failures = 0
            if outcome.kind == "delivered":
                self.gone = None
            return
        self.failures += 1
        pause = min(LADDER[min(self.failures, len(LADDER) - 1)], LONGEST_PAUSE)
        # What one delivery is told holds for the whole channel.
        wanted = asked(outcome.retry_after)
        self.owed_until = max(pace, now + wanted)
        self.free_at = max(pace, now + longer(wanted, pause, self.failures))

    def hurry(self) -> None:
        """A person wants it tried now: only what the receiver wants is waited for."""
        self.free_at = self.owed_until


def pause_after(delivery: Delivery, at: datetime) -> timedelta:
    """How long a channel is left alone after a try of another process, as the delivery tells of it that it saved then.

    It comes near to what `Lane.learn` would have found.
    """
    pace = PACE.get(delivery.kind, timedelta(0))
    if delivery.state != State.RETRY or delivery.attempts[-1].outcome in _OF_THE_DELIVERY:
        return pace
    wait = delivery.due - at
    longest = LADDER[min(delivery.tries, len(LADDER) - 1)] * (1 + JITTER)
    # More than the step of the ladder is what the receiver asked for, and that holds as it is.
    return max(pace, wait if wait > longest else min(wait, LONGEST_PAUSE))
