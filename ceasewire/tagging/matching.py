"""The one scan: every literal of packs and rules in a single Aho-Corasick automaton over the folded text."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import ahocorasick_rs

from ceasewire.pack.patterns import Term, regex, variants
from ceasewire.text.folding import Folded

Found = dict[int, list[tuple[int, int]]]


class _Rest:
    """What a term with asterisks must look like from its atom on; its pattern is compiled when its atom is met."""

    __slots__ = ("_pattern", "_term")

    def __init__(self, term: Term) -> None:
        self._term = term
        self._pattern: re.Pattern[str] | None = None

    def match(self, text: str, start: int) -> re.Match[str] | None:
        """The match that begins there."""
        if self._pattern is None:
            self._pattern = regex(self._term)
        return self._pattern.match(text, start)


class _Owner(NamedTuple):
    """A term that an atom belongs to, and what else it asks for."""

    number: int
    case: str
    cased: str
    whole: bool
    inner: bool
    rest: _Rest | None


class Matcher:
    """Finds terms in folded texts, overlapping ones too."""

    def __init__(self, terms: Mapping[Term, int]) -> None:
        owners: dict[str, list[_Owner]] = defaultdict(list)
        for term, number in terms.items():
            inner = term.text.startswith("*")
            if term.plain:
                for text, cased in zip(variants(term), variants(Term(term.shown)), strict=True):
                    asked = cased if term.case in ("exact", "words") else ""  # no other asks for it
                    owners[text].append(_Owner(number, term.case, asked, True, False, None))
            elif term.text.endswith("*") and term.text.count("*") == 1 + inner and not inner and " " not in term.text:
                owners[term.atom].append(_Owner(number, term.case, term.shown.rstrip("*"), False, False, None))
            else:
                cased = term.shown.lstrip("*").partition("*")[0]
                owners[term.atom].append(_Owner(number, term.case, cased, False, inner, _Rest(term)))
        self._owners = list(owners.values())
        self._inner = [any(owner.inner for owner in group) for group in self._owners]
        self._automaton = ahocorasick_rs.AhoCorasick(list(owners), matchkind=ahocorasick_rs.MatchKind.Standard)
        self.size = len(owners)

    def find(self, folded: Folded) -> Found:
        """Each term that the text has, with its half-open spans in the folded text."""
        text, cased = folded.text, folded.cased
        length = len(text)
        found: Found = defaultdict(list)
        plain = text == cased  # a text without any capital can't show one
        for atom, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            open_left = start > 0 and text[start - 1].isalnum()
            if open_left and not self._inner[atom]:
                continue
            open_right = end < length and text[end].isalnum()
            for owner in self._owners[atom]:
                if (open_left and not owner.inner) or (open_right and owner.whole):
                    continue
                if owner.case != "any" and not plain:
                    if owner.case == "exact":
                        if cased[start:end] != owner.cased:
                            continue
                    elif owner.case == "words":
                        if not _has_capitals_of(owner.cased, cased[start:end]):
                            continue
                    elif not cased[start].isupper():
                        continue
                elif owner.case == "words" or (owner.case == "exact" and len(owner.cased) < 4):
                    continue
                first, last = start, end
                if owner.rest:
                    match = owner.rest.match(text, start)
                    if not match:
                        continue
                    last = match.end()
                    while owner.inner and first > 0 and text[first - 1].isalnum():
                        first -= 1
                elif not owner.whole:
                    while last < length and (text[last].isalnum() or _joins(text, last)):
                        last += 1
                found[owner.number].append((first, last))
        return found


def _has_capitals_of(wanted: str, shown: str) -> bool:
    """Whether letters are capitals wherever they are in the spelling that is wanted."""
    return all(own.isupper() for own, other in zip(shown, wanted, strict=True) if other.isupper())


def _joins(text: str, at: int) -> bool:
    """Whether an apostrophe stands within a word."""
    return text[at] == "'" and text[at + 1 : at + 2].isalpha()
