"""Words and their stems, for search in stored texts: Snowball where it knows a language, own light stems else."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

from Stemmer import Stemmer

from ceasewire.text.folding import fold

STEMMER_VERSION = 1
"""Raised with every change of stems: an index made by another version is built again."""
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_SNOWBALL = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "tr": "turkish", "ar": "arabic",
    "ru": "russian", "ro": "romanian", "hu": "hungarian", "nl": "dutch", "sv": "swedish", "da": "danish",
    "fi": "finnish", "el": "greek", "pt": "portuguese", "lt": "lithuanian", "et": "estonian",
}  # fmt: skip
"""Polish has a Snowball stemmer only of late; the light stem below joins more of its case forms."""
_LIGHT = {
    "uk": "ованого ування ості істю ість ення енням енні ення ями ами ого ому ими ові еві єві ька ськ ою ею єю ія "
    "ії ію ією іям іях ах ях ам ям ом ем єм ів їв ий ій их им ої ої ій ти ла ло ли ть ся а я о е є и і ї у ю ь й",
    "be": "асці асць ення ямі амі ага аму ыя ая ую ія іі ію ах ях ам ям ом ем аў яў ей ых ым ой а я о е ы і у ю ь й",
    "bg": "ението ения ият ията ите ове еве ата ято ата ето та то те ия ът ят ии ен на но ни а я о е и у ю ъ ь й",
    "pl": "owania owanie owaniu ności ność eniach eniami eniem enia enie eniu ami ach owi ego emu ymi imi iem "
    "iami iach iom ów om em ym im ej ie ia ię ią iu ii ja ji ję ją y i a e o u ą ę ł",
}
SHORTEST = 3
"""Letters that a light stem leaves at least."""
STEMMED = tuple(sorted({*_SNOWBALL, *_LIGHT}))
"""The languages that have a stemmer."""
_IRREGULAR = {
    "uk": {"дитин": "діти дітей дітям дітьми дітях дитя", "людин": "люди людей людям людьми людях", "вогн": "вогонь"},
    "ru": {"ребенк": "дети детей детям детьми детях ребенок ребенка", "человек": "люди людей людям людьми людях"},
}
"""Plurals of another root, by the stem that they share with their singular."""


def tokens(text: str) -> list[tuple[str, int, int]]:
    """The words, folded, each with its half-open span in the original text."""
    folded = fold(text)
    return [(match[0], *folded.origin(match.start(), match.end())) for match in _WORD.finditer(folded.text)]


def stems(text: str, language: str) -> list[str]:
    """The stem of each word, in order; for `und` and languages without a stemmer the folded words."""
    words = _WORD.findall(fold(text).text)
    stem = stemmer(language)
    return [stem(word) for word in words] if stem else words


def snowball_of(language: str) -> str | None:
    """The name of the Snowball stemmer of the language, or None where it has none."""
    return _SNOWBALL.get(language)


def endings_of(language: str) -> tuple[str, ...]:
    """The endings that the light stem of the language takes off, longest first; nothing where it has no light stem."""
    return tuple(sorted(set(_LIGHT.get(language, "").split()), key=lambda ending: (-len(ending), ending)))


def irregular_of(language: str) -> dict[str, str]:
    """The words of the language whose stem no rule gives, each with that stem."""
    return dict(_irregular(language))


def stemmer(language: str) -> Callable[[str], str] | None:
    """What makes the stem of one folded word, or None where the language has no stemmer."""
    if language in _LIGHT:
        return _light(language)
    return _snowball(language) if language in _SNOWBALL else None


@cache
def _irregular(language: str) -> dict[str, str]:
    return {word: stem for stem, words in _IRREGULAR.get(language, {}).items() for word in words.split()}


def _snowball(language: str) -> Callable[[str], str]:
    # A Stemmer keeps a buffer: one for each call keeps threads apart, and costs 3 us.
    inner: Any = Stemmer(_SNOWBALL[language])
    english = language == "en"
    irregular = _irregular(language)

    def stem(word: str) -> str:
        return irregular.get(word) or str(inner.stemWord(word.removesuffix("'s") if english else word))

    return stem


@cache
def _light(language: str) -> Callable[[str], str]:
    endings = sorted(set(_LIGHT[language].split()), key=len, reverse=True)
    longest = len(endings[0])
    known = frozenset(endings)
    irregular = _irregular(language)

    def stem(word: str) -> str:
        if word in irregular:
            return irregular[word]
        for size in range(min(longest, len(word) - SHORTEST), 0, -1):
            if word[-size:] in known:
                return word[:-size]
        return word

    return stem
