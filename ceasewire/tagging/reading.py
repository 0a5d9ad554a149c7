"""One item as the tagger reads it: both fields folded, split, freed of noise, with every place where a term stands."""

from bisect import bisect_right
from typing import NamedTuple

from ceasewire.items import Field, Span
from ceasewire.pack.patterns import Pattern
from ceasewire.tagging.matching import Found, Matcher
from ceasewire.text.attribution import told
from ceasewire.text.folding import Folded, fold
from ceasewire.text.noise import Noise, find_noise, title_key
from ceasewire.text.sentences import sentences

TITLE, TEXT = 0, 1
_FIELDS: tuple[Field, Field] = ("title", "text")
_LEDE_SENTENCES = 3
_MOST_PLACES = 200
"""Of one term in one field: a text that repeats a word more often says nothing more by it."""
_LONGEST_WORD = 40
"""Characters of a word and its blank, for telling early that places are too far apart."""
_LONGEST_TITLE = 200
_SHORTEST_SENTENCE = 25
"""Shorter lines are labels and bylines; they do not count where three sentences are counted."""


class Place(NamedTuple):
    """Where something stands; ordered by where the reader meets it."""

    field: int
    sentence: int
    start: int
    end: int
    """In the original field."""
    first: int
    last: int
    """In the folded field."""

    @property
    def span(self) -> Span:
        """The words in the original field."""
        return Span(_FIELDS[self.field], self.start, self.end)


class Reading:
    """Title and text of one item, with the terms that were found in them."""

    def __init__(self, title: str, text: str, matcher: Matcher) -> None:
        self.title, self.text = title, text
        self._folded: tuple[Folded, Folded] = (fold(title), fold(text))
        self._found: tuple[Found, Found] = (matcher.find(self._folded[0]), matcher.find(self._folded[1]))
        self.terms = frozenset(self._found[0]).union(self._found[1])
        """The terms that stand anywhere, noise included."""
        self._spans: list[tuple[int, int]] = sentences(text) if self._found[1] else []
        self._starts = [start for start, _ in self._spans]
        self._noise: Noise = find_noise(title, text, self._folded[1].text)
        self._told = told(self._folded[0].text), told(self._folded[1].text)
        self._places: dict[int, list[Place]] = {}
        self._groups: dict[frozenset[int], list[Place]] = {}
        self.headline = (
            not title.strip() and bool(self._spans) and self._spans[0][1] - self._spans[0][0] < _LONGEST_TITLE
        )
        """Whether the first line of the text stands for a title that is missing."""
        self._lede: int | None = None

    @property
    def folded_title(self) -> str:
        """The folded title."""
        return self._folded[TITLE].text

    def is_noise(self, start: int, end: int) -> bool:
        """Whether a stretch of the text is not content."""
        return self._noise.covers(start, end)

    @property
    def content(self) -> int:
        """How many characters of the text are content."""
        return len(self.text) - sum(end - start for start, end in self._noise.spans)

    def content_text(self) -> str:
        """The text without what is not content."""
        pieces, last = [], 0
        for start, end in self._noise.spans:
            pieces.append(self.text[last:start])
            last = end
        return " ".join((*pieces, self.text[last:]))

    def places(self, term: int) -> list[Place]:
        """Where a term stands outside noise, in order."""
        known = self._places.get(term)
        if known is None:
            known = [self._place(TITLE, first, last) for first, last in self._stands(TITLE, term)]
            found = [self._place(TEXT, first, last) for first, last in self._stands(TEXT, term)]
            if self._noise.spans:
                found = [place for place in found if not self._noise.covers(place.start, place.end)]
            known += found
            self._places[term] = known
        return known

    def _stands(self, field: int, term: int) -> list[tuple[int, int]]:
        """The spans of a term in the folded field, but for words that say who told something."""
        spans, told = self._found[field].get(term, [])[:_MOST_PLACES], self._told[field]
        return [span for span in spans if span not in told] if told else spans

    def all_places(self, terms: frozenset[int]) -> list[Place]:
        """Where any of the terms stands, in order, each place once."""
        known = self._groups.get(terms)
        if known is None:
            found = {place for term in self.terms & terms for place in self.places(term)}
            known = self._groups[terms] = sorted(found)[:_MOST_PLACES]
        return known

    def _place(self, field: int, first: int, last: int) -> Place:
        start, end = self._folded[field].origin(first, last)
        sentence = 0 if field == TITLE else max(0, bisect_right(self._starts, start) - 1)
        return Place(field, sentence, start, end, first, last)

    def sentence(self, place: Place) -> Span:
        """The sentence that a place stands in; the title is one."""
        if place.field == TITLE or not self._spans:
            return Span(_FIELDS[place.field], 0, len((self.title, self.text)[place.field]))
        start, end = self._spans[place.sentence]
        return Span("text", start, max(end, place.end))

    def zone(self, place: Place) -> int:
        """0 in the title, 1 in the rest of the lede, 2 in the body."""
        if place.field == TITLE or (self.headline and place.sentence == 0):
            return 0
        return 1 if place.end <= self.lede_end else 2

    @property
    def lede_end(self) -> int:
        """Where the third sentence that is content ends; a repeated title is none."""
        if self._lede is None:
            content = [
                span
                for number, span in enumerate(self._spans)
                if not self._noise.covers(*span)
                and (span[1] - span[0] >= _SHORTEST_SENTENCE or (self.headline and number == 0))
            ]
            if self.title and content and title_key(self.text[slice(*content[0])]) == title_key(self.title):
                content = content[1:]
            wanted = _LEDE_SENTENCES + self.headline
            self._lede = content[min(wanted, len(content)) - 1][1] if content else 0
        return self._lede

    def word(self, place: Place) -> str:
        """The folded words at a place."""
        return self._folded[place.field].text[place.first : place.last]

    def around(self, place: Place, size: int = 24) -> tuple[str, str]:
        """The folded text just before and just after a place."""
        text = self._folded[place.field].text
        return text[max(0, place.first - size) : place.first], text[place.last : place.last + size]

    def words_between(self, one: Place, other: Place) -> int:
        """How many words further the other place is; 1 = next word."""
        return self._folded[one.field].text.count(" ", one.last, other.first)

    def adjoins(self, one: Place, other: Place) -> bool:
        """Whether the other place follows directly, with only blanks or signs between."""
        if one.field != other.field or not 0 <= other.first - one.last <= 3:
            return False
        return not any(sign.isalnum() for sign in self._folded[one.field].text[one.last : other.first])


