"""Names and phrases that keep appearing beside known actors and issues and are in no pack yet.

Only sentences that name an actor or issue are read. A name is a run of words with capitals that is not only so
because it opens the sentence; a phrase is two or three words in a row of which none says nothing. Case forms count as
one, by their stems, and copies of a text as one.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from ceasewire.identity import short_hash
from ceasewire.items import Mention, Tagged
from ceasewire.pack.load import Pack
from ceasewire.shingles import title_key
from ceasewire.tagging.vocabulary import build_vocabulary
from ceasewire.text.folding import fold
from ceasewire.text.sentences import sentences
from ceasewire.text.stemming import stemmer

_WORD = re.compile(r"[^\W\d_](?:[\w'’-]*\w)?")
_LONGEST_NAME = 4
_SHORTEST = 3
_MOST_BESIDE, _MOST_EXAMPLES = 5, 2
_CAPITALS_MEAN_LITTLE = frozenset(("de",))
"""Languages that write every noun with a capital: single words are no names there."""


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A name or phrase, how many different texts have it, and beside what."""

    kind: str
    """name or phrase"""
    words: str
    """Its most frequent spelling."""
    language: str
    texts: int
    beside: tuple[tuple[str, int], ...]
    """Actors and issues of its sentences, as actor:russia, with the number of texts."""
    examples: tuple[str, ...]


@dataclass
class _Seen:
    spellings: Counter[str] = field(default_factory=Counter)
    texts: set[str] = field(default_factory=set)
    beside: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)


def suggest(
    items: Iterable[Tagged], common: Mapping[str, frozenset[str]], known: frozenset[str], least: int = 5
) -> list[Suggestion]:
    """Suggestions, most texts first. `common` has words that say nothing by language, `known` the packs' own."""
    seen: dict[tuple[str, str, str], _Seen] = defaultdict(_Seen)
    told: set[str] = set()
    for tagged in items:
        text = _key(tagged)
        if text in told:
            continue
        told.add(text)
        for sentence, start, mentions in _sentences(tagged):
            spans = [(mention.start - start, mention.end - start) for mention in mentions]
            beside = {f"{mention.kind}:{mention.id}" for mention in mentions if mention.kind in ("actor", "issue")}
            nothing = common.get(tagged.language, frozenset())
            for kind, words in _candidates(sentence, spans, nothing, tagged.language):
                key = " ".join(_stem(word, tagged.language) for word in words.split())
                if fold(words).text in known:
                    continue
                one = seen[kind, tagged.language, key]
                one.spellings[words] += 1
                if text not in one.texts:
                    one.texts.add(text)
                    one.beside.update(beside)
                if len(one.examples) < _MOST_EXAMPLES:
                    one.examples.setdefault(text, " ".join(sentence.split()))
    found = [
        Suggestion(
            kind=kind,
            words=one.spellings.most_common(1)[0][0],
            language=language,
            texts=len(one.texts),
            beside=tuple(one.beside.most_common(_MOST_BESIDE)),
            examples=tuple(one.examples.values()),
        )
        for (kind, language, _), one in seen.items()
        if len(one.texts) >= least
    ]
    return sorted(_whole(found), key=lambda one: (-one.texts, one.kind, one.words))


def common_words(packs: Iterable[Pack]) -> dict[str, frozenset[str]]:
    """By language the folded words that say nothing, of all packs."""
    found: dict[str, set[str]] = defaultdict(set)
    for pack in packs:
        for language, words in pack.words("common"):
            found[language].update(fold(words).text.split())
    return {language: frozenset(words) for language, words in found.items()}


def known_words(packs: Sequence[Pack]) -> frozenset[str]:
    """The folded names and plain words that the packs look for."""
    return frozenset(term.text.rstrip("*") for term in build_vocabulary(packs).compiler.terms)


def _key(tagged: Tagged) -> str:
    """The same for copies of a text."""
    return title_key(tagged.item.title) or short_hash(tagged.item.text[:500])


def _sentences(tagged: Tagged) -> Iterator[tuple[str, int, list[Mention]]]:
    for part, text in (("title", tagged.item.title), ("text", tagged.item.text)):
        mentions = [one for one in tagged.mentions if one.field == part]
        spans = [(0, len(text))] if part == "title" else sentences(text)
        for start, end in spans:
            inside = [one for one in mentions if start <= one.start < end]
            if any(one.kind in ("actor", "issue") for one in inside):
                yield text[start:end], start, inside


def _candidates(
    sentence: str, spans: list[tuple[int, int]], nothing: frozenset[str], language: str
) -> Iterator[tuple[str, str]]:
    words = list(_WORD.finditer(sentence))
    free = [not any(a < word.end() and word.start() < b for a, b in spans) for word in words]
    names: set[int] = set()
    at = 0
    while at < len(words):
        run = at
        while run < len(words) and run - at < _LONGEST_NAME and free[run] and words[run][0][0].isupper():
            if run > at and sentence[words[run - 1].end() : words[run].start()] != " ":
                break
            run += 1
        size = run - at
        alone = size == 1 and (at == 0 or language in _CAPITALS_MEAN_LITTLE or len(words[at][0]) < _SHORTEST)
        part = size and any(
            b + 1 == words[at].start() or a - 1 == words[run - 1].end() for a, b in spans
        )  # of a name that is known: the rest of it is no other
        if size and not alone and not part and not all(fold(words[k][0]).text in nothing for k in range(at, run)):
            names.update(range(at, run))
            first = at + 1 if at == 0 and size > 2 and fold(words[0][0]).text in nothing else at
            yield "name", sentence[words[first].start() : words[run - 1].end()]
        at = max(run, at + 1)
    for size in (2, 3):
        for begin in range(len(words) - size + 1):
            span = range(begin, begin + size)
            if any(k in names or not free[k] or len(words[k][0]) < _SHORTEST for k in span):
                continue
            if any(fold(words[k][0]).text in nothing for k in span):
                continue
            phrase = sentence[words[begin].start() : words[begin + size - 1].end()]
            if phrase.count(" ") == size - 1:
                yield "phrase", fold(phrase).text


def _stem(word: str, language: str) -> str:
    stem = stemmer(language)
    folded = fold(word).text
    return stem(folded) if stem else folded


def _whole(found: list[Suggestion]) -> list[Suggestion]:
    """Without those that only ever stand within a longer one."""
    longer = {(one.language, one.texts, part) for one in found for part in _parts(one.words)}
    return [one for one in found if (one.language, one.texts, one.words) not in longer]


def _parts(words: str) -> Iterator[str]:
    split = words.split(" ")
    for size in range(1, len(split)):
        for at in range(len(split) - size + 1):
            yield " ".join(split[at : at + size])
