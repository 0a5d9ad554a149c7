"""What words of diplomacy say between the parties of a known conflict, and positions on what a settlement is about."""

from collections import defaultdict
from collections.abc import Sequence

from ceasewire.tagging.parties import Parties, Sentence, sentence_of
from ceasewire.tagging.reading import Place, Reading, evaluate
from ceasewire.tagging.vocabulary import Index, Vocabulary, patterns_in

TALKS, _CONTACT, _STANCE = 1.5, 1.2, 0.9
"""Weights of a word that says "talks", of any contact between two sides, of a position."""
_WEIGHTS = {"envoys": TALKS, "settling": TALKS, "contacts": _CONTACT, "stances": _STANCE}
_PARTLY, _LEAST = 0.6, 0.5
"""Shares of the weight where only one side stands in the sentence."""
_ON_ISSUE = 0.75
"""Share of a contact of one side about an issue of the settlement."""
_ALONE = 0.7
"""Share of a position of one side on what it also settles with others, where no other side is named."""
_SURER = 0.2
"""More where words of two lists stand in one sentence."""


def weigh_diplomacy(
    vocabulary: Vocabulary, reading: Reading, key: str, issues: Sequence[tuple[str, Place]], parties: Parties
) -> list[tuple[float, Place]]:
    """Weights and places; none in a sentence about other matters, unless it names an issue of the settlement too."""
    if not parties.named:
        return []
    about: dict[Sentence, bool] = {}
    theirs: set[Sentence] = set()
    for issue, place in issues:
        sentence, talks = sentence_of(place), vocabulary.tells_of_talks(issue)
        about[sentence] = about.get(sentence, False) or talks
        if talks and issue not in vocabulary.shared:
            theirs.add(sentence)
    other = {sentence_of(place) for place in places_of(vocabulary.lists["other_matters"][key], reading)}
    spoiled = {one for one in other | about.keys() if not about.get(one)}
    found = [(_CONTACT, place) for place in parties.bearers if sentence_of(place) in parties.crossed]
    found += [
        (_STANCE, place)
        for issue, place in issues
        if issue in vocabulary.settlement and sentence_of(place) in parties.mediated
    ]
    kinds: dict[Sentence, set[str]] = defaultdict(set)
    for kind, weight in _WEIGHTS.items():
        for place in places_of(vocabulary.lists[kind][key], reading):
            sentence = sentence_of(place)
            if sentence in spoiled:
                continue
            share = _share(kind, sentence, parties, about)
            if kind == "stances" and not parties.facing and sentence not in theirs:
                share *= _ALONE
            if share:
                found.append((weight * share, place))
                if kind != "stances":
                    kinds[sentence].add(kind)
    sure = {sentence for sentence, some in kinds.items() if len(some) > 1}
    return [(weight + _SURER if sentence_of(place) in sure else weight, place) for weight, place in found]


def _share(kind: str, sentence: Sentence, parties: Parties, about: dict[Sentence, bool]) -> float:
    """How much of its weight a word has by the parties and issues around it."""
    settles, named = about.get(sentence, False), sentence in parties.named
    if kind == "envoys":
        return 1 if parties.facing or settles else _LEAST * named
    if kind == "settling":
        return 1 if parties.facing or (settles and named) else _PARTLY * named
    if kind == "contacts":
        if sentence in parties.crossed or any(sentence == sentence_of(place) for place in parties.bearers):
            return 1
        return _ON_ISSUE if settles and named else _PARTLY * (named and parties.facing)
    return 1 if named and (settles or (parties.facing and any(about.values()))) else 0


def places_of(index: Index, reading: Reading) -> list[Place]:
    """Where any pattern of an index stands."""
    return [place for pattern in patterns_in(index, reading.terms) for place in evaluate(pattern, reading)]
