"""Who and what an item names: actors, places, documents. The longest name wins; a venue is no actor."""

from collections.abc import Iterable
from typing import NamedTuple

from ceasewire.pack.model import PACK_LANGUAGES
from ceasewire.tagging.reading import Place, Reading, spoiled
from ceasewire.tagging.vocabulary import Alias, Vocabulary


class Naming(NamedTuple):
    """A name at a place."""

    place: Place
    kind: str
    """actor, place, document, or venue: a metonym that tells of a place here."""
    id: str
    pattern: str


def find_names(vocabulary: Vocabulary, reading: Reading, language: str) -> list[Naming]:
    """Every name outside noise, in order."""
    found: list[tuple[Place, Alias]] = []
    for term in reading.terms:
        for alias in vocabulary.aliases.get(term, ()):
            if alias.languages is not None and language in PACK_LANGUAGES and language not in alias.languages:
                continue
            for place in reading.places(term):
                if not (alias.pattern.guarded and spoiled(alias.pattern, place, reading)):
                    found.append((place, alias))
    found = list(_longest(found))
    sure = {alias.id for _, alias in found if alias.kind == "actor" and not alias.short}
    actors = [place for place, alias in found if alias.kind == "actor"]
    seats = {
        place: vocabulary.venues.tell(*reading.around(place)) and not _is_paired(place, actors, reading)
        for place, alias in found
        if alias.seat
    }
    names = []
    for place, alias in found:
        if alias.kind == "ignore" or (alias.short and alias.id not in sure):
            continue
        if alias.kind == "place" and not seats.get(place, True):
            continue  # the seat speaks: the town is not where anything happens
        kind = "venue" if alias.seat and seats[place] else alias.kind
        names.append(Naming(place, kind, alias.id, alias.pattern.name))
        parent = vocabulary.parents.get(alias.id)
        if kind == "actor" and parent in vocabulary.states:
            names.append(Naming(place, kind, parent, alias.pattern.name))
    return sorted(names, key=lambda name: name.place)


def _is_paired(seat: Place, actors: Iterable[Place], reading: Reading) -> bool:
    """Whether a hyphen joins the seat to another actor: in "Kyiv-Moscow talks" both speak, and neither is a venue."""
    before, after = reading.around(seat)
    ends, begins = before.endswith("-"), after.startswith("-")
    return (ends or begins) and any(
        one.field == seat.field and ((ends and one.end + 1 == seat.start) or (begins and seat.end + 1 == one.start))
        for one in actors
    )


def _longest(found: Iterable[tuple[Place, Alias]]) -> Iterable[tuple[Place, Alias]]:
    """Without names that stand inside a longer one, and each name at a place once."""
    last: Place | None = None
    seen: set[tuple[str, str]] = set()
    for place, alias in sorted(found, key=lambda one: (one[0].field, one[0].first, -one[0].last)):
        if last is not None and last.field == place.field and place.last <= last.last:
            if place.first > last.first or place.last < last.last:
                continue
        else:
            seen = set()
        if last is None or place.field != last.field or place.last > last.last:
            last = place
        if (alias.kind, alias.id) not in seen:
            seen.add((alias.kind, alias.id))
            yield place, alias