def evaluate(pattern: Pattern, reading: Reading) -> list[Place]:
    """Where a pattern stands, in order; empty where it does not."""
    if any(reading.terms.isdisjoint(group) for group in pattern.groups):
        return []
    if len(pattern.groups) == 1:
        places = reading.all_places(pattern.groups[0])
    else:
        groups = []
        for group in pattern.groups:
            found = reading.all_places(group)
            if not found:
                return []
            groups.append(found)
        places = _together(pattern, groups, reading)
    if places and pattern.guarded:
        places = [place for place in places if not spoiled(pattern, place, reading)]
    return places


def spoiled(pattern: Pattern, place: Place, reading: Reading) -> bool:
    """Whether one of the pattern's guards speaks against a place."""
    return (
        any(reading.adjoins(place, other) for other in reading.all_places(pattern.not_before))
        or any(reading.adjoins(other, place) for other in reading.all_places(pattern.not_after))
        or any(
            other.field == place.field and other.first <= place.first and place.last <= other.last
            for other in reading.all_places(pattern.not_within)
        )
        or any(
            other.field == place.field and other.sentence == place.sentence
            for other in reading.all_places(pattern.unless)
        )
    )


def _together(pattern: Pattern, groups: list[list[Place]], reading: Reading) -> list[Place]:
    found = []
    for place in groups[0]:
        whole = place
        parts = [place]
        for group in groups[1:]:
            nearest = _nearest(pattern, whole, parts, group, reading)
            if nearest is None:
                break
            parts.append(nearest)
            whole = _joined(whole, nearest)
        else:
            found.append(whole)
    return sorted(set(found))


def _nearest(pattern: Pattern, whole: Place, parts: list[Place], group: list[Place], reading: Reading) -> Place | None:
    """The place of the group that stands nearest to what was found, or between its parts."""
    best: tuple[int, Place] | None = None
    reach = pattern.words * _LONGEST_WORD if pattern.words else len(reading.text) + len(reading.title)
    for other in group:
        if other.field != whole.field or other.sentence != whole.sentence or abs(other.first - whole.last) > reach:
            continue
        if other.first >= whole.last:
            gap = reading.words_between(whole, other)
        elif pattern.ordered:
            continue
        elif other.last <= whole.first:
            gap = reading.words_between(other, whole)
        elif all(other.first >= part.last or other.last <= part.first for part in parts):
            gap = 0
        else:
            continue
        if (not pattern.words or gap <= pattern.words) and (best is None or gap < best[0]):
            best = gap, other
    return best[1] if best else None


def _joined(one: Place, other: Place) -> Place:
    return Place(
        one.field,
        one.sentence,
        min(one.start, other.start),
        max(one.end, other.end),
        min(one.first, other.first),
        max(one.last, other.last),
    )
