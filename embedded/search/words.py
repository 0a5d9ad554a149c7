"""The words of a query as the index and the texts have them: stems, phrases, beginnings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ceasewire.items import Span, Tagged
from ceasewire.query import And, In, Node, Not, Or, Phrase, Word
from ceasewire.text.stemming import stems, tokens

SHORTEST = 3
"""Letters of the shortest stem that is tried for the beginning of a word."""


@dataclass(frozen=True)
class Target:
    """What must stand in a text: folded words side by side; with `prefix` the last one may go on."""

    words: tuple[str, ...]
    exact: bool
    """False: any case form of the word."""
    prefix: bool = False


def target(node: Word | Phrase) -> Target:
    """What the word or phrase asks for."""
    words = tuple(word for word, _, _ in tokens(node.text))
    return Target(words, exact=isinstance(node, Phrase) or node.prefix, prefix=isinstance(node, Word) and node.prefix)


def match(node: Word | Phrase, languages: Sequence[str], columns: str = "") -> str | None:
    """The FTS5 expression for the word or phrase in any of the languages; None where it holds no word.

    For a phrase or a beginning it finds a little more than is meant: `holds` decides.
    """
    wanted = target(node)
    if not wanted.words:
        return None
    forms = _forms(node.text, languages)
    if wanted.prefix and len(wanted.words) == 1:
        word = wanted.words[0]
        shorter = {word[:size] for size in range(max(SHORTEST, len(word) - 6), len(word))}
        parts = [f"{quote(word)} *", *(quote(form) for form in sorted(shorter | forms))]
    else:
        parts = [quote(form) for form in sorted(forms)]
    return f"{columns}({' OR '.join(parts)})"


def quote(text: str) -> str:
    """Text as an FTS5 string: its words side by side, nothing in it an operator."""
    return '"' + text.replace('"', '""') + '"'


def holds(text: str, wanted: Target) -> bool:
    """Whether the text has the words side by side in these very forms."""
    return next(iter(_places(text, wanted)), None) is not None


def words_of(node: Node | None) -> list[Word | Phrase]:
    """The words and phrases that a match should show; those under a NOT are left out."""
    if isinstance(node, Word | Phrase):
        return [node]
    if isinstance(node, And | Or):
        return [word for part in node.parts for word in words_of(part)]
    if isinstance(node, In):
        return words_of(node.part)
    assert node is None or isinstance(node, Not) or not isinstance(node, Word)
    return []


def highlights(tagged: Tagged, nodes: Iterable[Word | Phrase]) -> tuple[Span, ...]:
    """Where the words stand in title and text, in order, without overlaps."""
    wanted = list(nodes)
    spans: list[Span] = []
    fields = (("title", tagged.item.title), ("text", tagged.item.text)) if wanted else ()
    for name, text in fields:
        places = sorted({place for node in wanted for place in _spans(text, node, tagged.language)})
        end = -1
        for start, stop in places:
            if start >= end:
                spans.append(Span("title" if name == "title" else "text", start, stop))
                end = stop
    return tuple(spans)


def _spans(text: str, node: Word | Phrase, language: str) -> list[tuple[int, int]]:
    wanted = target(node)
    if not wanted.words:
        return []
    if wanted.exact:
        return list(_places(text, wanted))
    found = tokens(text)
    forms = stems(text, language)
    sought = stems(node.text, language)
    if len(forms) != len(found):  # the stemmer gave a word another number of parts: compare the words as they are
        return list(_places(text, wanted))
    size = len(sought)
    return [
        (found[at][1], found[at + size - 1][2])
        for at in range(len(forms) - size + 1)
        if forms[at] == sought[0] and forms[at : at + size] == sought
    ]


def _places(text: str, wanted: Target) -> Iterable[tuple[int, int]]:
    found = tokens(text)
    size = len(wanted.words)
    for at in range(len(found) - size + 1):
        stretch = tuple(word for word, _, _ in found[at : at + size])
        last_fits = stretch[-1].startswith(wanted.words[-1]) if wanted.prefix else stretch[-1] == wanted.words[-1]
        if last_fits and stretch[:-1] == wanted.words[:-1]:
            yield found[at][1], found[at + size - 1][2]


def _forms(text: str, languages: Sequence[str]) -> set[str]:
    """The text in stems of each language, each way of writing it once."""
    return {" ".join(stems(text, language)) for language in {*languages, "und"}}
