"""Pairs of an actor and an issue."""

import pytest

from ceasewire.items import Mention, Span, Tagged
from ceasewire.pairs import Pair, keys, pairs
from tests.store.making import make_item

TITLE = "Envoys of Norland arrive"
TEXT = "Norland offers a truce. Sudmark wants its prisoners back. A truce is far off, says Norland of Sudmark."


def named(kind: str, id: str, word: str, field: str = "text", number: int = 0) -> Mention:
    """The mention of a word that stands in title or text, the so manieth from the start."""
    whole = TITLE if field == "title" else TEXT
    start = -1
    for _ in range(number + 1):
        start = whole.index(word, start + 1)
    return Mention(kind=kind, id=id, field=field, start=start, end=start + len(word))  # type: ignore[arg-type]


def tagged(*mentions: Mention, issues: tuple[str, ...], actors: tuple[str, ...]) -> Tagged:
    return Tagged(
        item=make_item(1, TITLE, TEXT), edition=1, language="en", issues=issues, actors=actors, mentions=mentions
    )


def test_only_what_one_sentence_names_together() -> None:
    found = tagged(
        named("actor", "norland", "Norland", "title"),
        named("actor", "norland", "Norland"),
        named("actor", "sudmark", "Sudmark"),
        named("issue", "ceasefire", "truce"),
        named("issue", "prisoners", "prisoners"),
        issues=("ceasefire", "prisoners"),
        actors=("norland", "sudmark"),
    )
    assert keys(pairs(found)) == ("norland|ceasefire", "sudmark|prisoners")


def test_every_sentence_counts_and_each_pair_once() -> None:
    found = tagged(
        named("actor", "norland", "Norland"),
        named("issue", "ceasefire", "truce"),
        named("actor", "norland", "Norland", number=1),
        named("actor", "sudmark", "Sudmark", number=1),
        named("issue", "ceasefire", "truce", number=1),
        issues=("ceasefire",),
        actors=("norland", "sudmark"),
    )
    assert keys(pairs(found)) == ("norland|ceasefire", "sudmark|ceasefire")


def test_what_spans_two_sentences_is_in_both() -> None:
    start, end = TEXT.index("truce"), TEXT.index("prisoners")
    found = tagged(
        named("actor", "norland", "Norland"),
        named("actor", "sudmark", "Sudmark"),
        Mention(kind="issue", id="swap", field="text", start=start, end=end),
        issues=("swap",),
        actors=("norland", "sudmark"),
    )
    assert keys(pairs(found)) == ("norland|swap", "sudmark|swap")


def test_title_and_text_are_no_sentence_together() -> None:
    found = tagged(
        named("actor", "norland", "Norland", "title"),
        named("issue", "ceasefire", "truce"),
        issues=("ceasefire",),
        actors=("norland",),
    )
    assert keys(pairs(found)) == ()


def test_what_the_item_is_not_tagged_with_makes_no_pair() -> None:
    found = tagged(
        named("actor", "norland", "Norland"),
        named("issue", "ceasefire", "truce"),
        named("issue", "dropped", "offers"),
        named("place", "sudmark", "Sudmark"),
        issues=("ceasefire",),
        actors=("norland",),
    )
    assert keys(pairs(found)) == ("norland|ceasefire",)
    assert pairs(tagged(named("issue", "ceasefire", "truce"), issues=("ceasefire",), actors=())) == ()


def test_each_pair_has_the_sentence_that_names_it() -> None:
    found = tagged(
        named("actor", "norland", "Norland"),
        named("actor", "sudmark", "Sudmark", number=1),
        named("issue", "ceasefire", "truce"),
        named("issue", "ceasefire", "truce", number=1),
        named("actor", "norland", "Norland", "title"),
        named("issue", "ceasefire", "Envoys", "title"),
        issues=("ceasefire",),
        actors=("norland", "sudmark"),
    )
    last = TEXT.index("A truce")
    assert pairs(found) == (
        Pair("norland", "ceasefire", Span("title", 0, len(TITLE))),
        Pair("norland", "ceasefire", Span("text", 0, len("Norland offers a truce."))),
        Pair("sudmark", "ceasefire", Span("text", last, len(TEXT))),
    )


@pytest.mark.parametrize("rest", [90, 5000])
def test_a_long_sentence_is_whole_however_late_its_mentions_end(rest: int) -> None:
    sentence = "Norland wants a truce " + "and more " * (rest // 9) + "in all of the valley."
    text = f"It rained. {sentence} Snow fell later. " + "The road is closed. " * 50
    at = text.index("Norland")
    mentions = (
        Mention(kind="actor", id="norland", field="text", start=at, end=at + 7),
        Mention(kind="issue", id="ceasefire", field="text", start=at + 16, end=at + 21),
    )
    found = Tagged(
        item=make_item(1, TITLE, text),
        edition=1,
        language="en",
        issues=("ceasefire",),
        actors=("norland",),
        mentions=mentions,
    )
    (pair,) = pairs(found)
    assert text[pair.sentence.start : pair.sentence.end] == sentence
