"""Slack: what counts as delivered, limits, and headlines that try to be more than text."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ceasewire.config.settings import AlertSettings
from ceasewire.deliveries import settle, start
from ceasewire.items import RuleHit, Source, Span
from streams.notify.senders import Senders
from streams.notify.wording import word, word_trial
from tests.fakes.receiver import Answer, receiving
from tests.notify.samples import NOW, Names, Rule, alert, delivery, hit, item, slack, story, tagged

CHANNEL = slack("https://hooks.example/services/T/B/x")


def worded(**changes: Any) -> dict[str, Any]:
    """The decoded body for an item with these changes; the hit is its whole title."""
    one = item(**changes)
    words = (Span("title", 0, min(6, len(one.title))),)
    fired = RuleHit(rule="ceasefire", sentence=Span("title", 0, len(one.title)), words=words)
    told = tagged(item=one)
    body = word(alert(hit=fired), told, story(), Rule(), CHANNEL, Names(), AlertSettings(), "https://desk.example/")
    found: dict[str, Any] = json.loads(body)
    return found


def texts(body: dict[str, Any]) -> list[str]:
    """All texts of the blocks."""
    found = []
    for block in body["blocks"]:
        found += [block["text"]["text"]] if "text" in block else []
        found += [element["text"] for element in block.get("elements", [])]
    return found


@pytest.mark.parametrize(("status", "text"), [(200, "no_text"), (200, ""), (200, '{"ok":false}'), (204, "")])
async def test_only_the_word_ok_is_delivered(status: int, text: str) -> None:
    async with receiving() as receiver:
        receiver.answer = Answer(status, text)
        senders = Senders(lambda: timedelta(seconds=2))
        channel = slack(f"{receiver.address}/services/x")
        outcome = await senders["slack"].send(delivery(channel), channel, NOW)
        await senders.close()
    assert (outcome.kind, outcome.name) == ("failed", "unexpected")
    assert outcome.detail == (text or "an empty answer")


async def test_one_that_may_have_come_before_says_so() -> None:
    async with receiving() as receiver:
        senders = Senders(lambda: timedelta(seconds=2))
        channel = slack(f"{receiver.address}/services/x")
        once = start(delivery(channel, body=word_trial(channel, NOW)), NOW)
        await senders["slack"].send(once, channel, NOW)
        await senders["slack"].send(start(once, NOW), channel, NOW)
        await senders.close()
    first, second = (request.json() for request in receiver.requests)
    assert "possible repeat" not in json.dumps(first)
    assert "possible repeat" in json.dumps(second)
    assert second["blocks"][:-1] == first["blocks"]


@pytest.mark.parametrize("manner", ["late", "cut"])
@pytest.mark.parametrize("text", ["", "o", "ok"])
async def test_a_200_whose_body_does_not_come_is_delivered(manner: Any, text: str) -> None:
    async with receiving() as receiver:
        receiver.answer = Answer(200, text, manner=manner)
        senders = Senders(lambda: timedelta(seconds=0.6))
        channel = slack(f"{receiver.address}/services/x")
        outcome = await senders["slack"].send(delivery(channel), channel, NOW)
        await senders.close()
    assert (outcome.kind, outcome.status) == ("delivered", 200)


@pytest.mark.parametrize(("text", "manner"), [("no_te", "late"), ("<html>", "trickle"), ("inval", "cut")])
async def test_a_part_that_is_no_part_of_ok_is_none(text: str, manner: Any) -> None:
    async with receiving() as receiver:
        receiver.answer = Answer(200, text, manner=manner)
        senders = Senders(lambda: timedelta(seconds=0.6))
        channel = slack(f"{receiver.address}/services/x")
        outcome = await senders["slack"].send(delivery(channel), channel, NOW)
        await senders.close()
    assert (outcome.kind, outcome.name) == ("failed", "unexpected")


@pytest.mark.parametrize(
    ("answer", "noted"),
    [(Answer(manner="reset"), True), (Answer(manner="hang"), True), (Answer(manner="garbage"), True),
     (Answer(408), False), (Answer(500), False), (Answer(200, "no_text"), False)],
)  # fmt: skip
async def test_after_a_try_without_an_answer_the_next_says_that_it_may_be_a_repeat(answer: Answer, noted: bool) -> None:
    async with receiving() as receiver:
        receiver.answers["/services/x"] = [answer, Answer()]
        senders = Senders(lambda: timedelta(seconds=0.6))
        channel = slack(f"{receiver.address}/services/x")
        tried = start(delivery(channel, body=word_trial(channel, NOW)), NOW)
        tried = settle(tried, await senders["slack"].send(tried, channel, NOW), NOW, 0)
        await senders["slack"].send(start(tried, tried.due), channel, tried.due)
        await senders.close()
    assert ("possible repeat" in receiver.requests[1].body.decode()) is noted


HOSTILE = [
    "<!channel> ceasefire", "<!here|here> & <@U123>", "<https://evil.example|Reuters>", "a > b < c && d",
    "*bold* _it_ `code` ```block```", "line\nbreak\r\n> quote", "&lt;!channel&gt;", "x" * 5000, "&" * 5000, "<" * 900,
    "\u202eright to left", "  ", "😀" * 2000, "* " * 900,
]  # fmt: skip


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_headlines_stay_text(title: str) -> None:
    outlet = Source(feed="x", outlet=title, kind="state media", country="RU")
    body = worded(title=title, source=outlet, url="https://news.example/<!channel>|x?a=1&b=2")
    for text in [*texts(body), body["text"]]:
        assert "<!" not in text
        assert "<@" not in text
        assert "<https://evil" not in text
        assert "`" not in text
    check_limits(body)


def check_limits(body: dict[str, Any]) -> None:
    assert body["text"].strip()
    assert 1 <= len(body["blocks"]) <= 50
    assert all(1 <= len(text) <= 3000 for text in texts(body))
    assert sum(map(len, [body["text"], *texts(body)])) <= 12_000
    assert len(json.dumps(body, ensure_ascii=False).encode()) < 60_000


@given(st.text(max_size=3000), st.text(max_size=6000), st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 40))))
def test_any_text_and_any_spans_give_a_body_within_the_limits(
    title: str, text: str, spans: list[tuple[int, int]]
) -> None:
    words = tuple(Span("text", begin, begin + length) for begin, length in spans)
    fired = RuleHit(rule="ceasefire", sentence=Span("text", 0, len(text)), words=words)
    told = tagged(item=item(title=title, text=text), issues=tuple(f"issue_{n}" for n in range(60)))
    body = json.loads(word(alert(hit=fired), told, story(), Rule(), CHANNEL, Names(), AlertSettings(), None))
    check_limits(body)


def test_every_text_is_verbatim_and_nothing_unfurls() -> None:
    body = worded()
    assert body["unfurl_links"] is False
    assert body["unfurl_media"] is False
    for block in body["blocks"]:
        for text in [block["text"]] if "text" in block else block["elements"]:
            assert (text["type"], text["verbatim"]) == ("mrkdwn", True)


def test_a_test_alert_is_marked() -> None:
    body = json.loads(word_trial(CHANNEL, datetime(2026, 3, 1, tzinfo=UTC)))
    assert "Test alert" in body["text"]
    assert any("*TEST*" in text for text in texts(body))


def test_words_inside_longer_ones_are_still_shown_bold() -> None:
    text = "A cease-fire-like pause"
    fired = hit(text, "text", (0, len(text)), "fire")
    told = replace(tagged(), item=item(text=text))
    body = json.loads(word(alert(hit=fired), told, story(), Rule(), CHANNEL, Names(), AlertSettings(), None))
    assert any("cease-*fire*-like" in text for text in texts(body))
    inside = hit("unceasefired", "text", (0, 12), "ceasefire")
    told = replace(tagged(), item=item(text="unceasefired"))
    body = json.loads(word(alert(hit=inside), told, story(), Rule(), CHANNEL, Names(), AlertSettings(), None))
    assert any("un\u200b*ceasefire*\u200bd" in text for text in texts(body))
