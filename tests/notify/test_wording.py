"""What a person reads: golden cases for both kinds of channels."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from ceasewire.config.settings import AlertSettings
from ceasewire.items import RuleHit, Source, Span
from streams.notify.account import fired, moment, told
from streams.notify.wording import word
from tests.notify.samples import Names, Rule, alert, hit, hook, item, slack, story, tagged

HOOK = hook("https://receiver.example/")
SLACK = slack("https://hooks.example/")
KYIV = AlertSettings(timezone="Europe/Kyiv")


def worded(
    channel: Any, settings: AlertSettings = KYIV, desk: str | None = "https://desk.example/", **more: Any
) -> Any:
    given = {"alert": alert(), "tagged": tagged(), "story": story()} | more
    body = word(given["alert"], given["tagged"], given["story"], Rule(), channel, Names(), settings, desk)
    return json.loads(body)


def test_a_webhook_carries_everything_structured() -> None:
    body = worded(HOOK)
    one = alert()
    assert body == {
        "type": "alert.created",
        "timestamp": "2026-03-01T12:00:00.000Z",
        "data": {
            "alert_id": one.id,
            "rule": {"id": "ceasefire", "name": "Ceasefire"},
            "conflict": {"id": "ukraine_russia", "name": "Ukraine and Russia"},
            "reason": {
                "name": "first",
                "cause": "first",
                "text": "the first item of its story that meets the rule: Ceasefire",
            },
            "follows": None,
            "story": {"id": "i_0", "thread": "i_0", "items": 2, "outlets": ["TASS", "Example Post"]},
            "item": {
                "id": "i_aaaa",
                "rev": 1,
                "title": "Envoys agree on a pause in fighting",
                "url": "https://news.example/a?x=1&y=2",
                "language": "en",
                "published": "2026-03-01T11:40:00.000Z",
                "seen": "2026-03-01T11:58:00.000Z",
                "outlet": "TASS",
                "feed": "tass_en",
                "kind": "state media",
                "country": "RU",
            },
            "sentence": {
                "text": "Both sides accept a ceasefire & withdrawal by Friday.",
                "words": [[20, 29]],
                "field": "text",
                "start": 25,
                "end": 78,
            },
            "issues": [
                {"id": "ceasefire", "name": "Ceasefire"},
                {"id": "troop_withdrawal", "name": "Troop Withdrawal"},
            ],
            "actors": [{"id": "russia", "name": "Russia"}, {"id": "ukraine", "name": "Ukraine"}],
            "times": {
                "published": "2026-03-01 13:40 Europe/Kyiv (11:40 UTC)",
                "seen": "2026-03-01 13:58 Europe/Kyiv (11:58 UTC)",
            },
            "desk_url": f"https://desk.example/alerts/{one.id}",
        },
    }


def test_a_slack_alert_reads_so() -> None:
    body = worded(SLACK)
    assert body["text"] == (
        "Envoys agree on a pause in fighting (TASS · ⚠ STATE MEDIA · Russia · English): Ceasefire · Ukraine and Russia"
    )
    shown = []
    for block in body["blocks"]:
        shown += [block["text"]["text"]] if "text" in block else [e["text"] for e in block["elements"]]
    assert shown == [
        "*Ceasefire · Ukraine and Russia*\n<https://news.example/a?x=1&amp;y=2|Envoys agree on a pause in fighting>",
        "> Both sides accept a *ceasefire* &amp; withdrawal by Friday.",
        "TASS · ⚠ STATE MEDIA · Russia · English",
        "published 2026-03-01 13:40 Europe/Kyiv (11:40 UTC)",
        "seen 2026-03-01 13:58 Europe/Kyiv (11:58 UTC)",
        "Issues: Ceasefire, Troop Withdrawal",
        "Actors: Russia, Ukraine",
        "Why: the first item of its story that meets the rule: Ceasefire",
        "Also told by Example Post",
        f"<https://news.example/a?x=1&amp;y=2|At the source> · <https://desk.example/alerts/{alert().id}|On the desk>",
    ]


def test_an_alert_that_follows_another_says_so() -> None:
    follows = alert(follows="a_before")
    threaded = story(thread="i_before")
    assert worded(HOOK, alert=follows, story=threaded)["data"]["follows"] == "a_before"
    assert worded(HOOK, alert=follows, story=threaded)["data"]["story"]["thread"] == "i_before"
    assert "Follows an earlier alert of this thread" in json.dumps(worded(SLACK, alert=follows))


def test_a_title_that_fired_is_told_once() -> None:
    title = "Ceasefire agreed"
    hot = RuleHit(rule="ceasefire", sentence=Span("title", 0, 16), words=(Span("title", 0, 9),))
    body = worded(SLACK, alert=alert(hit=hot), tagged=tagged(item=item(title=title)))
    shown = json.dumps(body["blocks"])
    assert "*Ceasefire* agreed" in shown
    assert shown.count("agreed") == 1


def test_without_date_link_desk_conflict_and_tags() -> None:
    bare = tagged(item=item(published=None, url=None), issues=(), actors=(), conflict=None)
    more: dict[str, Any] = {"tagged": bare, "alert": alert(conflict=None), "story": story(outlets=("TASS",))}
    data = worded(HOOK, desk=None, **more)["data"]
    assert (data["conflict"], data["desk_url"], data["item"]["url"]) == (None, None, None)
    assert data["item"]["published"] is None
    assert data["times"]["published"] == "the feed gives no date"
    body = worded(SLACK, desk=None, **more)
    shown = json.dumps(body)
    assert "the feed gives no date" in shown
    assert "<http" not in shown
    assert "Also told" not in shown
    assert len(body["blocks"]) == 4


def test_a_new_fact_is_the_reason() -> None:
    data = worded(HOOK, alert=alert(cause="fact_7"))["data"]
    assert data["reason"] == {
        "name": "new_fact",
        "cause": "fact_7",
        "text": "a new fact in a story that was already sent",
    }


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "2026-03-01 23:30 UTC"),
        ("Africa/Abidjan", "2026-03-01 23:30 UTC"),
        ("Europe/Kyiv", "2026-03-02 01:30 Europe/Kyiv (2026-03-01 23:30 UTC)"),
        ("America/New_York", "2026-03-01 18:30 America/New_York (23:30 UTC)"),
        ("Nowhere/Land", "2026-03-01 23:30 UTC"),
        ("", "2026-03-01 23:30 UTC"),
        ("../../etc/passwd", "2026-03-01 23:30 UTC"),
    ],
)
def test_times_are_told_in_the_zone_and_in_utc(zone: str, words: str) -> None:
    assert moment(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), zone) == words


@pytest.mark.parametrize(
    ("kind", "words"),
    [("agency", "A · agency · English"), ("institution", "A · institution · English"),
     ("state media", "A · ⚠ STATE MEDIA · English")],
)  # fmt: skip
def test_the_kind_of_outlet_is_told(kind: Any, words: str) -> None:
    assert told(Source(feed="a", outlet="A", kind=kind), "en") == words


def test_a_very_long_sentence_is_cut_round_the_words() -> None:
    text = "a " * 9000 + "ceasefire " + "b " * 9000
    hot = hit(text, "text", (0, len(text)), "ceasefire")
    sentence = fired(alert(hit=hot), item(text=text))
    assert len(sentence.text) <= 2002
    assert [sentence.text[start:end] for start, end in sentence.words] == ["ceasefire"]
    body = json.dumps(worded(HOOK, alert=alert(hit=hot), tagged=tagged(item=item(text=text))), ensure_ascii=False)
    assert len(body.encode()) < 20_000


@given(
    st.text(max_size=9000),
    st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 30)), max_size=60),
    st.integers(0, 9000),
    st.integers(0, 9000),
)
def test_spans_cite_the_text_and_the_body_stays_small(
    text: str, spans: list[tuple[int, int]], begin: int, end: int
) -> None:
    words = tuple(Span("text", start, start + length) for start, length in spans)
    hot = RuleHit(rule="ceasefire", sentence=Span("text", begin, end), words=words)
    one = item(text=text, title=text, source=replace(item().source, outlet=text))
    raw = word(
        alert(hit=hot), tagged(item=one), story(outlets=(text,) * 40), Rule(), HOOK, Names(), KYIV, "https://d.example"
    )
    assert len(raw.encode()) < 20_000
    sentence = json.loads(raw)["data"]["sentence"]
    at = 0
    for start, stop in sentence["words"]:
        assert at <= start <= stop <= len(sentence["text"])
        at = stop
