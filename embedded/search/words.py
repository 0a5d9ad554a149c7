"""The words of a query as an expression of the full-text index."""

from collections.abc import Sequence

from ceasewire.query import Phrase, Word
from ceasewire.text.sought import target
from ceasewire.text.stemming import stems

SHORTEST = 3
"""Letters of the shortest stem that is tried for the beginning of a word."""


def match(node: Word | Phrase, languages: Sequence[str], columns: str = "") -> str | None:
    """The FTS5 expression for the word or phrase in any of the languages; None where it holds no word.

    For a phrase or a beginning it finds a little more than is meant: `holds` decides.
    """
    wanted = target(node)
    if not wanted.words:
        return None
    forms = {" ".join(stems(node.text, language)) for language in {*languages, "und"}}
    if wanted.prefix:
        word = wanted.words[-1]
        # a stem may be shorter than the beginning that is asked for
        shorter = {word[:size] for size in range(max(SHORTEST, len(word) - 6), len(word))}
        parts = [f"{quote(word)} *", *(quote(form) for form in sorted(shorter | forms))]
    else:
        parts = [quote(form) for form in sorted(forms)]
    return f"{columns}({' OR '.join(parts)})"


def quote(text: str) -> str:
    """Text as an FTS5 string: its words side by side, nothing in it an operator."""
    return '"' + text.replace('"', '""') + '"'
