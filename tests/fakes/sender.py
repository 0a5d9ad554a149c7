"""A sender without a network: implements `ports.Sender` by the answers that a test gives it."""

from datetime import datetime

from ceasewire.alerts import Delivery
from ceasewire.config.channels import Channel
from ceasewire.deliveries import of_status
from ceasewire.ports import Outcome
from tests.fakes.receiver import Answer


class ScriptedSender:
    """Answers each try with the next status of its script; the last one stays. `sent` holds what it was given."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer()]
        self.sent: list[tuple[Delivery, Channel, datetime]] = []

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        self.sent.append((delivery, channel, now))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.manner in ("hang", "reset"):
            return Outcome(kind="failed", name="timeout" if answer.manner == "hang" else "reset")
        name = of_status(answer.status)
        asked = dict(answer.headers).get("retry-after")
        return Outcome(
            kind="delivered" if name == "delivered" else "gone" if name == "gone" else "failed",
            name=name,
            status=answer.status,
            retry_after=float(asked) if asked and asked.isdigit() else None,
        )
