"""Marks: what form a text has (opinion, explainer, live blog, interview), by the words of packs.

Where a label may stand is told apart, since the words alone mean other things too: before the first or behind the last
sign that parts a title, in brackets at either end, as a line of its own at the head or the foot of the text, or in the
path of the address.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

from ceasewire.items import Item
from ceasewire.pack.labels import Label, label_words, read_label
from ceasewire.pack.load import Pack
from ceasewire.pack.model import Language, Mark
from ceasewire.text.folding import fold

_PARTS = re.compile(r"\s*[|•·]\s*|\s-\s|:(?=\s|$)|(?<=\w)[.!?](?=\s)|\s+//+\s+|\s/\s")
_BRACKETS = re.compile(r"^\s*[\[(]([^\])]{2,60})[\])]|[\[(]([^\])]{2,60})[\])]\s*$")
_LONGEST_TITLE = 300
_LONGEST_LABEL = 80
_SHORT_LINE = 80
_LONGEST_LINE = 300
_EDGE = 700
"""Characters at the head and the foot of a text in which lines are looked at."""
_LINES = 4
_LONGEST_ADDRESS = 500
_TELLING = 8
"""Letters from which on the words of a label are looked for in long lines too; shorter ones have their own line."""


class _Labels:
    """Labels of one mark for one kind of place."""

    def __init__(self, labels: Iterable[Label]) -> None:
        labels = tuple(labels)
        self._whole = frozenset(label.words for label in labels if label.ends == "whole")
        self._begins = tuple(f"{label.words} " for label in labels if label.ends == "begins")
        self._ends = tuple(f" {label.words}" for label in labels if label.ends == "ends")
        self._holds = tuple(f" {label.words} " for label in labels if label.ends == "holds")

    def fit(self, words: str) -> bool:
        """Whether any of the labels is what the words say."""
        return (
            words in self._whole
            or words.startswith(self._begins)
            or words.endswith(self._ends)
            or any(label in f" {words} " for label in self._holds)
        )


class Marks:
    """Reads the marks of items."""

    def __init__(self, marks: Sequence[Mark]) -> None:
        self._kinds = tuple(
            (mark.id, _labels(mark.labels), _labels(mark.titles), _labels(mark.lines)) for mark in marks
        )
        labels = (read_label(source) for mark in marks for some in mark.lines.values() for source in some)
        self._sentences = tuple(
            label.words for label in labels if label.ends != "whole" and len(label.words) > _TELLING
        )
        self._paths: dict[str, str] = {part: mark.id for mark in marks for part in mark.paths}

    def read(self, item: Item, title: str) -> tuple[str, ...]:
        """The marks of an item, in the order of the packs; `title` is its title folded."""
        whole = title[:_LONGEST_TITLE]
        words = label_words(whole)
        labels = tuple(dict.fromkeys(label_words(part) for part in _parts(whole)))
        lines = tuple(self._lines(item.text)) if item.text else ()
        pathed = self._of_path(item.url)
        return tuple(
            id
            for id, label, titled, lined in self._kinds
            if id in pathed
            or titled.fit(words)
            or any(label.fit(one) for one in labels)
            or any(lined.fit(one) for one in lines)
        )

    def _lines(self, text: str) -> Iterator[str]:
        """The first and the last lines that hold anything, as labels are compared; long ones where it may matter."""
        edges = (text[:_EDGE], text[_EDGE:][-_EDGE:])
        found = [line for line in edges[0].split("\n") if line.strip()][:_LINES]
        found += [line for line in edges[1].split("\n") if line.strip()][-_LINES:]
        for line in found:
            if len(line) > _LONGEST_LINE:
                continue
            if len(line) > _SHORT_LINE:
                lower = line.lower().replace("’", "'")
                if not any(words in lower for words in self._sentences):
                    continue
            yield label_words(fold(line).text)

    def _of_path(self, url: str | None) -> frozenset[str]:
        if not url or not self._paths:
            return frozenset()
        try:
            path = unquote(urlsplit(url[:_LONGEST_ADDRESS]).path).lower()
        except ValueError:
            return frozenset()
        # the last part is the page's own name
        folders = path.rpartition("/")[0].split("/")
        return frozenset(self._paths[folder] for folder in folders if folder in self._paths)


def _labels(sources: Mapping[Language, tuple[str, ...]]) -> _Labels:
    return _Labels(read_label(source) for some in sources.values() for source in some)


def _parts(title: str) -> Iterator[str]:
    """What stands before the first and behind the last parting sign, and in brackets at either end."""
    parted = [part for part in _PARTS.split(title) if part.strip()]
    ends = (parted[0], parted[-1]) if len(parted) > 1 else ()
    yield from (part for part in ends if len(part) <= _LONGEST_LABEL)
    for match in _BRACKETS.finditer(title):
        yield match[1] or match[2]


def build_marks(packs: Iterable[Pack]) -> Marks:
    """What reads marks by the words of the packs."""
    return Marks([mark for pack in packs for mark in pack.marks])
