"""Labels that tell the form of a text, like "Opinion" before a title: words, maybe with a star at either end."""

import re
from typing import Literal, NamedTuple

from ceasewire.pack.patterns import PatternError
from ceasewire.text.folding import fold

_SIGNS = re.compile(r"[^\w',]+")
_COMMA = re.compile(r"\s*,\s*")

Ends = Literal["whole", "begins", "ends", "holds"]


class Label(NamedTuple):
    """Words as they are compared, and where other words may stand beside them."""

    words: str
    ends: Ends


def label_words(folded: str) -> str:
    """Folded text as labels are compared with it: words and commas with single blanks between."""
    return " ".join(_COMMA.sub(" , ", _SIGNS.sub(" ", folded)).split())


def read_label(source: object) -> Label:
    """The label that a text of a pack means; raises PatternError for one that could never match or matches all."""
    if not isinstance(source, str):
        raise PatternError(f"words are wanted, not {source!r}; put quotes around them")
    text = source.strip()
    before, after = text.startswith(("* ", "*,")), text.endswith(" *")
    inner = text[1 if before else 0 : -1 if after else None]
    if "*" in inner:
        raise PatternError(f'"{source}": a star stands for whole words, at the beginning or the end, with a blank')
    words = label_words(fold(inner).text)
    if not any(map(str.isalnum, words)):
        raise PatternError("an empty label")
    return Label(words, "holds" if before and after else "begins" if after else "ends" if before else "whole")
