"""What every sender does: one try, a named outcome, no exception, whatever the receiver is like."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from ceasewire.config.channels import Channel
from ceasewire.deliveries import OUTCOMES
from ceasewire.ports import Outcome, Sender
from streams.notify.senders import Senders
from tests.core.test_guard import DISGUISES, INNER
from tests.fakes.receiver import Answer, Receiver, closed_address, receiving
from tests.fakes.sender import ScriptedSender
from tests.notify.samples import NOW, delivery, hook, slack

TIMEOUT = 0.6


@dataclass
class Side:
    """A sender, a receiver that it reaches, and its channel."""

    kind: str
    sender: Sender
    receiver: Receiver
    channel: Channel

    async def send(self, answer: Answer) -> Outcome:
        """What comes of one try when the receiver answers so."""
        self.receiver.answer = answer
        if isinstance(self.sender, ScriptedSender):
            self.sender.answers = [answer]
        return await self.sender.send(delivery(self.channel), self.channel, NOW)


@asynccontextmanager
async def opened(kind: str) -> AsyncIterator[Side]:
    async with receiving() as receiver:
        senders = Senders(lambda: timedelta(seconds=TIMEOUT))
        make: Callable[[str], Channel] = slack if kind == "slack" else hook
        channel = make(f"{receiver.address}/T0/secret-path")
        yield Side(kind, ScriptedSender() if kind == "fake" else senders[kind], receiver, channel)
        await senders.close()


@pytest.fixture(params=["webhook", "slack", "fake"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    async with opened(request.param) as side:
        yield side


@pytest.fixture(params=["webhook", "slack"])
async def real(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    """Only senders that use the network."""
    async with opened(request.param) as side:
        yield side


async def test_a_200_with_ok_is_delivered(side: Side) -> None:
    outcome = await side.send(Answer(200, "ok"))
    assert (outcome.kind, outcome.name, outcome.status) == ("delivered", "delivered", 200)


@pytest.mark.parametrize(
    ("status", "name"),
    [(301, "redirect"), (308, "redirect"), (400, "rejected"), (401, "unauthorized"), (404, "not_found"),
     (413, "too_large"), (429, "rate_limited"), (500, "server_error"), (503, "server_error")],
)  # fmt: skip
async def test_other_answers_fail_with_a_name(side: Side, status: int, name: str) -> None:
    elsewhere = (("location", f"{side.receiver.address}/elsewhere"),)
    outcome = await side.send(Answer(status, "no", elsewhere if status < 400 else ()))
    assert (outcome.kind, outcome.name, outcome.status) == ("failed", name, status)
    assert name in OUTCOMES
    assert side.receiver.at("/elsewhere") == []


async def test_410_is_for_good(side: Side) -> None:
    outcome = await side.send(Answer(410, "gone"))
    assert (outcome.kind, outcome.name) == ("gone", "gone")


@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_read(side: Side, status: int) -> None:
    assert (await side.send(Answer(status, "", (("retry-after", "42"),)))).retry_after == 42


async def test_retry_after_as_a_date_is_read(real: Side) -> None:
    later = (("Retry-After", "Sun, 01 Mar 2026 12:00:42 GMT"),)
    assert (await real.send(Answer(503, "", later))).retry_after == 42


@pytest.mark.parametrize(("manner", "name"), [("reset", "reset"), ("hang", "timeout")])
async def test_broken_receivers(side: Side, manner: str, name: str) -> None:
    outcome = await asyncio.wait_for(side.send(Answer(manner=manner)), TIMEOUT + 2)  # type: ignore[arg-type]
    assert (outcome.kind, outcome.name, outcome.status) == ("failed", name, None)


async def test_an_answer_that_is_no_http(real: Side) -> None:
    outcome = await real.send(Answer(manner="garbage"))
    assert (outcome.kind, outcome.name) == ("failed", "unexpected")


async def test_nobody_listens(real: Side) -> None:
    channel = real.channel.model_copy(update={"url": hook(closed_address()).url})
    outcome = await real.sender.send(delivery(channel), channel, NOW)
    assert (outcome.kind, outcome.name) == ("failed", "refused")


async def test_a_receiver_that_is_never_reached_is_told_from_one_that_does_not_answer() -> None:
    async def resolve(host: str) -> list[str]:
        await asyncio.sleep(60)
        raise OSError("no such host")

    senders = Senders(lambda: timedelta(seconds=TIMEOUT), resolve)
    channel = hook("http://slow.example/x")
    outcome = await senders["webhook"].send(delivery(channel), channel, NOW)
    assert (outcome.kind, outcome.name, outcome.detail) == ("failed", "unreachable", "no connection in time")
    await senders.close()


@pytest.mark.parametrize("manner", ["trickle", "open", "endless"])
async def test_a_failure_whose_answer_never_ends_is_not_waited_for(real: Side, manner: str) -> None:
    began = time.monotonic()
    outcome = await real.send(Answer(500, "broken", manner=manner))  # type: ignore[arg-type]
    assert (outcome.name, outcome.status) == ("server_error", 500)
    assert outcome.detail.startswith("broken")
    assert len(outcome.detail) <= 200
    assert time.monotonic() - began < TIMEOUT + 2


async def test_a_private_address_is_refused_unless_it_is_allowed(real: Side) -> None:
    for address in ("http://127.0.0.1:9/x", real.receiver.address, "http://[::ffff:127.0.0.1]:8080/", "http://0x7f.1/"):
        channel = real.channel.model_copy(update={"allow_private": (), "url": hook(address).url})
        outcome = await real.sender.send(delivery(channel), channel, NOW)
        assert (outcome.kind, outcome.name) == ("failed", "denied")
    assert real.receiver.requests == []


async def test_names_that_lead_inside_are_refused_when_resolved() -> None:
    answers = {"inner.example": ["10.0.0.1", "::1"], "none.example": []}

    async def resolve(host: str) -> list[str]:
        if not answers[host]:
            raise OSError("no such host")
        return answers[host]

    senders = Senders(lambda: timedelta(seconds=TIMEOUT), resolve)
    for host, name in (("inner.example", "denied"), ("none.example", "no_name")):
        channel = hook(f"http://{host}/x", allow_private=())
        outcome = await senders["webhook"].send(delivery(channel), channel, NOW)
        assert (outcome.kind, outcome.name) == ("failed", name)
    await senders.close()


async def test_a_name_that_leads_to_an_allowed_network_is_reached() -> None:
    async with receiving() as receiver:

        async def resolve(host: str) -> list[str]:
            return ["10.9.9.9", "127.0.0.1"]

        senders = Senders(lambda: timedelta(seconds=TIMEOUT), resolve)
        channel = hook(receiver.address.replace("127.0.0.1", "hooks.example") + "/a")
        outcome = await senders["webhook"].send(delivery(channel), channel, NOW)
        assert outcome.kind == "delivered"
        assert [request.headers["host"].split(":")[0] for request in receiver.requests] == ["hooks.example"]
        await senders.close()


@pytest.mark.parametrize(
    "answer",
    [Answer(), Answer(500, "{url} {secret}"), Answer(301, "", (("location", "{url}"),)), Answer(manner="reset"),
     Answer(manner="hang"), Answer(manner="garbage")],
    ids=["ok", "echo", "redirect", "reset", "hang", "garbage"],
)  # fmt: skip
async def test_no_secret_is_told(real: Side, answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    url = real.channel.url.get_secret_value()
    key = real.channel.secret.get_secret_value() if real.channel.secret else url
    echo = Answer(answer.status, answer.body.format(url=url, secret=key), answer.headers, answer.manner)
    outcome = await real.send(echo)
    told = f"{outcome!r} {real.sender!r} {vars(real.sender)!r} {real.channel!r} {caplog.text}"
    for secret in ("secret-path", key, key.removeprefix("whsec_")):
        assert secret not in told


async def test_no_secret_is_told_of_an_address_that_cannot_be_used(real: Side) -> None:
    for address in ("http://", "ftp://x/secret-path", "http://exa mple/secret-path", "http://a:b@[::1/secret-path"):
        channel = real.channel.model_copy(update={"url": hook(address).url})
        outcome = await real.sender.send(delivery(channel), channel, NOW)
        assert outcome.kind == "failed"
        assert "secret-path" not in repr(outcome)


FORMS = [f"[{form}]" if ":" in form else form for form in INNER] + list(DISGUISES)


async def test_no_form_of_an_inner_address_is_reached(real: Side) -> None:
    port = real.receiver.address.rpartition(":")[2]
    for form in FORMS:
        channel = real.channel.model_copy(update={"allow_private": (), "url": hook(f"http://{form}:{port}/x").url})
        outcome = await real.sender.send(delivery(channel), channel, NOW)
        assert (outcome.kind, outcome.name) == ("failed", "denied"), form
    assert real.receiver.requests == []
