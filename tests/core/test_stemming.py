"""Stems for search."""

import pytest

from ceasewire.text.stemming import stems, tokens


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "talk talks talking"),
        ("uk", "полонений полонених полоненим"),
        ("uk", "дитина дітей дітям"),
        ("uk", "переговори переговорів переговорах"),
        ("ru", "пленный пленных пленным"),
        ("ru", "ребенка детей"),
        ("pl", "rozmowa rozmowy rozmową rozmowach"),
        ("de", "Gespräch Gespräche Gesprächen"),
        ("es", "negociación negociaciones"),
    ],
)
def test_forms_share_a_stem(language: str, words: str) -> None:
    assert len(set(stems(words, language))) == 1


def test_unknown_languages_are_only_folded() -> None:
    assert stems("Kyiv’s TALKS", "und") == ["kyiv's", "talks"]


def test_tokens_cite_the_text() -> None:
    text = "Мир’я — the  cease\u00adfire!"
    assert [(word, text[start:end]) for word, start, end in tokens(text)] == [
        ("мир'я", "Мир’я"),
        ("the", "the"),
        ("ceasefire", "cease\u00adfire"),
    ]
