"""Webhooks exactly as Standard Webhooks 1.0 wants them: signed, and the bytes that were signed are the bytes sent."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from ceasewire.alerts import Delivery
from ceasewire.config.channels import Channel
from ceasewire.deliveries import of_status, retry_after
from ceasewire.ports import Outcome
from streams.notify.connection import Connections, Failure, Reply, without_secrets


class WebhookSender:
    """Posts deliveries to webhooks: implements `ports.Sender`. `timeout` is one deadline for a try."""

    def __init__(self, connections: Connections, timeout: Callable[[], timedelta]) -> None:
        self._connections = connections
        self._timeout = timeout

    async def send(self, delivery: Delivery, channel: Channel, now: datetime) -> Outcome:
        """One try; `now` is the timestamp that is signed."""
        body = delivery.body.encode()
        signature = signed(channel, delivery.id, now, delivery.body)
        if signature is None:
            return Outcome(kind="failed", name="bad_channel", detail="the signing key is not base64 after whsec_")
        headers = {
            "Content-Type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signature,
        }
        url = channel.url.get_secret_value()
        seconds = self._timeout().total_seconds()
        return outcome(await self._connections.post(url, channel.allow_private, headers, body, seconds), channel, now)


def signed(channel: Channel, id: str, now: datetime, body: str) -> str | None:
    """The value of `webhook-signature`; None where the channel's key cannot be used."""
    if channel.secret is None:
        return None
    try:
        signature: str = Webhook(channel.secret.get_secret_value()).sign(id, now.astimezone(UTC), body)
    except (ValueError, RuntimeError, EmptyWebhookSecretError):
        return None
    return signature


def outcome(answer: Reply | Failure, channel: Channel, now: datetime) -> Outcome:
    """What an answer means: any 2xx is delivered, 410 is for good, all else is tried again."""
    if isinstance(answer, Failure):
        return Outcome(kind="failed", name=answer.name, seconds=answer.seconds, detail=answer.detail)
    name = of_status(answer.status)
    secret = channel.secret.get_secret_value() if channel.secret else None
    return Outcome(
        kind="delivered" if name == "delivered" else "gone" if name == "gone" else "failed",
        name=name,
        status=answer.status,
        seconds=answer.seconds,
        retry_after=None if name == "delivered" else retry_after(answer.headers.get("Retry-After"), now),
        detail="" if name == "delivered" else without_secrets(answer.text, channel.url.get_secret_value(), secret),
    )
