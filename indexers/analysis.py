"""Analyzers of core filters only, that give the words and stems which the search in SQLite has.

Where SQLite asks Snowball, so does the node, by an older version of it: of 5,000 words of news in English, German,
French and Russian 17 had another stem there; of Dutch, which has a new stemmer, a fifth. Our own light stems
(Ukrainian, Polish, Belarusian, Bulgarian) are the same, by the rules that they are made of.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ceasewire.text.folding import other_signs
from ceasewire.text.sought import unmarked
from ceasewire.text.stemming import SHORTEST, STEMMED, endings_of, irregular_of, snowball_of

FOLDED = "ceasewire_folded"
"""The analyzer for words in their very forms."""
PLAIN = "und"
"""Stands, like `Tagged.language`, for languages without a stemmer."""
LONGEST_WORD = 255
"""Signs that a word keeps: a node refuses a whole document for a word of some 10,000."""
_BEFORE = {
    "en": "'s$",
    "da": "'s$",
    "et": "'s$",
    "nl": "'s$",
    "fr": "^(?:[cdjlmnst]|qu)'(?=.)",
    "it": "^(?:[dlmstv]|gl|un|all|dall|dell|nell|quell|quest|sull|tutt)'(?=.)",
    "tr": "(?<=..)'.*$",
}
"""What stemmers of SQLite take off at an apostrophe, and those of the node leave."""
_SIGNS, _UNMARKED = "ceasewire_signs", "ceasewire_unmarked"
_WORDS = "ceasewire_words"


def analyzer_of(language: str) -> str:
    """The name of the analyzer for texts of a language of ours."""
    return f"ceasewire_{language}"


def search_languages() -> tuple[str, ...]:
    """The languages that have a field of their own, `und` last."""
    return (*STEMMED, PLAIN)


def field_language(language: str) -> str:
    """The language whose field a text of this language goes into."""
    return language if language in STEMMED else PLAIN


def analysis(languages: Iterable[str]) -> dict[str, Any]:
    """The settings `analysis` of an index with texts of these languages, and of words in their very forms."""
    filters: dict[str, Any] = {"ceasewire_cut": {"type": "truncate", "length": LONGEST_WORD}}
    analyzers: dict[str, Any] = {FOLDED: _analyzer(_UNMARKED)}
    for language in languages:
        stemming = _stemming(language)
        filters |= stemming
        # stemmers need the marks on letters: there they go last, and with them what only looks like a mark (ł, ø)
        analyzers[analyzer_of(language)] = (
            _analyzer(_SIGNS, *stemming, "asciifolding") if stemming else analyzers[FOLDED]
        )
    return {
        "char_filter": {_SIGNS: _mapped(other_signs()), _UNMARKED: _mapped(other_signs() | _unmarked())},
        "tokenizer": {
            _WORDS: {"type": "pattern", "pattern": r"[\p{L}\p{N}]+(?:'[\p{L}\p{N}]+)*", "group": 0},
        },
        "filter": filters,
        "analyzer": analyzers,
    }


def _analyzer(signs: str, *after: str) -> dict[str, Any]:
    return {
        "type": "custom",
        "char_filter": [signs],
        "tokenizer": _WORDS,
        "filter": ["lowercase", "ceasewire_cut", *after],
    }


def _stemming(language: str) -> dict[str, Any]:
    """The filters, by name, that make stems of a language's words."""
    filters: dict[str, Any] = {}
    if language in _BEFORE:
        cut = {"type": "pattern_replace", "pattern": _BEFORE[language], "replacement": ""}
        filters[f"ceasewire_{language}_apostrophe"] = cut
    irregular = irregular_of(language)
    if irregular:
        filters[f"ceasewire_{language}_irregular"] = {
            "type": "stemmer_override",
            "rules": [f"{word} => {stem}" for word, stem in sorted(irregular.items())],
        }
    snowball = snowball_of(language)
    endings = endings_of(language)
    if snowball:
        filters[f"ceasewire_{language}_stem"] = {"type": "snowball", "language": snowball.capitalize()}
    elif endings:
        # as few letters as can be before it: the longest ending goes
        found = "|".join(re.escape(ending) for ending in endings)
        filters[f"ceasewire_{language}_stem"] = {
            "type": "pattern_replace",
            "pattern": f"^(.{{{SHORTEST},}}?)(?:{found})$",
            "replacement": "$1",
        }
    return filters


def _unmarked() -> dict[str, str]:
    """Latin letters with marks to those without, as far as the look into a text takes no notice of them."""
    letters = map(chr, range(0xC0, 0x1F00))
    return {letter: plain for letter in letters if (plain := unmarked(letter)) != letter}


def _mapped(signs: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "mapping", "mappings": [f"{_code(old)} => {_code(new)}" for old, new in sorted(signs.items())]}


def _code(signs: str) -> str:
    return "".join(f"\\u{ord(sign):04x}" for sign in signs)
