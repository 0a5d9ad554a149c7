"""Which items gain or lose which tag when a pack changes."""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from ceasewire.items import Tagged
from ceasewire.tagging.tagger import Tagger


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One tag that an item gains or loses. `kind` is issue, actor, place, document, conflict, relevance or mark."""

    item: str
    title: str
    gained: bool
    kind: str
    tag: str
    words: tuple[str, ...] = ()
    """What the words are that make it, in the tagging that has it."""


def differences(before: Tagger, after: Tagger, items: Iterable[Tagged]) -> Iterator[Change]:
    """The changes over the items, tagged anew by both; the tags that are stored are not looked at."""
    for one in items:
        old, new = before.tag(one.item), after.tag(one.item)
        had, has = _tags(old), _tags(new)
        for gained, tags, tagged in ((True, has - had, new), (False, had - has, old)):
            for kind, tag in sorted(tags):
                yield Change(
                    item=one.item.id,
                    title=one.item.title,
                    gained=gained,
                    kind=kind,
                    tag=tag,
                    words=_words(tagged, kind, tag),
                )


def summed(changes: Iterable[Change]) -> dict[tuple[str, str], tuple[int, int]]:
    """Items that gain and that lose each tag, most changed first."""
    gained: Counter[tuple[str, str]] = Counter()
    lost: Counter[tuple[str, str]] = Counter()
    for change in changes:
        (gained if change.gained else lost)[change.kind, change.tag] += 1
    keys = sorted(gained.keys() | lost.keys(), key=lambda key: (-gained[key] - lost[key], key))
    return {key: (gained[key], lost[key]) for key in keys}


def _tags(tagged: Tagged) -> set[tuple[str, str]]:
    found = {("issue", one) for one in tagged.issues} | {("actor", one) for one in tagged.actors}
    found |= {(one.kind, one.id) for one in tagged.mentions if one.kind in ("document", "place")}
    found |= {("mark", one) for one in tagged.marks}
    if tagged.conflict:
        found.add(("conflict", tagged.conflict))
    return found | {("relevance", tagged.relevance)}


def _words(tagged: Tagged, kind: str, tag: str) -> tuple[str, ...]:
    item = tagged.item
    said = (
        (item.title if one.field == "title" else item.text)[one.start : one.end]
        for one in tagged.mentions
        if (one.kind, one.id) == (kind, tag)
    )
    return tuple(dict.fromkeys(" ".join(words.split()) for words in said))[:5]
