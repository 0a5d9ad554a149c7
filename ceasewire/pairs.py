"""Pairs: an actor and an issue that one sentence names together, with that sentence's place."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import msgspec

from ceasewire.items import Field, Mention, Span, Tagged
from ceasewire.text.sentences import sentences

BETWEEN = "|"
"""Stands between the actor and the issue of a key; no id holds it."""
_AHEAD = 100
"""Characters after a sentence that may say whether it ends there."""


class Pair(msgspec.Struct, frozen=True):
    """An actor and an issue named in the same sentence; nothing is said of how the two belong together."""

    actor: str
    issue: str
    sentence: Span

    @property
    def key(self) -> str:
        """Both ids as the index holds them: `russia|territory`."""
        return f"{self.actor}{BETWEEN}{self.issue}"


def pairs(tagged: Tagged) -> tuple[Pair, ...]:
    """The pairs of the issues and actors that an item is tagged with: title first, then sentence by sentence.

    A pair stands once for each sentence that names it.
    """
    held = {("issue", issue) for issue in tagged.issues} | {("actor", actor) for actor in tagged.actors}
    found: list[Pair] = []
    fields: tuple[tuple[Field, str], ...] = (("title", tagged.item.title), ("text", tagged.item.text))
    for field, text in fields:
        mentions = [one for one in tagged.mentions if one.field == field and (one.kind, one.id) in held]
        if len({one.kind for one in mentions}) == 2:
            found += _of_field(field, text, mentions)
    return tuple(found)


def keys(found: Iterable[Pair]) -> tuple[str, ...]:
    """The keys of pairs, each once, sorted."""
    return tuple(sorted({pair.key for pair in found}))


def _of_field(field: Field, text: str, mentions: Sequence[Mention]) -> list[Pair]:
    spans = _sentences(text, max(mention.end for mention in mentions))
    starts = [start for start, _ in spans]
    named: dict[int, tuple[set[str], set[str]]] = {}
    for mention in mentions:
        first, last = bisect_right(starts, mention.start), bisect_right(starts, max(mention.end - 1, mention.start))
        for number in range(max(first, 1), last + 1):
            named.setdefault(number - 1, (set(), set()))[mention.kind == "issue"].add(mention.id)
    return [
        Pair(actor, issue, Span(field, *spans[number]))
        for number, (people, told) in sorted(named.items())
        for actor in sorted(people)
        for issue in sorted(told)
    ]


def _sentences(text: str, last: int) -> list[tuple[int, int]]:
    """The sentences up to the one that holds `last`, that one whole; what stands far behind it is not read."""
    room = last + _AHEAD
    while True:
        found = sentences(text[:room])
        if room >= len(text) or any(start < last <= end <= room - _AHEAD for start, end in found):
            return found
        room *= 2
