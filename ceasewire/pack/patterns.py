"""Patterns of a pack, compiled: which terms must stand where. Terms are literals that the one scan looks for.

A term is words with single blanks. `*` at a word's end stands for any ending (`peacekeep*`), at the beginning of the
first word for any beginning (`*verhandlung*`). A blank also matches a hyphen. Letters: lower case matches any case; a
capital at the start wants a capital in the text; a term in capitals only (US, ООН) wants exactly these.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from ceasewire.text.folding import fold

SHORTEST_ATOM = 2
SHOWN = "shown"
_KEYS = frozenset(
    ("any", "near", "all", "words", "ordered", "not_before", "not_after", "not_within", "unless", "war", "calm")
)
_FEW_WORDS = 6
_ACCENTED = frozenset("àâçéèêëîïôùûáíóúÀÂÇÉÈÊËÎÏÔÙÛÁÍÓÚ")


class PatternError(ValueError):
    """A pattern that cannot be used; the text says why."""


class Term(NamedTuple):
    """A literal as the scan looks for it."""

    text: str
    """Folded; the asterisks are left in."""
    case: str = "any"
    """any, capital (of its first letter), words (each capital that it has) or exact."""
    cased: str = ""

    @property
    def shown(self) -> str:
        """The spelling with capitals, where there is one."""
        return self.cased or self.text

    @property
    def atom(self) -> str:
        """The longest beginning without an asterisk; what the scan looks for."""
        return self.text.lstrip("*").partition("*")[0]

    @property
    def plain(self) -> bool:
        """Whether the atom is all of it."""
        return "*" not in self.text


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern: groups of terms that must stand together, and what must not be there."""

    groups: tuple[frozenset[int], ...]
    name: str = ""
    words: int = 0
    """Most words from one group to the next; 0: anywhere in the same sentence."""
    ordered: bool = False
    not_before: frozenset[int] = frozenset()
    not_after: frozenset[int] = frozenset()
    not_within: frozenset[int] = frozenset()
    unless: frozenset[int] = frozenset()
    """None of these may stand in the same sentence."""
    war: bool | None = None
    """Counts only in an item about armed conflict: the word has everyday senses. None: as its issue says."""
    shown: bool = False
    """Such a word is so common that the name of a state that may be at war is not enough for it."""
    calm: bool = True
    """False: does not count in an item of peacetime matters that shows no armed conflict: there it is an image."""

    @property
    def guarded(self) -> bool:
        """Whether anything may speak against it."""
        return bool(self.not_before or self.not_after or self.not_within or self.unless)


def read_term(text: str) -> Term:
    """The term that a text of a pack means; raises PatternError for one that could never match or matches all."""
    if not isinstance(text, str):
        raise PatternError(f"words are wanted, not {text!r}; put quotes around them")
    return _read_term(text)


@lru_cache(maxsize=50_000)  # each is read when its pack is checked, and again when an engine is built
def _read_term(text: str) -> Term:
    folded = fold(text.strip())
    words = folded.text.split(" ")
    if not folded.text.strip("* "):
        raise PatternError("an empty term")
    for place, word in enumerate(words if "*" in folded.text else ()):
        inner = word[1:] if place == 0 else word
        if "*" in inner[:-1] or (place and word.startswith("*")):
            raise PatternError(f'in "{text}" an asterisk may stand only at the end of a word, or before the first')
    same = folded.cased == folded.text
    term = Term(folded.cased, "any", folded.cased) if same else Term(folded.text, _case(folded.cased), folded.cased)
    if len(term.atom.strip()) < SHORTEST_ATOM or not any(sign.isalnum() for sign in term.atom):
        raise PatternError(f'"{text}" begins too short before the asterisk')
    if not term.atom[0].isalnum():
        raise PatternError(f'"{text}" must begin with a letter or digit')
    return term


def unaccented(text: str) -> str | None:
    """The term as French and Spanish often print it at the head of a sentence: a capital that has lost its accent."""
    base = unicodedata.normalize("NFD", text[:1])[:1].upper() if text[:1] in _ACCENTED else ""
    return base + text[1:] if base else None


def _case(cased: str) -> str:
    letters = [sign for sign in cased if sign.isalpha()]
    if letters and len(letters) > 1 and all(sign.isupper() for sign in letters):
        return "exact"
    return "capital" if cased.lstrip("*")[:1].isupper() else "any"


def regex(term: Term) -> re.Pattern[str]:
    """What a term with asterisks must look like from its atom on."""
    parts = []
    for word in term.text.lstrip("*").split(" "):
        parts.append(re.escape(word.rstrip("*")) + (r"[\w']*" if word.endswith("*") else ""))
    return re.compile("[ -]".join(parts) + r"(?!\w)")


