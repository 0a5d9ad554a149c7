"""Folding: one spelling to compare, and spans that cite the original."""

import pytest

from ceasewire.text.folding import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Kyiv’s  cease‑fire", "kyiv's cease-fire"),
        ("перемирʼя", "перемир'я"),
        ("Ёлка — снег", "елка - снег"),
        ("cease\u00adfire", "ceasefire"),
        ("a\u200bb\ufeffc", "abc"),
        ("one\n\t two\u00a0three", "one two three"),
        ("Cafe\u0301", "café"),
        ("İstanbul", "istanbul"),
        ("ΣΟΦΟΣ", "σοφοσ"),
    ],
)
def test_one_spelling(text: str, folded: str) -> None:
    assert fold(text).text == folded


@pytest.mark.parametrize(
    ("text", "word", "cited"),
    [
        ("The  long   truce holds", "truce", "truce"),
        ("a\u200b\u200b cease\u00adfire now", "ceasefire", "cease\u00adfire"),
        ("Re\u0301union a\u0300 Kyiv", "kyiv", "Kyiv"),
        ("Re\u0301union", "réunion", "Re\u0301union"),
        ("end cafe\u0301", "café", "cafe\u0301"),
        ("\ufeffRussia", "russia", "Russia"),
    ],
)
def test_spans_cite_the_original(text: str, word: str, cited: str) -> None:
    folded = fold(text)
    start = folded.text.index(word)
    first, last = folded.origin(start, start + len(word))
    assert text[first:last] == cited


def test_cased_keeps_capitals_sign_by_sign() -> None:
    folded = fold("The  US and us")
    assert folded.cased == "The US and us"
    assert len(folded.cased) == len(folded.text)
