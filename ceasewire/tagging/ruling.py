"""Rules over one item: their words join the one scan, their tree is walked over what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ceasewire.items import Item, RuleHit
from ceasewire.pack.patterns import Compiler, Term
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word
from ceasewire.tagging.reading import Place, Reading
from ceasewire.text.folding import fold
from ceasewire.text.stemming import stemmer, tokens

_STEMMED = ("en", "uk", "ru", "de", "fr", "es", "pl", "it", "tr", "be", "bg")
_SHORTEST_STEM = 2


@dataclass(frozen=True)
class Facts:
    """What is known of an item when rules are asked."""

    item: Item
    reading: Reading
    language: str
    relevance: str
    conflict: str | None
    issues: Mapping[str, tuple[Place, ...]]
    actors: Mapping[str, tuple[Place, ...]]
    marks: tuple[str, ...] = ()


class _Answer(NamedTuple):
    met: bool
    places: frozenset[Place]


_NO = _Answer(False, frozenset())


class Rules:
    """The rules of a configuration, ready to be asked."""

    def __init__(self, nodes: Mapping[str, Node], compiler: Compiler) -> None:
        self._nodes = dict(nodes)
        self._terms: dict[Node, frozenset[int]] = {}
        for node in nodes.values():
            self._collect(node, compiler)

    def _collect(self, node: Node, compiler: Compiler) -> None:
        if isinstance(node, Word | Phrase):
            self._terms[node] = frozenset(compiler.add(term) for term in _terms(node))
        elif isinstance(node, And | Or):
            for part in node.parts:
                self._collect(part, compiler)
        elif isinstance(node, Not | In):
            self._collect(node.part, compiler)

    def met(self, facts: Facts) -> tuple[RuleHit, ...]:
        """A hit for each rule that the item meets, with the sentence of its first mention and the words in it."""
        hits = []
        for id, node in self._nodes.items():
            answer = self._ask(node, facts, 2)
            if answer.met:
                hits.append(_hit(id, facts, answer))
        return tuple(hits)

    def _ask(self, node: Node, facts: Facts, zone: int) -> _Answer:
        """Whether the node holds where its words may stand in zones up to `zone` (0 title, 1 lede, 2 all)."""
        match node:
            case And(parts):
                places: set[Place] = set()
                for part in parts:
                    answer = self._ask(part, facts, zone)
                    if not answer.met:
                        return _NO
                    places |= answer.places
                return _Answer(True, frozenset(places))
            case Or(parts):
                answers = [answer for part in parts if (answer := self._ask(part, facts, zone)).met]
                return _Answer(bool(answers), frozenset().union(*(answer.places for answer in answers)))
            case Not(part):
                return _Answer(not self._ask(part, facts, zone).met, frozenset())
            case In(name, part):
                return self._ask(part, facts, min(zone, 0 if name == "title" else 1))
            case Has(name, value):
                return _has(name, value, facts, zone)
            case Word() | Phrase():
                return _zoned(self._words(node, facts), facts, zone)

    def _words(self, node: Word | Phrase, facts: Facts) -> list[Place]:
        places = facts.reading.all_places(self._terms[node])
        if isinstance(node, Phrase) or node.prefix:
            return places
        wanted = fold(node.text).text
        stem = stemmer(facts.language)
        aim = stem(wanted) if stem else wanted
        return [place for place in places if _same(facts.reading.word(place), wanted, aim, stem)]


def _same(word: str, wanted: str, aim: str, stem: object) -> bool:
    return word == wanted or (callable(stem) and stem(word) == aim)


def _terms(node: Word | Phrase) -> list[Term]:
    """What the scan must look for so that no place of the word or phrase is missed."""
    words = [word for word, _, _ in tokens(node.text)]
    if not words:
        return []
    text = " ".join(words)
    if isinstance(node, Phrase) or len(words) > 1:
        return [Term(text)]
    if node.prefix:
        return [Term(f"{text}*")]
    begins = {text}
    for language in _STEMMED:
        stem = stemmer(language)
        if stem:
            begins.add(_shared(text, stem(text)))
    shortest = min(begins, key=len)
    return [Term(f"{shortest}*") if len(shortest) >= _SHORTEST_STEM else Term(text)]


def _shared(one: str, other: str) -> str:
    size = 0
    while size < min(len(one), len(other)) and one[size] == other[size]:
        size += 1
    return one[:size]


def _has(name: str, value: str, facts: Facts, zone: int) -> _Answer:
    match name:
        case "issue":
            return _zoned(facts.issues.get(value, ()), facts, zone)
        case "actor":
            return _zoned(facts.actors.get(value, ()), facts, zone)
        case "conflict":
            return _Answer(facts.conflict == value, frozenset())
        case "lang":
            return _Answer(facts.language == value, frozenset())
        case "relevance":
            return _Answer(facts.relevance == value, frozenset())
        case "mark":
            return _Answer(value in facts.marks, frozenset())
        case "extent":
            return _Answer(facts.item.extent == value, frozenset())
    source = facts.item.source
    return _Answer(value.casefold() in (source.feed.casefold(), source.outlet.casefold()), frozenset())


def _zoned(places: "tuple[Place, ...] | list[Place]", facts: Facts, zone: int) -> _Answer:
    inside = frozenset(place for place in places if zone == 2 or facts.reading.zone(place) <= zone)
    return _Answer(bool(inside), inside)


def _hit(rule: str, facts: Facts, answer: _Answer) -> RuleHit:
    places = sorted(answer.places)
    reading = facts.reading
    if not places:
        first = Place(0, 0, 0, 0, 0, 0) if reading.title else Place(1, 0, 0, 0, 0, 0)
        return RuleHit(rule=rule, sentence=reading.sentence(first))
    sentence = reading.sentence(places[0])
    words = [
        place.span
        for place in places
        if (place.field, place.sentence) == (places[0].field, places[0].sentence) and place.end <= sentence.end
    ]
    return RuleHit(rule=rule, sentence=sentence, words=tuple(dict.fromkeys(words)))