def variants(term: Term) -> tuple[str, ...]:
    """The spellings of a plain term that are looked for: a hyphen for each blank too."""
    words = term.text.split(" ")
    if len(words) == 1 or len(words) > _FEW_WORDS:
        return (term.text,)
    return (term.text, "-".join(words)) if len(words) > 2 else (term.text, f"{words[0]}-{words[1]}")


@dataclass
class Compiler:
    """Turns what a pack file says into patterns, with the terms numbered."""

    terms: dict[Term, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    """Each text that was read: the words of a set stand in many patterns."""
    groups: dict[tuple[str, ...], frozenset[int]] = field(default_factory=dict)
    """Each group that was made: many patterns have the same words in it, those of a set."""

    def copied(self) -> "Compiler":
        """Another with the same terms, to which more can be added."""
        return Compiler(dict(self.terms), dict(self.read), dict(self.groups))

    def term(self, text: str) -> int:
        """The number of a term; raises PatternError."""
        number = self.read.get(text) if isinstance(text, str) else None
        if number is None:
            number = self.add(read_term(text))
            self.read[text] = number
        return number

    def spellings(self, text: str) -> tuple[int, ...]:
        """The number of a term, and of its spelling without the accent of its first letter; raises PatternError."""
        number, bare = self.term(text), unaccented(text)
        return (number,) if bare is None else (number, self.term(bare))

    def add(self, term: Term) -> int:
        """The number of a term that was read."""
        return self.terms.setdefault(term, len(self.terms))

    def phrase(self, text: str) -> Pattern:
        """The pattern of words that count only with all capitals that they have here; raises PatternError."""
        return Pattern((frozenset((self.add(read_term(text)._replace(case="words")),)),))

    def pattern(self, source: Any, sets: Mapping[str, tuple[str, ...]], name: str = "") -> Pattern:
        """The pattern that a string or mapping of a pack file means; raises PatternError."""
        if isinstance(source, str):
            return Pattern((self._group(source, sets),), name)
        if not isinstance(source, dict):
            raise PatternError(f"a pattern is words or a mapping with any, near or all, not {source!r}")
        unknown = sorted(set(source) - _KEYS)
        if unknown:
            raise PatternError(f'unknown key "{unknown[0]}" in a pattern; known: {", ".join(sorted(_KEYS))}')
        kinds = [key for key in ("any", "near", "all") if key in source]
        if len(kinds) != 1:
            raise PatternError("a pattern needs exactly one of any, near, all")
        kind = kinds[0]
        given = source[kind]
        if not isinstance(given, list) or not given:
            raise PatternError(f'"{kind}" needs a list that is not empty')
        groups = (self._group(given, sets),) if kind == "any" else tuple(self._group(part, sets) for part in given)
        if kind != "any" and len(groups) < 2:
            raise PatternError(f'"{kind}" needs at least two groups')
        words = source.get("words", 5 if kind == "near" else 0)
        if not isinstance(words, int) or not 0 <= words <= 40:
            raise PatternError('"words" is a number from 1 to 40')
        if kind != "near" and ("words" in source or "ordered" in source):
            raise PatternError('"words" and "ordered" go with "near" only')
        guards = {
            key: self._group(source[key], sets) for key in _KEYS & set(source) if key.startswith(("not_", "unless"))
        }
        ordered, war = bool(source.get("ordered", False)), source.get("war")
        if war not in (None, True, False, SHOWN):
            raise PatternError(f'"war" is true, false or {SHOWN}, not {war!r}')
        words, shown, calm = words if kind == "near" else 0, war == SHOWN, bool(source.get("calm", True))
        return Pattern(
            groups, name, words, ordered, war=None if war is None else bool(war), shown=shown, calm=calm, **guards
        )

    def _group(self, source: Any, sets: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
        texts: list[Any] = []
        for text in source if isinstance(source, list | tuple) else [source]:
            if isinstance(text, str) and text.startswith("@"):
                if text[1:] not in sets:
                    raise PatternError(f'no set is named "{text}"')
                texts += sets[text[1:]]
            else:
                texts.append(text)
        if not texts:
            raise PatternError("a group of words is empty")
        key = tuple(text if isinstance(text, str) else "" for text in texts)  # what is no text is refused below
        found = self.groups.get(key)
        if found is None:
            found = frozenset(number for text in texts for number in self.spellings(text))
            self.groups[key] = found
        return found
