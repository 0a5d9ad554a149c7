"""The analyzers on a real node give the words and stems of the search over SQLite."""

import re
from collections.abc import Iterator
from importlib.resources import files

import pytest

from ceasewire.bundled import pack_names, packs
from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.text.endings import case_forms
from ceasewire.text.sought import unmarked
from ceasewire.text.stemming import STEMMED, endings_of, irregular_of, snowball_of, stems, tokens
from cluster.setup_index import Indices
from indexers.analysis import FOLDED, LONGEST_WORD, analyzer_of, field_language, search_languages
from indexers.templates import index_name
from tests.cluster.indexes import asked
from tests.services.cleaning import clean_elasticsearch

LIGHT = [language for language in STEMMED if endings_of(language)]
SNOWBALL = [language for language in STEMMED if snowball_of(language)]
ALIKE = {"nl": 0.75}
"""The least share of words with the same stem, where Snowball has a new stemmer that the node has not; else 0.97."""


def words_of_packs(letters: str) -> list[str]:
    """The words of these letters in the bundled packs, folded, without repeats."""
    text = "\n".join(
        path.read_text(encoding="utf-8")
        for name in pack_names()
        for path in (files("ceasewire") / "packs" / name).iterdir()
        if path.name.endswith(".yml")
    )
    return list(dict.fromkeys(word for word, _, _ in tokens(text) if re.fullmatch(letters, word)))


CYRILLIC, LATIN = words_of_packs("[а-яёєіїґ']+"), words_of_packs("[a-zà-ž']+")


def test_packs_have_words_enough() -> None:
    assert packs(pack_names())
    assert len(CYRILLIC) > 1_000
    assert len(LATIN) > 1_000


@pytest.fixture(scope="module")
def index(elasticsearch: str) -> Iterator[str]:
    """An index of items."""
    settings = ElasticsearchSettings(url=elasticsearch, prefix="tanalysis")
    clean_elasticsearch(elasticsearch, settings.prefix)
    assert not Indices(settings).run().refusals
    yield f"{elasticsearch}/{index_name(settings.prefix, 'items')}"
    clean_elasticsearch(elasticsearch, settings.prefix)


def analyzed(index: str, analyzer: str, text: str) -> list[str]:
    found = asked(f"{index}/_analyze", {"analyzer": analyzer, "text": text}, "POST")["tokens"]
    assert [one["position"] for one in found] == list(range(len(found)))
    return [one["token"] for one in found]


LOOKALIKE = dict(zip("łøđßı", ("l", "o", "d", "ss", "i"), strict=True))


def marked_off(words: list[str]) -> list[str]:
    """The words as the node has them after stemming: without marks, and without what only looks like one."""
    return ["".join(LOOKALIKE.get(sign, sign) for sign in unmarked(word)) for word in words]


@pytest.mark.parametrize("language", LIGHT)
def test_own_stems_are_the_same(index: str, language: str) -> None:
    words = (LATIN if language == "pl" else CYRILLIC)[:1_500]
    words = list(dict.fromkeys(form for word in words for form in case_forms(word, language)))[:6_000]
    words += [*irregular_of(language), *(f"аб{ending}" for ending in endings_of(language))]
    assert len(words) > 1_000
    wrong = []
    for start in range(0, len(words), 2_000):
        part = words[start : start + 2_000]
        wanted = marked_off([stems(word, language)[0] for word in part])
        found = analyzed(index, analyzer_of(language), " ".join(part))
        wrong += [(word, a, b) for word, a, b in zip(part, found, wanted, strict=True) if a != b]
    assert not wrong, wrong[:20]


@pytest.mark.parametrize("language", SNOWBALL)
def test_stems_of_snowball_are_nearly_all_the_same(index: str, language: str) -> None:
    words = (CYRILLIC if language in ("ru",) else LATIN)[:2_000]
    found = analyzed(index, analyzer_of(language), " ".join(words))
    wanted = marked_off([stems(word, language)[0] for word in words])
    wrong = [(word, a, b) for word, a, b in zip(words, found, wanted, strict=True) if a != b]
    assert 1 - len(wrong) / len(words) >= ALIKE.get(language, 0.97), wrong[:30]


@pytest.mark.parametrize(
    "text",
    [
        "Мир’я  і «перемир'я» — Ё-моё, п\u02bcять",
        "The cease\u00adfire, U.S.-led; don't O’Brien's 3.5 snake_case A\u200bB",
        "Erdoğan und Łódź; İstanbul, Σίσυφος ΣΑΣ",
        "停火 协议。Тел-Авів\u00a0№5 ½ ²",
        "'quoted' ''twice'' it's' x''y",
        "",
    ],
)
@pytest.mark.parametrize("language", ["und", "uk", "ru", "zh"])
def test_texts_are_split_into_the_same_words(index: str, text: str, language: str) -> None:
    wanted = [unmarked(word) for word, _, _ in tokens(text)]
    assert analyzed(index, FOLDED, text) == wanted
    found = analyzed(index, analyzer_of(field_language(language)), text)
    assert len(found) == len(wanted)
    if field_language(language) == "und":
        assert found == wanted


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Kyiv's envoys don't meet O'Brien"),
        ("fr", "L’Ukraine d'otages qu'il s'est aujourd'hui l' O'Brien"),
        ("it", "dell'Ucraina un'altra all'inizio quest'anno c'è"),
        ("tr", "Ukrayna'nın Rusya'ya ABD'nin O'Brien"),
        ("uk", "об'єднаними П’ятьма"),
    ],
)
def test_apostrophes_are_treated_alike(index: str, language: str, text: str) -> None:
    assert analyzed(index, analyzer_of(language), text) == marked_off(stems(text, language))


def test_no_word_is_left_out(index: str) -> None:
    assert analyzed(index, analyzer_of("en"), "To be or not to be the") == ["to", "be", "or", "not", "to", "be", "the"]


def test_endless_word_is_cut_and_not_refused(index: str) -> None:
    document = {"title": "x" * 40_000, "search": {"en": "ї" * 40_000}}
    assert asked(f"{index}/_doc/long", document, "PUT")["result"] == "created"
    assert analyzed(index, FOLDED, "x" * 2_000) == ["x" * LONGEST_WORD]


def test_there_is_a_field_for_every_stemmer_and_one_for_the_rest() -> None:
    assert search_languages() == (*STEMMED, "und")
    assert {"en", "uk", "ru", "pl", "de", "fr", "es"} < set(STEMMED)
    assert not set(LIGHT) & set(SNOWBALL)
    assert set(LIGHT) | set(SNOWBALL) == set(STEMMED)
