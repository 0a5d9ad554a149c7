"""One spelling for every text before anything is compared, and the way back to the characters of the original.

Folded: composed (NFC), lower case, one apostrophe, one hyphen, one space, ё = е, no soft hyphen or zero-width sign.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_GAP = re.compile(rf"[\s{_INVISIBLE}]{{2,}}|[{_INVISIBLE}]")
_SPACE = re.compile(r"\s")
_ONE_SPACE = re.compile(r"[^\S ]")
_SAME = {
    "'": "’ʼ‘`´′ʹ＇ʻ‛",
    "-": "‐‑‒–—−﹘﹣－",
    "е": "ё",
    "Е": "Ё",
    "I": "İ",
    "σ": "ςΣ",
}
_REPLACED = [(other, sign) for sign, others in _SAME.items() for other in others]


class Folded:
    """A folded text. `text` is what is compared; `cased` is the same before lower case, sign by sign."""

    __slots__ = ("_exact", "_shift_at", "_shifts", "cased", "text")

    def __init__(self, cased: str, shifts: list[tuple[int, int]], exact: dict[int, tuple[int, int]]) -> None:
        self.cased = cased
        self.text = cased.lower()
        self._shift_at = [at for at, _ in shifts]
        self._shifts = [by for _, by in shifts]
        self._exact = exact

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original text that [start, end) of the folded text came from."""
        if not self._shift_at:
            return start, max(start, end)
        if end <= start:
            place = self._begin(start)
            return place, place
        return self._begin(start), self._end(end - 1)

    def _begin(self, at: int) -> int:
        exact = self._exact.get(at)
        return exact[0] if exact else self._moved(at)

    def _end(self, at: int) -> int:
        exact = self._exact.get(at)
        return exact[1] if exact else self._moved(at) + 1

    def _moved(self, at: int) -> int:
        index = bisect_right(self._shift_at, at) - 1
        return at + self._shifts[index] if index >= 0 else at


def fold(text: str) -> Folded:
    """The folded text with its way back; linear in the length of the text."""
    if text.isascii() and not _GAP.search(text):
        return Folded(_ONE_SPACE.sub(" ", text), [], {})
    shifts: list[tuple[int, int]] = []
    exact: dict[int, tuple[int, int]] = {}
    pieces: list[str] = []
    length = last = 0
    for start, end, new in _changes(text):
        pieces.append(text[last:start])
        length += start - last
        if shifts and shifts[-1][0] == length:
            shifts.pop()
        pieces.append(new)
        for place in range(length, length + len(new)):
            exact[place] = (start, end)
        length += len(new)
        shifts.append((length, end - length))
        last = end
    pieces.append(text[last:])
    cased = "".join(pieces)
    if not cased.isascii():
        for old, new in _REPLACED:
            cased = cased.replace(old, new)
    return Folded(_ONE_SPACE.sub(" ", cased), shifts, exact)


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the folded text has another number of signs: start, end, what stands there instead."""
    if unicodedata.is_normalized("NFC", text):
        for match in _GAP.finditer(text):
            yield match.start(), match.end(), " " if _SPACE.search(match[0]) else ""
        return
    gaps = [(match.start(), match.end()) for match in _GAP.finditer(text)]
    at = 0
    for start, end in [*gaps, (len(text), len(text))]:
        yield from _composed(text, at, start)
        if end > start:
            yield start, end, " " if _SPACE.search(text[start:end]) else ""
        at = end


def _composed(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    """The groups of a base and its marks that composing changes."""
    at = start
    while at < end:
        stop = at + 1
        while stop < end and _joins(text[stop]):
            stop += 1
        group = text[at:stop]
        new = unicodedata.normalize("NFC", group)
        if new != group:
            yield at, stop, new
        at = stop


def _joins(sign: str) -> bool:
    return unicodedata.combining(sign) != 0 or "\u1161" <= sign <= "\u11ff" or unicodedata.category(sign) == "Mc"
