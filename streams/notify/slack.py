"""Slack's incoming webhooks. The pace of one a second per channel is kept by the sending loop."""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from ceasewire.alerts import Delivery
from ceasewire.config.channels import Channel
from ceasewire.deliveries import possibly_repeated
from ceasewire.ports import Outcome
from streams.notify.connection import Connections, Reply, without_secrets
from streams.notify.slack_blocks import repeated
from streams.notify.webhook import outcome


class SlackSender:
    """Posts deliveries to Slack: implements `ports.Sender`.

    slack-sdk's own client is not used for the POST: it follows redirects and proxy variables, reads replies
    without a limit, and logs the address, which is the secret.
    """

    def __init__(self, connections: Connections, timeout: Callable[[], timedelta]) -> None:
        self._connections = connections
        self._timeout = timeout

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        """One try. Slack has no id to tell repeats by, so one that may have come before says so."""
        text = repeated(delivery.body) if possibly_repeated(delivery) else delivery.body
        url = channel.url.get_secret_value()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        seconds = self._timeout().total_seconds()
        answer = await self._connections.post(url, channel.allow_private, headers, text.encode(), seconds)
        found = outcome(answer, channel, now)
        if isinstance(answer, Reply) and found.kind == "delivered" and not _agreed(answer):
            # Slack says 200 to what it drops, too.
            said = without_secrets(answer.text, url, None) or "an empty answer"
            return replace(found, kind="failed", name="unexpected", detail=said)
        return found


def _agreed(reply: Reply) -> bool:
    """Whether the reply is Slack's `ok`; the part of one that came too late or broke off is taken for it."""
    text = reply.text.strip()
    return text == "ok" if reply.whole else "ok".startswith(text)
