"""What every reader of pairs must give: the store's, the index's and the fake's."""

from datetime import date, timedelta

import pytest

from ceasewire.items import Field, Mention, MentionKind, Source, Span, Tagged
from ceasewire.pair_views import PairCount
from ceasewire.ports import Pairs
from ceasewire.query import And, Has, Word
from ceasewire.views import Ask
from tests.contract.stock import NOON, Reading, Stock, key, make_tagged, story
from tests.store.making import make_item

WEEKS = (date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9))
"""The last one holds the time of the tests, a Tuesday."""
DNIPRO = Source(feed="dnipro", outlet="Dnipro", language="uk")


def days(number: float) -> timedelta:
    return timedelta(days=number)


def named(number: int, title: str, text: str = "", ago: float = 0, **changes: object) -> Tagged:
    """An item in which `norland`, `sudmark`, `truce` and `grain` are named wherever the words stand."""
    kinds: dict[str, MentionKind] = {"Norland": "actor", "Sudmark": "actor", "truce": "issue", "grain": "issue"}
    fields: tuple[tuple[Field, str], ...] = (("title", title), ("text", text))
    mentions = [
        Mention(kind=kind, id=word.lower(), field=field, start=start, end=start + len(word))
        for word, kind in kinds.items()
        for field, whole in fields
        for start in range(len(whole))
        if whole.startswith(word, start)
    ]
    tags = {name: changes.pop(name) for name in ("relevance", "conflict", "language") if name in changes}
    at = changes.pop("at", NOON - days(ago))
    found = {kind: tuple(dict.fromkeys(m.id for m in mentions if m.kind == kind)) for kind in ("actor", "issue")}
    return Tagged(
        item=make_item(number, title, text, at=at, **changes),
        edition=1,
        issues=found["issue"],
        actors=found["actor"],
        mentions=tuple(mentions),
        **({"language": "en", "relevance": "main", "conflict": "river_war"} | tags),  # type: ignore[arg-type]
    )


STOCK = Stock(
    tagged=(
        named(1, "Norland offers a truce", "Sudmark wants grain. Norland waits.", ago=8),
        named(2, "Norland offers a truce, Sudmark says", "A truce would bring grain to Sudmark.", ago=7.6),
        named(3, "Truce talks", "Norland and Sudmark spoke. Of a truce nobody did.", ago=1),
        named(4, "Norland sells grain", "A truce came with Norland.", ago=0.5, relevance="none", conflict=None),
        named(5, "Норвежці", "Norland: truce.", ago=0.2, language="uk", source=DNIPRO, conflict="lake_war"),
        named(6, "Norland breaks the truce", ago=0.1),
        named(7, "Norland and a truce of old", ago=40),
    ),
    stories=(story(1, 1), story(2, 2, merged_into=1), story(6, 6)),
)
JOINED = Stock(stories=(story(1, 1, 2), story(2, 2, merged_into=1), story(6, 6)))


@pytest.fixture
async def filled(reading: Reading) -> Reading:
    await reading.more(Stock(tagged=STOCK.tagged, stories=(story(1, 1), story(2, 2), story(6, 6))))
    await reading.more(JOINED)
    return reading


def counts(found: tuple[PairCount, ...]) -> dict[str, tuple[int, tuple[int, ...], tuple[int, ...]]]:
    return {f"{one.actor} {one.issue}": (one.total, one.stories, one.items) for one in found}


async def test_stories_are_counted_by_week_and_copies_once(filled: Reading) -> None:
    found = await filled.pairs.weeks(None, WEEKS)
    assert found.weeks == WEEKS
    assert (found.counted, found.all_counted) == (4, True)
    assert counts(found.pairs) == {
        "norland truce": (3, (0, 1, 2), (0, 2, 2)),
        "sudmark grain": (1, (0, 1, 0), (0, 2, 0)),
        "sudmark truce": (1, (0, 1, 0), (0, 1, 0)),
    }
    assert [f"{one.actor} {one.issue}" for one in found.pairs] == ["norland truce", "sudmark grain", "sudmark truce"]


async def test_the_newest_items_are_counted_and_it_is_said_where_there_are_more(filled: Reading) -> None:
    await filled.more(Stock(tagged=[named(8, "Norland wants a truce", at=NOON - days(3))]))
    found = await filled.pairs.weeks(None, WEEKS)
    assert (found.counted, found.all_counted) == (4, False)
    assert counts(found.pairs)["norland truce"] == (4, (0, 2, 2), (0, 2, 2))
    assert counts(found.pairs)["sudmark truce"] == (1, (0, 1, 0), (0, 1, 0))


