"""Text cut at the spans of its mentions, so that a page marks exactly the words that tagging found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ceasewire.items import Field, Span, Tagged

MOST_MARKS = 400
"""A page marks at most this many mentions of one text; more is a storm, not news."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text with what it is marked as; `tags` and `kinds` are empty for plain text."""

    text: str
    tags: tuple[str, ...] = ()
    """Marks like `issue:ceasefire`, in the order in which they begin."""
    kinds: tuple[str, ...] = ()
    found: bool = False
    """The words of a query stand here."""
    fired: bool = False
    """The words that met a rule stand here."""


@dataclass(frozen=True)
class Stretch:
    """One thing that covers [start, end) of a field."""

    start: int
    end: int
    tag: str = ""
    kind: str = ""
    found: bool = False
    fired: bool = False


def stretches(tagged: Tagged, field: Field, highlights: Iterable[Span] = ()) -> list[Stretch]:
    """All that is to be marked in the title or the text of an item."""
    covers = [
        Stretch(m.start, m.end, tag=f"{m.kind}:{m.id}", kind=m.kind) for m in tagged.mentions if m.field == field
    ][:MOST_MARKS]
    covers += [Stretch(s.start, s.end, found=True) for s in highlights if s.field == field][:MOST_MARKS]
    for hit in tagged.rules:
        covers += [Stretch(s.start, s.end, fired=True) for s in hit.words if s.field == field]
    return covers


def cut(text: str, covers: Sequence[Stretch], start: int = 0, end: int | None = None) -> tuple[Piece, ...]:
    """The pieces of `text[start:end]`; spans that overlap are cut at each other's edges, those outside are ignored."""
    end = len(text) if end is None else min(end, len(text))
    inside = [c for c in covers if max(c.start, start) < min(c.end, end)]
    edges = sorted({start, end, *(max(c.start, start) for c in inside), *(min(c.end, end) for c in inside)})
    pieces: list[Piece] = []
    for left, right in pairwise(edges):
        here = [c for c in inside if c.start <= left and c.end >= right]
        tags = tuple(dict.fromkeys(c.tag for c in sorted(here, key=lambda c: c.start) if c.tag))
        kinds = tuple(dict.fromkeys(c.kind for c in here if c.kind))
        found, fired = any(c.found for c in here), any(c.fired for c in here)
        piece = Piece(text[left:right], tags, kinds, found, fired)
        if pieces and (tags, found, fired) == (pieces[-1].tags, pieces[-1].found, pieces[-1].fired):
            pieces[-1] = Piece(pieces[-1].text + piece.text, tags, kinds, found, fired)
        else:
            pieces.append(piece)
    return tuple(pieces)


@dataclass(frozen=True)
class Excerpt:
    """Some of a text, with its marks, and whether something was left off at its ends."""

    pieces: tuple[Piece, ...]
    before: bool
    after: bool


def excerpt(text: str, covers: Sequence[Stretch], length: int = 280) -> Excerpt:
    """About `length` characters of the text: its beginning, or round the first marked words if they stand later."""
    first = min((c.start for c in covers if c.found), default=min((c.start for c in covers), default=0))
    start = 0
    if first > length * 2 // 3:
        start = first - length // 3
        blank = text.find(" ", start, first)
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + length)
    if end < len(text):
        blank = text.rfind(" ", start + length * 2 // 3, end)
        end = blank if blank > 0 else end
    return Excerpt(cut(text, covers, start, end), start > 0, end < len(text))


def words_of(tagged: Tagged) -> dict[str, tuple[str, ...]]:
    """Each tag with the words that gave it, as they stand in the item, without repeats, at most eight."""
    words: dict[str, dict[str, None]] = {}
    for m in tagged.mentions:
        source = tagged.item.title if m.field == "title" else tagged.item.text
        if 0 <= m.start < m.end <= len(source):
            words.setdefault(f"{m.kind}:{m.id}", {})[source[m.start : m.end]] = None
    return {tag: tuple(found)[:8] for tag, found in words.items()}
