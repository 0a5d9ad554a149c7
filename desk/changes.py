"""What an edit changed: the words of two texts side by side."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

MOST_WORDS = 1500
"""Words compared of each text, after the common beginning; keeps the worst case to a few hundredths of a second."""
_WORDS = re.compile(r"\S+\s*")


@dataclass(frozen=True)
class Change:
    """A stretch that both texts share, or that only one of them has."""

    kind: Literal["same", "added", "removed"]
    text: str


def differences(old: str, new: str) -> tuple[Change, ...]:
    """The way from the old text to the new one, word by word; long shared stretches are cut in the middle."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    start = 0
    while start < min(len(before), len(after)) and before[start].strip() == after[start].strip():
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end].strip() == after[-1 - end].strip():
        end += 1
    shared = "".join(after[:start])
    tail = "".join(after[len(after) - end :]) if end else ""
    before, after = before[start : len(before) - end][:MOST_WORDS], after[start : len(after) - end][:MOST_WORDS]
    changes = [Change("same", _shorten(shared, head=True))] if shared else []
    for kind, i, j, k, m in SequenceMatcher(a=before, b=after).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", "".join(after[k:m])))
        else:
            changes += [Change("removed", "".join(before[i:j]))] if j > i else []
            changes += [Change("added", "".join(after[k:m]))] if m > k else []
    changes += [Change("same", _shorten(tail, head=False))] if tail else []
    return tuple(changes)


def _shorten(text: str, head: bool, most: int = 240) -> str:
    if len(text) <= most:
        return text
    return "… " + text[-most:] if head else text[:most] + " …"
