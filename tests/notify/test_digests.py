"""A long queue for Slack goes as digests: nothing is lost or told twice, and other channels know nothing of it."""

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasewire.alerts import Delivery, State
from ceasewire.config.channels import Channel
from ceasewire.config.settings import AlertSettings
from ceasewire.deliveries import possibly_repeated, start
from streams.notify.senders import Senders
from streams.notify.slack_digest import MOST, digest
from streams.notify.wording import word, word_trial
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.receiver import Answer, receiving
from tests.fakes.sender import ScriptedSender
from tests.notify.samples import NOW, Names, Rule, alert, delivery, hook, item, slack, story, tagged
from tests.notify.test_sending import Bench, failing
from tests.notify.test_slack import HOSTILE, check_limits, texts

TEAM = slack("http://127.0.0.1:9/team")


def body(title: str, text: str = "", url: str | None = "https://news.example/a?x=1&y=2") -> str:
    told = tagged(item=item(title=title, text=text or item().text, url=url))
    return word(alert(), told, story(), Rule(), TEAM, Names(), AlertSettings(), "https://desk.example/")


def queue(count: int, channel: Channel = TEAM) -> list[Delivery]:
    return [
        delivery(channel, number, NOW - timedelta(seconds=count - number), body(f"Headline {number}."))
        for number in range(count)
    ]


def told(sender: ScriptedSender) -> list[list[str]]:
    """The headlines of each POST."""
    found = []
    for sent, _, _ in sender.sent:
        blocks = " ".join(texts(json.loads(sent.body)))
        found.append([f"Headline {n}." for n in range(600) if f"Headline {n}." in blocks])
    return found


async def drain(bench: Bench, seconds: int, step: float = 0.5) -> None:
    for _ in range(int(seconds / step)):
        await bench.later(timedelta(seconds=step))
        if all(row.state == State.DELIVERED for row in bench.outbox.rows.values()):
            return


async def test_500_waiting_are_told_in_under_a_minute_each_once_and_in_order() -> None:
    rows, sender = queue(500), ScriptedSender()
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*rows))
    async with bench.running():
        await drain(bench, 60, 0.25)
    assert {row.state for row in bench.outbox.rows.values()} == {State.DELIVERED}
    assert bench.moment - NOW <= timedelta(seconds=60)
    assert [one for post in told(sender) for one in post] == [f"Headline {n}." for n in range(500)]
    times = [at for _, _, at in sender.sent]
    assert all((later - earlier).total_seconds() >= 1 for earlier, later in pairwise(times))
    saved = [row for row in bench.outbox.saved if row.state == State.SENDING]
    assert {row.id for row in saved} == {row.id for row in rows}
    assert bench.value("ceasewire_delivery_attempts_total", channel="team", outcome="delivered") == 500


@pytest.mark.parametrize(("count", "posts"), [(MOST, [1] * MOST), (MOST + 1, [MOST, 1]), (2 * MOST, [MOST, *[1] * 20])])
async def test_only_more_than_twenty_make_a_digest(count: int, posts: list[int]) -> None:
    sender = ScriptedSender()
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*queue(count)))
    async with bench.running():
        await drain(bench, 60)
    assert [len(post) for post in told(sender)] == posts


async def test_webhooks_get_every_alert_alone_with_its_id() -> None:
    channel, sender = hook("http://127.0.0.1:9/hook"), ScriptedSender()
    rows = queue(60, channel)
    bench = Bench(sender, channel, TEAM, outbox=MemoryOutbox(*rows, *queue(60)))
    async with bench.running():
        await drain(bench, 60)
    own = [sent for sent, to, _ in sender.sent if to is channel]
    assert [sent.id for sent in own] == [row.id for row in rows]
    assert [sent.body for sent in own] == [row.body for row in rows]


async def test_a_digest_that_is_refused_is_taken_apart() -> None:
    sender = ScriptedSender(Answer(400), Answer())
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*queue(MOST + 1)))
    async with bench.running():
        await drain(bench, 90)
    assert [len(post) for post in told(sender)] == [MOST, *[1] * (MOST + 1)]
    tries = sorted(row.tries for row in bench.outbox.rows.values())
    assert tries == [1, *[2] * MOST]


