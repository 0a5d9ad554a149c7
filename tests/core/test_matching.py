"""The one scan."""

import pytest

from ceasewire.pack.patterns import Compiler
from ceasewire.tagging.matching import Matcher
from ceasewire.tagging.reading import Reading, evaluate
from ceasewire.text.folding import fold


def found(term: str, text: str) -> list[str]:
    compiler = Compiler()
    number = compiler.term(term)
    spans = Matcher(compiler.terms).find(fold(text)).get(number, [])
    return [fold(text).cased[start:end] for start, end in spans]


@pytest.mark.parametrize(
    ("term", "text", "words"),
    [
        ("truce", "A truce. Truce! The trucebreakers", ["truce", "Truce"]),
        ("US", "US and us, USA, the U.S.", ["US"]),
        ("U.S.", "the U.S. and U.S.-backed", ["U.S.", "U.S."]),
        ("Baker", "Baker and the baker", ["Baker"]),
        ("ООН", "ООН и оон", ["ООН"]),
        ("peacekeep*", "Peacekeepers and peacekeeping, not peace", ["Peacekeepers", "peacekeeping"]),
        ("*waffenruhe*", "Die Energiewaffenruhen und eine Waffenruhe", ["Energiewaffenruhen", "Waffenruhe"]),
        ("мирн* план*", "о мирном плане и мирных  планах", ["мирном плане", "мирных планах"]),
        ("cease fire", "cease fire or cease-fire", ["cease fire", "cease-fire"]),
        ("post-ceasefire", "a post‑ceasefire force", ["post-ceasefire"]),
        ("перемир'*", "Перемир’я, перемирʼям", ["Перемир'я", "перемир'ям"]),
    ],
)
def test_terms(term: str, text: str, words: list[str]) -> None:
    assert found(term, text) == words


def test_a_headline_without_capitals_still_has_names() -> None:
    assert found("Baker", "baker resigns after the vote") == ["baker"]


def test_terms_that_overlap_are_all_found() -> None:
    compiler = Compiler()
    terms = [compiler.term(text) for text in ("security", "security council", "council")]
    hits = Matcher(compiler.terms).find(fold("the Security Council"))
    assert [hits[term] for term in terms] == [[(4, 12)], [(4, 20)], [(13, 20)]]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Japan signed a loan of three billion with Kyiv", ["loan of three billion with Kyiv"]),
        ("Kyiv gets a billion as a loan", ["Kyiv gets a billion as a loan"]),
        ("A billion for Kyiv", []),
        ("A loan for Kyiv. A billion elsewhere", []),
    ],
)
def test_a_third_group_may_stand_between_the_others(text: str, spans: list[str]) -> None:
    compiler = Compiler()
    pattern = compiler.pattern({"near": [["loan"], ["Kyiv"], ["billion", "loan"]], "words": 6}, {})
    places = evaluate(pattern, Reading("", text, Matcher(compiler.terms)))
    assert [text[place.start : place.end] for place in places] == spans


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Echange de prisonniers : un échange", ["Echange", "échange"]),
        ("Un echange sans accent", []),
        ("ÉCHANGE", ["ÉCHANGE"]),
    ],
)
def test_a_capital_may_have_lost_its_accent(text: str, words: list[str]) -> None:
    compiler = Compiler()
    pattern = compiler.pattern("échange*", {})
    places = evaluate(pattern, Reading(text, "", Matcher(compiler.terms)))
    assert [text[place.start : place.end] for place in places] == words
