"""Issue patterns whose words all stand in a text and that still do not count, with the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from ceasewire.pack.patterns import Pattern
from ceasewire.tagging.reading import Place, Reading, evaluate

Reason = Literal["noise", "apart", "guarded", "no war"]
WORDS: dict[Reason, str] = {
    "noise": "its words stand in what is no content: a menu, a teaser, a repeated title",
    "apart": "its words stand too far apart, in another order, or in different sentences",
    "guarded": "words that speak against it stand beside it (not_before, not_after, not_within, unless)",
    "no war": "it counts only in an item of armed conflict, and this one shows none",
}


class Dropped(NamedTuple):
    """A pattern that does not count here."""

    issue: str
    pattern: str
    reason: Reason
    words: tuple[str, ...]
    """A word of each of its groups, as it stands in the text, folded."""


def dropped(
    patterns: Sequence[tuple[str, Pattern]], reading: Reading, found: set[str], war: bool, shown: bool
) -> Iterator[Dropped]:
    """Of the patterns of one language those whose words are all there, and that are not `found`.

    `war`: the item may be about an armed conflict; `shown`: it shows one.
    """
    for issue, pattern in patterns:
        if pattern.name in found or any(reading.terms.isdisjoint(group) for group in pattern.groups):
            continue
        reason = _reason(pattern, reading, shown if pattern.shown else war)
        if reason is not None:
            yield Dropped(issue, pattern.name, reason, _words(pattern, reading))


def _reason(pattern: Pattern, reading: Reading, war: bool) -> Reason | None:
    if not all(reading.all_places(group) for group in pattern.groups):
        return "noise"
    if evaluate(pattern, reading):
        return "no war" if pattern.war and not war else None
    none: frozenset[int] = frozenset()
    free = replace(pattern, not_before=none, not_after=none, not_within=none, unless=none)
    return "guarded" if evaluate(free, reading) else "apart"


def _words(pattern: Pattern, reading: Reading) -> tuple[str, ...]:
    first: list[Place] = [places[0] for group in pattern.groups if (places := reading.all_places(group))]
    return tuple(dict.fromkeys(reading.word(place) for place in first))
