"""Pairs: an actor and an issue that one sentence names together, as `russia|territory`."""

from bisect import bisect_right

from ceasewire.items import Field, Tagged
from ceasewire.text.sentences import sentences

BETWEEN = "|"
"""Stands between the actor and the issue; no id holds it."""


def pairs(tagged: Tagged) -> tuple[str, ...]:
    """The pairs of a tagged item, each once, sorted; of the issues and actors that it is tagged with."""
    issues, actors = set(tagged.issues), set(tagged.actors)
    if not issues or not actors:
        return ()
    named: dict[tuple[Field, int], tuple[set[str], set[str]]] = {}
    starts: dict[Field, list[int]] = {}
    for mention in tagged.mentions:
        wanted = issues if mention.kind == "issue" else actors if mention.kind == "actor" else ()
        if mention.id not in wanted:
            continue
        if mention.field not in starts:
            text = tagged.item.title if mention.field == "title" else tagged.item.text
            starts[mention.field] = [start for start, _ in sentences(text)]
        known = starts[mention.field]
        first, last = bisect_right(known, mention.start), bisect_right(known, max(mention.end - 1, mention.start))
        for sentence in range(first, last + 1):
            place = named.setdefault((mention.field, sentence), (set(), set()))
            place[mention.kind == "issue"].add(mention.id)
    found = {f"{actor}{BETWEEN}{issue}" for people, told in named.values() for actor in people for issue in told}
    return tuple(sorted(found))
