"""One spelling for every text before anything is compared, and the way back to the characters of the original.

Folded: composed (NFC), lower case, one apostrophe, one hyphen, one space, ё = е, no soft hyphen or zero-width sign.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2065\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\ufeff"
    "\ufe00\ufe01\ufe02\ufe03\ufe04\ufe05\ufe06\ufe07\ufe08\ufe09\ufe0a\ufe0b\ufe0c\ufe0d\ufe0e\ufe0f"
)
_BLANKS_ASCII = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"
_BLANKS = _BLANKS_ASCII + (
    "\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_RUN = re.compile("  +")
_GAP = re.compile(f"[ {_INVISIBLE}]{{2,}}|[{_INVISIBLE}]")
_SAME = {
    "'": "’ʼ‘`´′ʹ＇ʻ‛",
    "-": "‐‑‒–—−﹘﹣－",
    "е": "ё",
    "Е": "Ё",
    "I": "İ",
    "σ": "ςΣ",
}
_REPLACED = [(other, sign) for sign, others in _SAME.items() for other in others]
_CHANGED = re.compile(f"[{_BLANKS}{_INVISIBLE}{re.escape(''.join(_SAME.values()))}]|  ")
_SHORT = 200
"""Characters of a name or phrase, in which one look shows that nothing is to be changed; packs hold 30,000 of them."""


def other_signs() -> dict[str, str]:
    """Each sign that folding writes as another one, or leaves out as invisible; composing and lower case aside."""
    return dict(_REPLACED) | dict.fromkeys(_INVISIBLE, "")


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
    if len(text) < _SHORT and not _CHANGED.search(text) and unicodedata.is_normalized("NFC", text):
        return Folded(text, [], {})
    ascii_only = text.isascii()
    for blank in _BLANKS_ASCII if ascii_only else _BLANKS:
        text = text.replace(blank, " ")
    if ascii_only and "  " not in text:
        return Folded(text, [], {})
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
    if not ascii_only:
        for old, new in _REPLACED:
            cased = cased.replace(old, new)
    return Folded(cased, shifts, exact)


def _changes(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the folded text has another number of signs: start, end, what stands there instead."""
    seen = text.isascii() or not any(sign in text for sign in _INVISIBLE)
    gaps = ((match.start(), match.end()) for match in (_RUN if seen else _GAP).finditer(text))
    if unicodedata.is_normalized("NFC", text):
        for start, end in gaps:
            yield start, end, " " if " " in text[start:end] else ""
        return
    at = 0
    for start, end in (*gaps, (len(text), len(text))):
        yield from _composed(text, at, start)
        if end > start:
            yield start, end, " " if " " in text[start:end] else ""
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