async def test_a_query_narrows(filled: Reading) -> None:
    for node, total in (
        (Has("lang", "uk"), {"norland truce": 1}),
        (Has("conflict", "river_war"), {"norland truce": 2, "sudmark grain": 1, "sudmark truce": 1}),
        (And((Has("conflict", "river_war"), Word("breaks"))), {"norland truce": 1}),
        (Has("lang", "fr"), {}),
    ):
        found = await filled.pairs.weeks(node, WEEKS)
        assert {f"{one.actor} {one.issue}": one.total for one in found.pairs} == total
    assert counts((await filled.pairs.weeks(None, WEEKS[2:])).pairs) == {"norland truce": (2, (2,), (2,))}


async def test_a_week_ends_on_sunday_at_midnight(reading: Reading) -> None:
    midnight = NOON.replace(day=9, hour=0)
    moments = (midnight, midnight - timedelta(milliseconds=1))
    await reading.more(
        Stock(tagged=[named(number, "Norland keeps the truce", at=at) for number, at in enumerate(moments)])
    )
    (count,) = (await reading.pairs.weeks(None, WEEKS)).pairs
    assert count.stories == (0, 1, 1)


async def test_the_sentences_of_a_cell(filled: Reading) -> None:
    week = Ask(since=NOON - days(15), until=NOON - days(5))
    page = await filled.pairs.sentences(week, "norland", "truce")
    assert page.next is None
    assert [(one.hit.tagged.item.id, one.hit.story) for one in page.found] == [(key(2), key(1)), (key(1), key(1))]
    for one in page.found:
        (pair,) = one.pairs
        assert (pair.actor, pair.issue, pair.sentence.field) == ("norland", "truce", "title")
        assert (pair.sentence.start, pair.sentence.end) == (0, len(one.hit.tagged.item.title))
    (only,) = (await filled.pairs.sentences(week, "sudmark", "truce")).found
    said = [_sentence(only.hit.tagged, pair.sentence) for pair in only.pairs]
    assert said == ["Norland offers a truce, Sudmark says", "A truce would bring grain to Sudmark."]


async def test_any_actor_or_issue(filled: Reading) -> None:
    pairs = filled.pairs
    assert await found_in(pairs, Ask()) == [6, 5, 2, 1, 7]
    assert await found_in(pairs, Ask(), "sudmark") == [2, 1]
    assert await found_in(pairs, Ask(), None, "grain") == [2, 1]
    assert await found_in(pairs, Ask(node=Has("lang", "uk")), None, "truce") == [5]
    for actor, issue in (("sud", None), (None, "*"), ("norland", "?ruce"), ("norland|truce", None), ("\ud800", "x")):
        assert await found_in(pairs, Ask(), actor, issue) == []
    every = (await pairs.sentences(Ask(), "sudmark")).found[0].pairs
    assert [(one.actor, one.issue) for one in every] == [
        ("sudmark", "truce"),
        ("sudmark", "grain"),
        ("sudmark", "truce"),
    ]


async def test_pages_meet_each_item_once(filled: Reading) -> None:
    seen: list[int] = []
    after = None
    for _ in range(4):
        page = await filled.pairs.sentences(Ask(limit=2, after=after), "norland", "truce")
        seen += [int(one.hit.tagged.item.id[2:]) for one in page.found]
        after = page.next
        if after is None:
            break
    assert seen == [6, 5, 2, 1, 7]


@pytest.mark.parametrize("after", ["", "x", "9" * 300, "-1", "\x00", "1.", ".1"])
async def test_an_alien_cursor_starts_at_the_top(filled: Reading, after: str) -> None:
    assert await found_in(filled.pairs, Ask(after=after)) == [6, 5, 2, 1, 7]


async def test_an_edit_counts_as_it_now_is(reading: Reading) -> None:
    await reading.more(Stock(tagged=[named(1, "Norland offers a truce")]))
    await reading.more(Stock(tagged=[named(1, "Sudmark offers grain", rev=2)]))
    assert counts((await reading.pairs.weeks(None, WEEKS)).pairs) == {"sudmark grain": (1, (0, 0, 1), (0, 0, 1))}
    assert await found_in(reading.pairs, Ask(), "norland", "truce") == []


async def test_nothing_is_stored_yet(reading: Reading) -> None:
    found = await reading.pairs.weeks(None, WEEKS)
    assert (found.weeks, found.pairs, found.counted, found.all_counted) == (WEEKS, (), 0, True)
    assert (await reading.pairs.sentences(Ask(), "norland", "truce")).found == ()
    await reading.more(Stock(tagged=[make_tagged(1, "Talks", issues=["talks"], relevance="main")]))
    assert (await reading.pairs.weeks(None, WEEKS)).counted == 0


async def found_in(pairs: Pairs, ask: Ask, actor: str | None = None, issue: str | None = None) -> list[int]:
    page = await pairs.sentences(ask, actor, issue)
    return [int(one.hit.tagged.item.id[2:]) for one in page.found]


def _sentence(tagged: Tagged, span: Span) -> str:
    return (tagged.item.title if span.field == "title" else tagged.item.text)[span.start : span.end]
