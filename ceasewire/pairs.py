"""Pairs: an actor and an issue that one sentence names together, as `russia|territory`."""

from bisect import bisect_right
from collections.abc import Sequence

from ceasewire.items import Mention, Tagged
from ceasewire.text.sentences import sentences

BETWEEN = "|"
"""Stands between the actor and the issue; no id holds it."""
_AHEAD = 100
"""Characters after the last mention that may say whether a sentence ends before it."""


def pairs(tagged: Tagged) -> tuple[str, ...]:
    """The pairs of a tagged item, each once, sorted; of the issues and actors that it is tagged with."""
    held = {("issue", issue) for issue in tagged.issues} | {("actor", actor) for actor in tagged.actors}
    found: set[str] = set()
    for field, text in (("title", tagged.item.title), ("text", tagged.item.text)):
        mentions = [one for one in tagged.mentions if one.field == field and (one.kind, one.id) in held]
        if len({one.kind for one in mentions}) == 2:
            found |= _of_field(text, mentions)
    return tuple(sorted(found))


def _of_field(text: str, mentions: Sequence[Mention]) -> set[str]:
    last = max(mention.end for mention in mentions)
    starts = [start for start, _ in sentences(text[: last + _AHEAD])]
    named: dict[int, tuple[set[str], set[str]]] = {}
    for mention in mentions:
        first, end = bisect_right(starts, mention.start), bisect_right(starts, max(mention.end - 1, mention.start))
        for sentence in range(first, end + 1):
            named.setdefault(sentence, (set(), set()))[mention.kind == "issue"].add(mention.id)
    return {f"{actor}{BETWEEN}{issue}" for people, told in named.values() for actor in people for issue in told}
