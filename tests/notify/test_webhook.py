"""Webhooks: the headers and bytes that Standard Webhooks 1.0 asks for."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import WebhookVerificationError

from ceasewire.config.channels import Channel
from streams.notify.senders import Senders
from streams.notify.webhook import signed
from tests.fakes.receiver import Answer, Received, receiving
from tests.notify.samples import SECRET, delivery, hook


async def posted(now: datetime, body: str = "", answer: Answer | None = None, **channel: Any) -> Received:
    async with receiving() as receiver:
        receiver.answer = answer or Answer(204)
        senders = Senders(lambda: timedelta(seconds=2))
        to = hook(f"{receiver.address}/hook", **channel)
        outcome = await senders["webhook"].send(delivery(to, body=body), to, now)
        await senders.close()
        assert outcome.kind == "delivered"
        return receiver.requests[0]


def test_the_signature_of_a_known_case() -> None:
    key = "whsec_" + base64.b64encode(b"k" * 32).decode()
    body = '{"type":"alert.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":"a1"}}'
    at = datetime.fromtimestamp(1674087231, UTC)
    channel = hook("https://example.org/", secret=key)
    assert signed(channel, "msg_a1", at, body) == "v1,bA9aZ+Dfgkc/q394xkgE3O4MSNK/FzcrODVQevwPTuo="


async def test_headers_and_the_bytes_that_were_signed() -> None:
    now = datetime.now(UTC)
    received = await posted(now)
    assert received.id == delivery(hook("https://example.org/")).id
    assert received.headers["webhook-timestamp"] == str(int(now.timestamp()))
    assert received.headers["content-type"] == "application/json"
    assert received.verify(SECRET)["data"]["title"] == "Мир — peace"
    assert received.body == delivery(hook("https://example.org/")).body.encode()


async def test_a_body_that_differs_by_a_blank_is_not_verified() -> None:
    received = await posted(datetime.now(UTC))
    received.body += b" "
    with pytest.raises(WebhookVerificationError):
        received.verify(SECRET)


async def test_the_timestamp_is_that_of_the_attempt() -> None:
    old = await posted(datetime.now(UTC) - timedelta(minutes=10))
    with pytest.raises(WebhookVerificationError, match="too old"):
        old.verify(SECRET)


@pytest.mark.parametrize("answer", [Answer(200, "anything"), Answer(201), Answer(202, "", manner="trickle")])
async def test_any_2xx_is_delivered_whatever_its_text(answer: Answer) -> None:
    await posted(datetime.now(UTC), answer=answer)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!", "whsec_x"])
async def test_a_key_that_cannot_be_used_fails_with_words(secret: str) -> None:
    channel = hook("http://127.0.0.1:9/", secret=secret)
    senders = Senders(lambda: timedelta(seconds=2))
    outcome = await senders["webhook"].send(delivery(channel), channel, datetime.now(UTC))
    await senders.close()
    assert (outcome.kind, outcome.name) == ("failed", "bad_channel")


async def test_no_proxy_of_the_environment_and_no_cookies() -> None:
    async with receiving() as receiver:
        receiver.answer = Answer(200, "ok", (("set-cookie", "a=b"),))
        senders = Senders(lambda: timedelta(seconds=2))
        to: Channel = hook(f"{receiver.address}/hook")
        one = delivery(to)
        for id in (one.id, "msg_second"):
            await senders["webhook"].send(replace(one, id=id), to, datetime.now(UTC))
        await senders.close()
        assert [request.headers.get("cookie") for request in receiver.requests] == [None, None]
        assert receiver.requests[0].headers["user-agent"] == "Ceasewire alerts"
