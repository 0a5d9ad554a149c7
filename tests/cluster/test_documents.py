"""Documents of the index, made of what lies on the topics."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from ceasewire.alerts import Action, Alert, Attempt, Decision, Delivery, Reason, State
from ceasewire.codec import decode, encode
from ceasewire.crossings import Judgement
from ceasewire.identity import decision_id
from ceasewire.items import Item, Mention, RuleHit, Source, Span, Tagged
from ceasewire.polling import FeedState, Seen
from ceasewire.stories import Story
from ceasewire.topics import ALERTS, DELIVERIES, FEEDS, STORIES, TAGGED
from indexers.batches import Batch, Row
from indexers.documents import HIGHEST, Document, Unfit, address_key, documents
from indexers.templates import KINDS, NOT_KEPT, Kind, fields, mapping
from tests.store.making import NOON, make_item, make_state, make_tagged

HIT = RuleHit(rule="ceasefire", sentence=Span("title", 0, 9), words=(Span("title", 0, 9),))
TEXT = "Norland offers a truce. They met. They spoke. Sudmark waits."
ITEM = make_item(
    1,
    "Truce talks",
    TEXT,
    rev=1_700_000_000_000,
    url="http://www.wire.example/a?utm_source=x&p=1#top",
    source=Source(feed="wire", outlet="Café  Wire", kind="agency", country="DE", language="en"),
    published=NOON - timedelta(minutes=5),
    at=NOON - timedelta(minutes=5),
    seen=NOON,
    first_seen=NOON,
)
TAGS = Tagged(
    item=ITEM,
    edition=7,
    language="en",
    relevance="main",
    conflict="river_war",
    issues=("ceasefire", "prisoners"),
    actors=("norland", "sudmark"),
    mentions=(
        Mention(kind="issue", id="ceasefire", field="title", start=0, end=5),
        Mention(kind="actor", id="norland", field="text", start=0, end=7),
        Mention(kind="issue", id="ceasefire", field="text", start=17, end=22),
        Mention(kind="actor", id="sudmark", field="text", start=46, end=53),
        Mention(kind="place", id="lake_town", field="text", start=0, end=7),
    ),
    rules=(HIT,),
)


def made(topic: str, value: msgspec.Struct) -> dict[Kind, tuple[Document, dict[str, Any]]]:
    found = documents(topic, encode(value), NOON + timedelta(minutes=1))
    assert not isinstance(found, Unfit), found
    return {one.kind: (one, msgspec.json.decode(one.body)) for one in found}


def test_item() -> None:
    document, body = made(TAGGED, TAGS)["items"]
    assert (document.id, document.version) == (ITEM.id, 1_700_000_000_000_007)
    assert msgspec.convert(body.pop("tagged"), Tagged) == TAGS
    assert body == {
        "@timestamp": "2026-03-10T11:55:00Z",
        "published": "2026-03-10T11:55:00Z",
        "seen": "2026-03-10T12:00:00Z",
        "first_seen": "2026-03-10T12:00:00Z",
        "event": {"ingested": "2026-03-10T12:01:00Z"},
        "id": ITEM.id,
        "rev": 1_700_000_000_000,
        "edition": 7,
        "tagging": document.tagging,
        "title": "Truce talks",
        "text": TEXT,
        "url": {
            "full": "http://www.wire.example/a?utm_source=x&p=1#top",
            "domain": "wire.example",
            "key": "//www.wire.example/a?p=1",
        },
        "source": {
            "feed": "wire",
            "outlet": "Café  Wire",
            "key": "café wire",
            "kind": "agency",
            "country": "DE",
            "language": "en",
        },
        "lang": "en",
        "conflict": "river_war",
        "relevance": "main",
        "issues": ["ceasefire", "prisoners"],
        "actors": ["norland", "sudmark"],
        "places": ["lake_town"],
        "pairs": ["norland|ceasefire"],
        "rules": ["ceasefire"],
        "counted": True,
        "gathered": True,
        "baseline": False,
        "extent": "summary",
        "delay_seconds": 300.0,
        "search": {"en": ["Truce talks", TEXT[:45], TEXT[45:]]},
        "in_title": {"words": {"en": "Truce talks"}, "issues": ["ceasefire"], "actors": []},
        "in_lede": {
            "words": {"en": ["Truce talks", TEXT[:45]]},
            "plain": ["Truce talks", TEXT[:45]],
            "issues": ["ceasefire"],
            "actors": ["norland"],
        },
    }


def test_marks_of_an_item() -> None:
    tagged = msgspec.structs.replace(TAGS, marks=("opinion", "headline_unsupported"))
    assert made(TAGGED, tagged)["items"][1]["marks"] == ["opinion", "headline_unsupported"]


def test_version_of_an_item() -> None:
    document, body = made(TAGGED, TAGS)["versions"]
    assert (document.id, document.version) == (f"{ITEM.id}:{ITEM.rev}", ITEM.rev)
    assert msgspec.convert(body.pop("whole"), Item) == ITEM
    assert body == {
        "@timestamp": "2026-03-10T11:55:00Z",
        "first_seen": "2026-03-10T12:00:00Z",
        "item": ITEM.id,
        "rev": ITEM.rev,
    }


def test_address_is_found_however_it_is_written() -> None:
    body = made(TAGGED, TAGS)["items"][1]
    assert body["url"]["key"] == address_key("https://www.wire.example/./a?p=1&utm_medium=y")


@pytest.mark.parametrize(
    ("changes", "delay"),
    [
        ({"published": None, "at": NOON}, None),
        ({"baseline": True}, None),
        ({"published": NOON + timedelta(hours=1), "at": NOON}, 0.0),
        ({"seen": NOON + timedelta(days=1)}, 300.0),
    ],
)
def test_delay_is_from_the_date_to_the_first_sight(changes: dict[str, Any], delay: float | None) -> None:
    tagged = msgspec.structs.replace(TAGS, item=msgspec.structs.replace(ITEM, **changes))
    assert made(TAGGED, tagged)["items"][1].get("delay_seconds") == delay


@pytest.mark.parametrize(("language", "field"), [("uk", "uk"), ("und", "und"), ("zh", "und"), ("pl", "pl")])
def test_words_go_into_the_field_of_their_language(language: str, field: str) -> None:
    body = made(TAGGED, make_tagged(1, "Title", "Text.", language=language))["items"][1]
    assert list(body["search"]) == list(body["in_title"]["words"]) == list(body["in_lede"]["words"]) == [field]
    assert body["lang"] == language


def test_letters_are_composed() -> None:
    tagged = make_tagged(1, "Перемир'я й Кафе\u0301", "И\u0306од.")
    body = made(TAGGED, tagged)["items"][1]
    assert body["text"] == "Йод."
    assert msgspec.convert(body["tagged"], Tagged) == tagged


def test_tagging_hash_tells_other_tags_and_texts_but_no_other_dates() -> None:
    def hashed(**changes: Any) -> str:
        return made(TAGGED, msgspec.structs.replace(TAGS, **changes))["items"][0].tagging

    same = hashed(edition=8, item=msgspec.structs.replace(ITEM, seen=NOON + timedelta(hours=1)))
    assert same == hashed()
    others = {
        hashed(marks=("opinion",)),
        hashed(unsupported=("issue:ceasefire",)),
        hashed(figures=(Mention(kind="number", id="28", field="title", start=0, end=2),)),
        hashed(issues=("ceasefire",)),
        hashed(rules=()),
        hashed(language="de"),
        hashed(item=msgspec.structs.replace(ITEM, fingerprint="other")),
    }
    assert len(others | {same}) == 8


def test_story() -> None:
    story = Story(
        id="i_1",
        title="Truce",
        url="https://wire.example/1",
        first=NOON,
        last=NOON + timedelta(hours=1),
        items=("i_1", "i_2"),
        causes=("ceasefire|first",),
        copies={"a.b": 2},
        merged_into="i_0",
        version=55,
    )
    document, body = made(STORIES, story)["stories"]
    assert (document.id, document.version) == ("i_1", 55)
    assert msgspec.convert(body["story"], Story) == story
    assert (body["items"], body["size"], body["merged_into"]) == (["i_1", "i_2"], 2, "i_0")
    assert body["@timestamp"] == body["last"] == "2026-03-10T13:00:00Z"


def test_alert_and_decision() -> None:
    alert = Alert(
        id="a_1", rule="ceasefire", story="i_1", conflict="river_war", item=ITEM.id, rev=9, hit=HIT, at=NOON,
        channels=("team",),
    )  # fmt: skip
    decision = Decision(
        item=ITEM.id, rev=9, rule="ceasefire", story="i_1", action=Action.SEND, reason=Reason.FIRST, at=NOON,
        alert="a_1",
    )  # fmt: skip
    document, body = made(ALERTS, Judgement(alert=alert, tagged=TAGS))["alerts"]
    assert (document.id, document.version) == ("a_1", 9)
    assert msgspec.convert(body["alert"], Alert) == alert
    assert msgspec.convert(body["tagged"], Tagged) == TAGS
    assert (body["title"], body["issues"], body["channels"]) == ("Truce talks", ["ceasefire", "prisoners"], ["team"])
    document, body = made(ALERTS, Judgement(decision=decision, title="Truce talks"))["decisions"]
    assert (document.id, document.version) == (decision_id(ITEM.id, "ceasefire", 9), 9)
    assert msgspec.convert(body["decision"], Decision) == decision
    assert (body["action"], body["reason"], body["title"]) == ("send", "first", "Truce talks")
    assert set(made(ALERTS, Judgement(alert=alert, decision=decision))) == {"alerts", "decisions"}


def test_delivery() -> None:
    delivery = Delivery(
        id="msg_1",
        alert="a_1",
        channel="team",
        kind="webhook",
        state=State.DELIVERED,
        created=NOON,
        due=NOON + timedelta(seconds=90),
        body="{}",
        published=NOON - timedelta(seconds=30),
        seen=NOON,
        tries=1,
        attempts=(Attempt(at=NOON, outcome="delivered", status=200),),
        version=2,
    )
    document, body = made(DELIVERIES, delivery)["deliveries"]
    assert (document.id, document.version) == ("msg_1", 3)
    assert msgspec.convert(body["delivery"], Delivery) == delivery
    assert (body["delay_seconds"], body["own_delay_seconds"], body["outcome"]) == (120.0, 90.0, "delivered")
    waiting = msgspec.structs.replace(delivery, state=State.RETRY)
    assert "delay_seconds" not in made(DELIVERIES, waiting)["deliveries"][1]


def test_feed_without_what_only_producers_need() -> None:
    state = make_state(
        "wire",
        health="failing",
        reason="timeout",
        last_poll=NOON,
        entries={"k": Seen(item="i_1", rev=1, fingerprint="f", first_seen=NOON, last_seen=NOON)},
        aliases={"a": "k"},
        recent=(NOON,),
    )
    document, body = made(FEEDS, state)["feeds"]
    assert (document.id, document.version) == ("wire", 1_773_144_000_000)
    kept = msgspec.convert(body["state"], FeedState)
    assert kept == msgspec.structs.replace(state, entries={}, aliases={})
    assert (body["health"], body["reason"], body["@timestamp"]) == ("failing", "timeout", "2026-03-10T12:00:00Z")
    assert made(FEEDS, make_state("new"))["feeds"][0].version == 0


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        (TAGGED, b"\xff", "undecodable"),
        (TAGGED, b"{}", "undecodable"),
        (TAGGED, encode(make_tagged(1)).replace(b'"v":1', b'"v":2', 1).replace(b'{"item"', b'{"v":2,"item"', 1), ""),
        (ALERTS, b"{}", "undecodable"),
        (TAGGED, encode(make_tagged(1, rev=HIGHEST)), "unfit_version"),
        (TAGGED, encode(make_tagged(1, rev=-1)), "unfit_version"),
        (FEEDS, encode(make_state("")), "unfit_id"),
        (FEEDS, encode(make_state("ї" * 300)), "unfit_id"),
    ],
)
def test_what_can_be_no_document_says_why(topic: str, value: bytes, reason: str) -> None:
    found = documents(topic, value, NOON)
    assert isinstance(found, Unfit)
    assert found.reason == (reason or "undecodable")


def test_bug_of_ours_ends_as_a_dead_letter_too() -> None:
    row = Row("no_such_topic", 0, 0, b"k", b"{}", 0.0)
    assert [letter.reason for letter in Batch([row], NOON).letters()] == ["bug"]


def test_each_document_is_one_line() -> None:
    spread = msgspec.json.format(encode(TAGS), indent=2)
    assert b"\n" in spread
    assert decode(spread, Tagged) == TAGS
    found = documents(TAGGED, spread, NOON)
    assert not isinstance(found, Unfit)
    assert all(b"\n" not in one.body for one in found)


def flat(value: Any, above: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {above}
    return {name for key, inner in value.items() for name in flat(inner, f"{above}.{key}" if above else key)}


def test_every_field_of_a_document_is_in_its_mapping() -> None:
    story = Story(id="i", title="t", first=NOON, last=NOON, items=("i",))
    alert = Alert(id="a", rule="r", story="i", item="i", rev=1, hit=HIT, at=NOON)
    decision = Decision(item="i", rev=1, rule="r", story="i", action=Action.HOLD, reason=Reason.MUTED, at=NOON)
    delivery = Delivery(id="m", alert="a", channel="c", kind="slack", created=NOON, due=NOON, body="{}")
    found = made(TAGGED, TAGS) | made(STORIES, story) | made(FEEDS, make_state())
    found |= made(ALERTS, Judgement(alert=alert, tagged=TAGS, decision=decision)) | made(DELIVERIES, delivery)
    assert set(found) == set(KINDS)
    for kind, (_, body) in found.items():
        whole = {name for name, field in mapping(kind)["properties"].items() if not field.get("enabled", True)}
        assert flat({name: value for name, value in body.items() if name not in whole}) <= set(fields(kind)), kind


def test_what_is_not_kept_is_there() -> None:
    body = made(TAGGED, TAGS)["items"][1]
    for name in NOT_KEPT:
        value: Any = body
        for step in name.split("."):
            value = value[step]
        assert value
