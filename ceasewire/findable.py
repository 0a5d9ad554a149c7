"""What a search index holds of an item beside its text, so that the query grammar is answered alike everywhere.

An index that splits such text at blanks and nowhere else finds what the search over SQLite finds, for every language.
"""

import msgspec

from ceasewire.items import Tagged
from ceasewire.query import Zone
from ceasewire.text.folding import fold
from ceasewire.text.sentences import lede_end
from ceasewire.text.sought import unmarked
from ceasewire.text.stemming import stems, tokens


class Words(msgspec.Struct, frozen=True):
    """The words of an item's parts, joined by blanks."""

    title: str
    lede: str
    """The first three sentences of the text."""
    text: str


class Findable(msgspec.Struct, frozen=True, kw_only=True):
    """An item as a query asks for it."""

    stems: Words
    """Each word's stem in the item's language."""
    words: Words
    """Each word in its very form, folded."""
    zones: tuple[str, ...]
    """`zone:kind:id` for each issue and actor that is named in the title or the lede."""
    outlet: str
    """The outlet's folded name."""


def findable(tagged: Tagged) -> Findable:
    """What an index needs of the item."""
    item = tagged.item
    parts = (item.title, item.text[: lede_end(item.text)], item.text)
    return Findable(
        stems=Words(*(" ".join(map(unmarked, stems(part, tagged.language))) for part in parts)),
        words=Words(*(" ".join(unmarked(word) for word, _, _ in tokens(part)) for part in parts)),
        zones=_zones(tagged, len(parts[1])),
        outlet=fold(item.source.outlet).text,
    )


def in_zone(zone: Zone, kind: str, id: str) -> str:
    """How an issue or actor of a zone is written in `Findable.zones`."""
    return f"{zone}:{kind}:{id}"


def _zones(tagged: Tagged, lede: int) -> tuple[str, ...]:
    held = {("issue", id) for id in tagged.issues} | {("actor", id) for id in tagged.actors}
    found: dict[str, None] = {}
    for mention in tagged.mentions:
        if (mention.kind, mention.id) not in held:
            continue
        if mention.field == "title":
            found[in_zone("title", mention.kind, mention.id)] = None
        if mention.field == "title" or mention.start < lede:
            found[in_zone("lede", mention.kind, mention.id)] = None
    return tuple(found)
