"""The words of a query in the texts: stems, phrases, beginnings, and where they stand.

Like an index, a look into a text takes no notice of marks on Latin letters: "Erdogan" finds "Erdoğan".
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ceasewire.items import Field, Span, Tagged
from ceasewire.query import And, In, Node, Or, Phrase, Word
from ceasewire.text.folding import fold
from ceasewire.text.stemming import stems, tokens

_PREFIXING = frozenset({"ar"})
"""Languages whose stems may begin otherwise than their words."""
_BEGIN = r"(?<![^\W_])(?<![^\W_]')"
_REST = r"[^\W_]*(?:'[^\W_]+)*"
_END = r"(?![^\W_])(?!'[^\W_])"
_GAP = r"(?!'[^\W_])[\W_]+"
_MARKED = {
    code: parts[0]
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if len(parts := unicodedata.normalize("NFD", chr(code))) > 1 and parts[0].isascii()
}


@dataclass(frozen=True)
class Target:
    """What must stand in a text: folded words side by side; with `prefix` the last one may go on."""

    words: tuple[str, ...]
    exact: bool
    """False: any case form of the word."""
    prefix: bool = False


def target(node: Word | Phrase) -> Target:
    """What the word or phrase asks for."""
    words = tuple(unmarked(word) for word, _, _ in tokens(node.text))
    return Target(words, exact=isinstance(node, Phrase) or node.prefix, prefix=isinstance(node, Word) and node.prefix)


def holds(text: str, wanted: Target) -> bool:
    """Whether the text has the words side by side in these very forms."""
    return _pattern(wanted).search(unmarked(fold(text).text)) is not None


def words_of(node: Node | None) -> list[Word | Phrase]:
    """The words and phrases that a match should show; those under a NOT are left out."""
    if isinstance(node, Word | Phrase):
        return [node]
    if isinstance(node, And | Or):
        return [word for part in node.parts for word in words_of(part)]
    if isinstance(node, In):
        return words_of(node.part)
    return []


def highlights(tagged: Tagged, nodes: Iterable[Word | Phrase]) -> tuple[Span, ...]:
    """Where the words stand in title and text, in order, without overlaps."""
    wanted = list(nodes)
    if not wanted:
        return ()
    return (
        *_marks("title", tagged.item.title, wanted, tagged.language),
        *_marks("text", tagged.item.text, wanted, tagged.language),
    )


def _marks(field: Field, text: str, nodes: Sequence[Word | Phrase], language: str) -> list[Span]:
    folded = fold(text)
    flat = unmarked(folded.text)
    places = sorted({place for node in nodes for place in _places(flat, node, language)})
    spans: list[Span] = []
    last = -1
    for start, stop in places:
        if start >= last:
            spans.append(Span(field, *folded.origin(start, stop)))
            last = stop
    return spans


def _places(flat: str, node: Word | Phrase, language: str) -> Iterator[tuple[int, int]]:
    """Where the word or phrase stands in a folded text without marks."""
    wanted = target(node)
    if not wanted.words:
        return
    if wanted.exact:
        yield from (found.span() for found in _pattern(wanted).finditer(flat))
        return
    sought = [unmarked(stem) for stem in stems(node.text, language)]
    for found in _candidates(wanted.words, language).finditer(flat):
        if [unmarked(stem) for stem in stems(found[0], language)] == sought:
            yield found.span()


@lru_cache(maxsize=256)
def _pattern(wanted: Target) -> re.Pattern[str]:
    """Finds the words side by side; linear in the length of the text."""
    words = _GAP.join(re.escape(word) for word in wanted.words)
    return re.compile(_BEGIN + words + (_REST if wanted.prefix else _END))


@lru_cache(maxsize=256)
def _candidates(words: tuple[str, ...], language: str) -> re.Pattern[str]:
    """Finds as many words side by side, each with the first letters of its word: a stem changes only endings."""
    begins = ["" if language in _PREFIXING else word[: 2 if len(word) > 3 else 1] for word in words]
    return re.compile(_BEGIN + _GAP.join(re.escape(begin) + ("" if begin else r"[^\W_]") + _REST for begin in begins))


def unmarked(text: str) -> str:
    """The text with marks on Latin letters taken off, sign for sign."""
    return text if text.isascii() else text.translate(_MARKED)