async def test_while_slack_is_away_it_is_probed_with_one() -> None:
    sender = failing(503)
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*queue(100)))
    async with bench.running():
        for _ in range(120):
            await bench.later(timedelta(seconds=5))
        assert [len(post) for post in told(sender)][1:] == [1] * (len(sender.sent) - 1)
        sender.answers = [Answer()]
        tried = len(sender.sent)
        await drain(bench, 3600, 5)
    assert {row.state for row in bench.outbox.rows.values()} == {State.DELIVERED}
    after = [one for post in told(sender)[tried:] for one in post]
    assert sorted(after) == sorted(set(after))
    assert len(after) == 100


async def test_a_digest_cut_off_by_a_crash_goes_again_as_a_possible_repeat() -> None:
    rows = [start(row, NOW) if number < 5 else row for number, row in enumerate(queue(40))]
    sender = ScriptedSender()
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*rows))
    async with bench.running():
        await drain(bench, 60)
    assert len(told(sender)[0]) == MOST
    assert possibly_repeated(sender.sent[0][0])
    assert not any(possibly_repeated(sent) for sent, _, _ in sender.sent[1:])


async def test_410_to_a_digest_suspends_all_of_the_channel() -> None:
    sender = failing(410)
    bench = Bench(sender, TEAM, outbox=MemoryOutbox(*queue(50)))
    async with bench.running():
        await drain(bench, 10)
    assert len(sender.sent) == 1
    assert {row.state for row in bench.outbox.rows.values()} == {State.SUSPENDED}


async def test_a_digest_is_posted_as_one_and_taken() -> None:
    async with receiving() as receiver:
        senders = Senders(lambda: timedelta(seconds=2))
        channel = slack(f"{receiver.address}/services/x")
        bench = Bench(senders["slack"], channel, outbox=MemoryOutbox(*queue(MOST + 1, channel)))
        async with bench.running():
            async with asyncio.timeout(5):
                while not receiver.requests:
                    await bench.later()
        await senders.close()
    blocks = receiver.requests[0].json()["blocks"]
    assert len(blocks) == MOST + 1
    assert blocks[0]["text"]["text"] == "*20 alerts at once*"


def test_each_alert_keeps_its_heading_link_sentence_and_outlet() -> None:
    one = texts(json.loads(digest([body("Envoys meet"), body("Talks end")])))[1]
    assert one.startswith("*Ceasefire · Ukraine and Russia*\n<https://news.example/a?x=1&amp;y=2|Envoys meet>")
    assert "\n> Both sides accept a *ceasefire* &amp; withdrawal by Friday." in one
    assert "STATE MEDIA" in one


def test_a_trial_and_a_body_without_blocks_can_be_in_a_digest() -> None:
    found: dict[str, Any] = json.loads(digest([word_trial(TEAM, NOW), '{"text": "a &lt; b"}', "{}"]))
    assert texts(found)[2:] == ["a &lt; b", "(no text)"]


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_headlines_stay_text_in_a_digest(title: str) -> None:
    found = json.loads(digest([body(title, title, "https://news.example/<!channel>|x")] * MOST))
    for text in [*texts(found), found["text"]]:
        assert "<!" not in text
        assert "<@" not in text
        assert "<https://evil" not in text
    check_limits(found)


def test_the_longest_alerts_make_a_digest_within_the_limits() -> None:
    found = json.loads(digest([body("An envoy " * 120, "They met again " * 300, None) for _ in range(MOST)]))
    check_limits(found)
    assert found["text"].startswith("20 alerts at once: An envoy")


@given(st.lists(st.tuples(st.text(max_size=1500), st.text(max_size=3000)), min_size=1, max_size=MOST))
def test_any_alerts_make_a_digest_within_the_limits(alerts: list[tuple[str, str]]) -> None:
    found = json.loads(digest([body(title, text) for title, text in alerts]))
    check_limits(found)
    assert len(found["blocks"]) == len(alerts) + 1
