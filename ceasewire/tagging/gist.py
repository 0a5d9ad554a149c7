"""The gist of a text: its telling words as weighted hashes, by which other texts about the same thing are known.

Words weigh by how little they say elsewhere, as the logarithm of how rare their kind is: those of the packs and their
examples (ceasefire, talks) stand in one of twenty texts of the news that is followed, others (a place, a number, a name
that is in no pack) in one of three hundred, and words that say nothing (`common` of a pack) are left out. Two words in
a row count a little beside each alone, a headline more than the text, and the tags join what is told in other words.
These weights are fixed; what threads take off for words that many texts of the window have is counted in the fold of
the same log, so that the same log always gives the same threads. Cosine
over weighted words is how first story detection has been done since Allan et al., "Topic Detection and Tracking"
(1998).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from hashlib import blake2b

from ceasewire.markup import MAX_TITLE
from ceasewire.pack.load import Pack
from ceasewire.text.folding import fold
from ceasewire.text.stemming import stemmer

WEIGHTS = (1.6, 2.0, 3.0, 4.5, 5.8, 8.7)
"""What the lowest three bits of a gist's number mean."""
TELLING = 3
"""From this weight's number on a word tells one thing from another."""
_BITS = 3
_HEAD = 800
"""Characters of the text that are read."""
_IN_TITLE = 1.5
_COMMON, _DOMAIN, _RARE = 0.0, 3.0, 5.8
_PAIR = {_COMMON: 0.0, _DOMAIN: 2.0, _RARE: 3.0}
"""Of two words in a row, by the weight of the rarer one."""
_TAG = 1.6
_SHORTEST = 3
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_OUTLET = re.compile(r"\s+(?:\|\s+.*|[-–—:]\s+(?:[A-Z][\w.]*\s?){1,3})$")
"""What stands behind a headline to name the outlet."""


class Gists:
    """Reads gists by the words of packs."""

    def __init__(self, words: Iterable[str], common: Mapping[str, frozenset[str]]) -> None:
        self._words = tuple(words)
        self._common = dict(common)
        self._known: dict[str, _Known] = {}

    def read(
        self, title: str, text: str, language: str, issues: Sequence[str], actors: Sequence[str]
    ) -> tuple[int, ...]:
        """The gist, sorted: each number is a hash of a word, of two words in a row or of a tag, times 8 plus weight."""
        known = self._known.get(language)
        if known is None:
            known = self._known[language] = _Known(language, self._words, self._common.get(language, frozenset()))
        weights: dict[str, float] = {f"#{issue}": _TAG for issue in issues} | {f"@{one}": _TAG for one in actors}
        for part, factor in ((_OUTLET.sub("", title[:MAX_TITLE]), _IN_TITLE), (text[:_HEAD], 1.0)):
            before: tuple[str, float] | None = None
            for word in _WORD.findall(fold(part).text):
                if len(word) < _SHORTEST and not word.isdigit():
                    continue
                stem, weight = known.weigh(word)
                if weight:
                    weights[stem] = max(weights.get(stem, 0), weight * factor)
                if before is not None and (weight or before[1]):
                    pair = f"{before[0]} {stem}"
                    weights[pair] = max(weights.get(pair, 0), _PAIR[max(weight, before[1])] * factor)
                before = stem, weight
        return tuple(sorted(_hash(word) << _BITS | _nearest(weight) for word, weight in weights.items()))


class _Known:
    """What is known of the words of one language."""

    def __init__(self, language: str, words: Iterable[str], common: Iterable[str]) -> None:
        self._language = language
        self._words = words
        self._listed = common
        self._weighed: dict[str, tuple[str, float]] = {}

    @cached_property
    def _common(self) -> frozenset[str]:
        return frozenset(self._stem(word) for word in self._listed)

    @cached_property
    def _domain(self) -> frozenset[str]:
        return frozenset(self._stem(word) for word in self._words)

    def _stem(self, word: str) -> str:
        stem = stemmer(self._language)
        return stem(word) if stem else word

    def weigh(self, word: str) -> tuple[str, float]:
        """The stem of a folded word and its weight."""
        found = self._weighed.get(word)
        if found is None:
            stem = self._stem(word)
            found = stem, _COMMON if stem in self._common else _DOMAIN if stem in self._domain else _RARE
            if len(self._weighed) < _MOST_KEPT:
                self._weighed[word] = found
        return found


_MOST_KEPT = 50_000


def build_gists(packs: Sequence[Pack], literals: Iterable[str]) -> Gists:
    """What reads gists by the packs; `literals` are the folded texts that the packs look for."""
    texts = list(literals)
    common: dict[str, set[str]] = {}
    for pack in packs:
        for issue in pack.issues:
            texts += (issue.name, issue.definition)
            texts += (sentence for some in (*issue.must.values(), *issue.must_not.values()) for sentence in some)
        texts += (actor.name for actor in pack.actors)
        texts += (one.name for one in (*pack.places, *pack.documents))
        for language, words in pack.words("common"):
            common.setdefault(language, set()).update(_WORD.findall(fold(words).text))
    found = dict.fromkeys(word for text in texts for word in _WORD.findall(fold(text.replace("*", "")).text))
    return Gists(found, {language: frozenset(words) for language, words in common.items()})


@cache
def _nearest(weight: float) -> int:
    return min(range(len(WEIGHTS)), key=lambda number: abs(WEIGHTS[number] - weight))


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode("utf-8", "replace"), digest_size=6).digest(), "big")


def weights_of(gist: Iterable[int]) -> dict[int, float]:
    """The weight of each hash of a gist."""
    return {number >> _BITS: WEIGHTS[number & 7] for number in gist}


def telling_of(gist: Iterable[int]) -> list[int]:
    """The hashes that tell one thing from another."""
    return [number >> _BITS for number in gist if number & 7 >= TELLING]
