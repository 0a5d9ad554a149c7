"""The receiver takes what is signed rightly, refuses what is not, and stands in for Slack."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import aiohttp
import pytest
from standardwebhooks.webhooks import Webhook

from embedded.demo.receiver import Arrival, Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, list[Arrival]]]:
    told: list[Arrival] = []
    made = Receiver(lambda: datetime.now(UTC), told.append)
    await made.start()
    yield made, told
    await made.stop()


async def _post(url: str, body: str, headers: dict[str, str] | None = None) -> int:
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def _headers(secret: str, body: str, ident: str = "msg_1") -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "webhook-id": ident,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(ident, now, body),
        "content-type": "application/json",
    }


async def test_right_signature_is_taken(receiver: tuple[Receiver, list[Arrival]]) -> None:
    made, told = receiver
    body = json.dumps({"type": "alert"})
    assert await _post(made.webhook_url, body, _headers(made.secret, body)) == 204
    assert [(arrival.id, arrival.signed, arrival.body) for arrival in told] == [("msg_1", True, {"type": "alert"})]
    assert made.arrivals == told


@pytest.mark.parametrize("fault", ["body", "key", "none"])
async def test_wrong_signature_is_refused(receiver: tuple[Receiver, list[Arrival]], fault: str) -> None:
    made, told = receiver
    body = json.dumps({"type": "alert"})
    headers = _headers("whsec_" + "A" * 43 + "=" if fault == "key" else made.secret, body)
    if fault == "none":
        headers = {"webhook-id": "msg_1"}
    assert await _post(made.webhook_url, body + " " if fault == "body" else body, headers) == 401
    assert [arrival.signed for arrival in told] == [False]


async def test_slack_stand_in_answers_ok_only_under_its_address(receiver: tuple[Receiver, list[Arrival]]) -> None:
    made, told = receiver
    assert await _post(made.slack_url, json.dumps({"text": "hello"})) == 200
    assert await _post(made.slack_url, "not json") == 400
    assert await _post(made.address + "/slack/guess", "{}") == 404
    assert [(arrival.channel, arrival.body) for arrival in told] == [("slack", {"text": "hello"})]


def test_each_play_has_a_key_of_its_own() -> None:
    first, second = (Receiver(lambda: datetime.now(UTC)) for _ in range(2))
    assert first.secret != second.secret
    assert first.slack_url != second.slack_url
