"""Which conflict an item is about, and whether negotiations are a main matter of it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from ceasewire.items import Relevance
from ceasewire.pack.model import PACK_LANGUAGES
from ceasewire.tagging.diplomacy import TALKS, places_of, weigh_diplomacy
from ceasewire.tagging.naming import Naming
from ceasewire.tagging.parties import Parties, find_parties, sentence_of
from ceasewire.tagging.reading import Place, Reading, evaluate
from ceasewire.tagging.vocabulary import ANY, Index, Vocabulary, patterns_in

_ZONE_WEIGHT = (6.0, 2.0, 0.5)
"""Of a mention in the title, the rest of the lede, the body."""
_SHORT, _SHORT_LEDE = 400, 3.0
"""Of a text with fewer characters the lede is most."""
_OWN, _SHARED = 3.0, 1.0
_MOST_IN_BODY = 4
_LEAST_CONFLICT, _LEAST_LIKELY = 4.0, 2.0
_FEW_ISSUES, _PER_ISSUE, _MOST_FOR_ISSUES = 2, 1.0, 3.0
"""Of a settlement: each one more than these adds to the score, where there are talks."""
_MAIN, _PASSING = 5.0, 0.5
_OF_WAR = 2.2
"""Issues with this weight in talks or more (a ceasefire, a peace plan) are of armed conflict alone."""


class Theatre(NamedTuple):
    """The conflict whose parties and places an item names most."""

    conflict: str | None
    fought: bool
    """Whether both sides are named, or words of war or of negotiations: else it is other news of these parties."""
    likely: str | None = None
    """Named too little to be sure; an issue of talks makes it so."""
    parties: Parties = Parties()


def find_theatre(vocabulary: Vocabulary, reading: Reading, language: str, names: Sequence[Naming]) -> Theatre:
    """The conflict whose parties and places the item names most, those that are only its own above all."""
    places: dict[str, list[Place]] = defaultdict(list)
    for name in names:
        if name.kind != "document":
            places[name.id].append(name.place)
    best: tuple[float, str, bool] | None = None
    named = places.keys()
    telling: dict[str, list[list[Place]]] = defaultdict(list)
    for pattern in patterns_in(vocabulary.conflict_words, reading.terms):
        if found := evaluate(pattern, reading):
            telling[pattern.name].append(found)
    for id, (own, shared) in vocabulary.conflicts.items():
        if id not in telling and own.isdisjoint(named) and shared.isdisjoint(named):
            continue
        found_own = [places[one] for one in own & named] + telling.get(id, [])
        found_shared = [places[one] for one in shared & named]
        pair = len({vocabulary.sides[one] for one in shared & named if one in vocabulary.sides}) > 1
        score = sum(_OWN * _weight(reading, found) for found in found_own)
        score += sum((_OWN if pair else _SHARED) * _weight(reading, found) for found in found_shared)
        if score < _LEAST_LIKELY or (best is not None and score <= best[0]):
            continue
        best = score, id, pair or bool(found_own and found_shared)
    if best is None:
        return Theatre(None, False)
    parties = find_parties(vocabulary, reading, names, best[1])
    if best[0] < _LEAST_CONFLICT:
        return Theatre(None, False, best[1], parties)
    key = _key(language)
    lists = vocabulary.lists
    fought = (
        (best[2] and not _stands(lists["other_matters"][key], reading))
        or (_stands(vocabulary.telling, reading) and not _stands(lists["other_talks"][key], reading))
        or is_war(vocabulary, reading, language)
        or _stands(lists["violence"][key], reading)
        or any(_stands(lists[kind][key], reading) for kind in ("envoys", "settling"))
        or (parties.facing and bool(parties.bearers))
        or ((parties.facing or bool(parties.bearers)) and _stands(lists["contacts"][key], reading))
    )
    return Theatre(best[1], fought, best[1], parties)


def is_war(vocabulary: Vocabulary, reading: Reading, language: str) -> bool:
    """Whether the item has words of armed conflict."""
    return _stands(vocabulary.lists["war"][_key(language)], reading)


def may_be_war(vocabulary: Vocabulary, reading: Reading, language: str, names: Sequence[Naming]) -> bool:
    """Whether the item has words of armed conflict, or names who or what is at war and no matter of peacetime.

    A state or armed group may be at war, and so may a place that only a conflict has.
    """
    if is_war(vocabulary, reading, language):
        return True
    parties = (name.id for name in names if name.kind == "actor" and name.id in vocabulary.sides)
    named = any(parties) or any(name.id in vocabulary.theatres for name in names)
    return named and not _is_peacetime(vocabulary, reading, language)


def is_calm(vocabulary: Vocabulary, reading: Reading, language: str) -> bool:
    """Whether the item has words of peacetime matters, and none of armed conflict."""
    return _is_peacetime(vocabulary, reading, language) and not is_war(vocabulary, reading, language)


def _is_peacetime(vocabulary: Vocabulary, reading: Reading, language: str) -> bool:
    lists, key = vocabulary.lists, _key(language)
    return any(_stands(lists[kind][key], reading) for kind in ("other_talks", "other_matters"))


def find_relevance(
    vocabulary: Vocabulary,
    reading: Reading,
    language: str,
    issues: Sequence[tuple[str, Place]],
    conflict: str | None,
    parties: Parties,
    names: Sequence[Naming] = (),
) -> Relevance:
    """Whether negotiations between parties of an armed conflict are a main matter, named in passing, or not named."""
    key = _key(language)
    weighed = [(vocabulary.process.get(issue, 0), place) for issue, place in issues]
    other = places_of(vocabulary.lists["other_talks"][key], reading)
    weighed += [
        (TALKS, place)
        for place in places_of(vocabulary.lists["talks"][key], reading)
        if not any(_overlap(place, one) for one in other)
    ]
    if conflict is not None:
        weighed += weigh_diplomacy(vocabulary, reading, key, issues, parties)
    short = len(reading.text) < _SHORT
    weights: dict[tuple[int, int], float] = {}
    for weight, place in weighed:
        sentence = sentence_of(place)
        zone = reading.zone(place)
        share = _SHORT_LEDE if zone == 1 and short else _ZONE_WEIGHT[zone]
        weights[sentence] = max(weights.get(sentence, 0), weight * share)
    score = sum(weights.values())
    if conflict is not None and parties.facing and score >= _PASSING:
        many = len({issue for issue, _ in issues if issue in vocabulary.settlement}) - _FEW_ISSUES
        score += min(max(many, 0) * _PER_ISSUE, _MOST_FOR_ISSUES)
    if score < _PASSING:
        return "none"
    if conflict is None:
        settled = any(vocabulary.process.get(issue, 0) >= _OF_WAR for issue, _ in issues)
        if not (may_be_war(vocabulary, reading, language, names) if settled else is_war(vocabulary, reading, language)):
            return "none"
        if other:
            return "passing"
    return "main" if score >= _MAIN else "passing"


def _weight(reading: Reading, places: Sequence[Place]) -> float:
    zones = [reading.zone(place) for place in places]
    best = min(zones)
    return _ZONE_WEIGHT[best] + _ZONE_WEIGHT[2] * min(len(zones) - 1, _MOST_IN_BODY)


def _overlap(one: Place, other: Place) -> bool:
    return one.field == other.field and one.start < other.end and other.start < one.end


def _stands(index: Index, reading: Reading) -> bool:
    return any(evaluate(pattern, reading) for pattern in patterns_in(index, reading.terms))


def _key(language: str) -> str:
    return language if language in PACK_LANGUAGES else ANY
