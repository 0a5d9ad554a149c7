"""What a headline names and the text under it never bears out."""

from collections.abc import Iterable, Sequence
from datetime import date

from ceasewire.items import Mention
from ceasewire.tagging.reading import Reading
from ceasewire.tagging.vocabulary import Vocabulary
from ceasewire.text.folding import fold
from ceasewire.text.months import NEAR_DAYS

SHORTEST_BODY = 600
"""Characters of content from which on a text is long enough to tell."""
_NEAR = 7
"""Days round the item's own date in which a text may say "Friday" for a date."""
_TELLING = 5
"""Letters of a word of the headline that are looked for: any form of it bears an issue out."""
_CUT = ("…", "...", "[…]", "[...]")


def unsupported(
    vocabulary: Vocabulary,
    reading: Reading,
    mentions: Sequence[Mention],
    figures: Sequence[Mention],
    published: date | None,
) -> tuple[str, ...]:
    """Kind and id of each issue, actor and date of the title that the text never bears out, in order.

    None where the text is too short to tell or is cut off, and none of a headline that asks.
    """
    title = reading.title
    if not title.strip() or "?" in title or reading.content < SHORTEST_BODY or reading.text.rstrip().endswith(_CUT):
        return ()
    told = {(one.kind, one.id) for one in (*mentions, *figures) if one.field == "text"}
    missing = [
        one
        for one in (*mentions, *figures)
        if one.field == "title" and one.kind in ("issue", "actor", "date") and (one.kind, one.id) not in told
    ]
    if not missing:
        return ()
    body = _Body(vocabulary, reading, told, published)
    found = dict.fromkeys(f"{one.kind}:{one.id}" for one in missing)
    return tuple(key for key in found if not any(body.bears(one) for one in missing if f"{one.kind}:{one.id}" == key))


class _Body:
    """The text under a headline."""

    def __init__(
        self, vocabulary: Vocabulary, reading: Reading, told: "Iterable[tuple[str, str]]", published: date | None
    ) -> None:
        self._vocabulary = vocabulary
        self._reading = reading
        self._published = published
        self._ids = {id for kind, id in told if kind in ("actor", "place")}
        self._dates = {id for kind, id in told if kind == "date"}
        self._words = fold(reading.content_text()).text

    def bears(self, one: Mention) -> bool:
        """Whether the text bears out what the title names."""
        if one.kind == "actor":
            return one.id in self._vocabulary.collectives or any(self._related(one.id, id) for id in self._ids)
        if one.kind == "date":
            return any(_agree(one.id, id) for id in self._dates) or self._is_near(one.id)
        words = fold(self._reading.title[one.start : one.end]).text.split()
        return any(f" {word[:_TELLING]}" in self._words for word in words if len(word) >= _TELLING)

    def _related(self, one: str, other: str) -> bool:
        """Whether two actors are the same, one speaks for the other, or both for the same."""
        parents, sides = self._vocabulary.parents, self._vocabulary.sides
        above, beside = parents.get(one), parents.get(other)
        if one == other or above == other or beside == one or (above is not None and above == beside):
            return True
        side = sides.get(one)
        return side is not None and side == sides.get(other) and side in self._vocabulary.single_sides

    def _is_near(self, id: str) -> bool:
        if self._published is None or len(id) != len("2026-05-15"):
            return False
        days = abs((date.fromisoformat(id) - self._published).days)
        return days <= _NEAR and not NEAR_DAYS.isdisjoint(word.strip('.,;:!()"') for word in self._words.split())


def _agree(one: str, other: str) -> bool:
    """Whether two dates may be the same, as far as they say."""
    short, long = sorted((one, other), key=len)
    if len(short) == len("05-15"):
        return long.endswith(short) and (long == short or len(long) == len("2026-05-15"))
    return long == short or long.startswith(f"{short}-")
