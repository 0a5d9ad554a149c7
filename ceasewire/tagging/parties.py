"""Where the parties of a conflict stand, and whether two sides stand together."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ceasewire.tagging.naming import Naming
from ceasewire.tagging.reading import Place, Reading
from ceasewire.tagging.vocabulary import Vocabulary

Sentence = tuple[int, int]
"""Field and number of the sentence."""
_BODY, _BESIDE = 2, 2


def sentence_of(place: Place) -> Sentence:
    """The sentence that a place stands in."""
    return place.field, place.sentence


@dataclass(frozen=True)
class Parties:
    """Who of a conflict is named where."""

    named: frozenset[Sentence] = frozenset()
    """Sentences that name a party, or one who fights or talks with them."""
    crossed: frozenset[Sentence] = frozenset()
    """Sentences that name two sides, one of them a party."""
    mediated: frozenset[Sentence] = frozenset()
    """Sentences that name a party and one who goes between, or fights or talks with them."""
    bearers: tuple[Place, ...] = ()
    """Where somebody is named whose office is to negotiate."""
    facing: bool = False
    """Whether two sides stand in title or lede."""


@dataclass
class _Sides:
    """Sides that stand in one sentence, or in title and lede."""

    roles: set[int] = field(default_factory=set)
    """0 a party of its own, 1 one that takes part in other conflicts too, 2 one beside them."""
    blocs: set[str] = field(default_factory=set)

    @property
    def crossed(self) -> bool:
        """Whether there are two, one of them a party."""
        return self.roles not in ({2}, set()) and (len(self.roles) > 1 or len(self.blocs) > 1)


def find_parties(vocabulary: Vocabulary, reading: Reading, names: Iterable[Naming], conflict: str) -> Parties:
    """The parties of a conflict that an item names."""
    roles = (*vocabulary.conflicts[conflict], vocabulary.beside[conflict])
    found: dict[Sentence, _Sides] = defaultdict(_Sides)
    front = _Sides()
    bearers: list[Place] = []
    for name in names:
        role = next((number for number, ids in enumerate(roles) if name.id in ids), None)
        if name.kind != "actor" or role is None:
            continue
        sides = [found[sentence_of(name.place)]]
        if name.id in vocabulary.carriers:
            bearers.append(name.place)
        if reading.zone(name.place) != _BODY:
            sides.append(front)
        for one in sides:
            one.roles.add(role)
            if name.id in vocabulary.sides:
                one.blocs.add(vocabulary.sides[name.id])
    crossed = frozenset(key for key, one in found.items() if one.crossed)
    mediated = frozenset(key for key in crossed if _BESIDE in found[key].roles)
    return Parties(frozenset(found), crossed, mediated, tuple(bearers), front.crossed)
