"""The words of the bundled packs as a flat list, which is what a naive tagger would look for."""

from collections.abc import Iterator
from typing import Any

from benchmarks.ours import PACKS
from ceasewire import bundled


def aliases() -> dict[str, str]:
    """Each literal word or phrase of the packs, as written, to the id that it speaks for."""
    found: dict[str, str] = {}
    for pack in bundled.packs(PACKS):
        for issue in pack.issues:
            for words in issue.patterns.values():
                found |= dict.fromkeys(_literals(words), issue.id)
        for actor in pack.actors:
            for words in (*actor.names.values(), *actor.metonyms.values(), *actor.short.values()):
                found |= dict.fromkeys(_literals(words), actor.id)
        for named in (*pack.places, *pack.documents):
            for words in named.names.values():
                found |= dict.fromkeys(_literals(words), named.id)
    return found


def _literals(value: Any) -> Iterator[str]:
    """All texts in a pattern, however deep; names of word lists (@name) are left out."""
    if isinstance(value, str):
        if not value.startswith("@"):
            yield value.strip("*")
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _literals(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _literals(inner)
