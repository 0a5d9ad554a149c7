"""Rows of topics that are handled together: their documents, what became of each, and how far their topics are done."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from indexers.documents import Document, Unfit, documents
from indexers.templates import Kind

FEWEST = 20
"""So many documents of one kind must be there before most of them being refused speaks against us, not them."""


class Row(NamedTuple):
    """A row of a topic as it came."""

    topic: str
    """Without prefix."""
    partition: int
    offset: int
    key: bytes
    value: bytes | None
    """None: what was there under this key is gone from the topic."""
    at: float
    """When the broker or the producer stamped it, in seconds since 1970."""


class Piece(NamedTuple):
    """A document and the row that it is of."""

    document: Document
    row: int


class Letter(NamedTuple):
    """A row that cannot be indexed, and why."""

    row: Row
    reason: str
    detail: str


class Batch:
    """Handled from `front` to empty: of each document the newest version goes first, and where it is in, all are."""

    def __init__(self, rows: Sequence[Row], now: datetime) -> None:
        self.rows = tuple(rows)
        self.totals: Counter[Kind] = Counter()
        self._letters: dict[int, Letter] = {}
        self._refused: list[tuple[Piece, str, str]] = []
        self._waiting: dict[tuple[Kind, str], list[Piece]] = {}
        for number, row in enumerate(self.rows):
            if row.value is None:
                continue
            found = _documents(row.topic, row.value, now)
            if isinstance(found, Unfit):
                self._letters[number] = Letter(row, found.reason, found.detail)
                continue
            for document in found:
                self.totals[document.kind] += 1
                self._waiting.setdefault((document.kind, document.id), []).append(Piece(document, number))
        for pieces in self._waiting.values():
            pieces.sort(key=lambda piece: piece.document.version, reverse=True)

    def front(self) -> list[Piece]:
        """What is to be sent next: no document twice."""
        return [pieces[0] for pieces in self._waiting.values()]

    def done(self, piece: Piece) -> int:
        """The index has the document, or a newer one; gives how many older ones need not be sent any more."""
        return len(self._waiting.pop((piece.document.kind, piece.document.id))) - 1

    def refuse(self, piece: Piece, reason: str, detail: str) -> None:
        """The index will not have the document; an older version of it may still go in."""
        key = (piece.document.kind, piece.document.id)
        self._refused.append((piece, reason, detail))
        self._waiting[key].remove(piece)
        if not self._waiting[key]:
            del self._waiting[key]

    def doubtful(self) -> str:
        """Where over half of a kind was refused, so that the fault is hardly theirs: that in words, else nothing."""
        refused = Counter(piece.document.kind for piece, _, _ in self._refused)
        for kind, count in refused.items():
            if self.totals[kind] >= FEWEST and count * 2 > self.totals[kind]:
                said = Counter(detail for piece, _, detail in self._refused if piece.document.kind == kind)
                return f"{count} of {self.totals[kind]} {kind} were refused: {said.most_common(1)[0][0]}"
        return ""

    def take_back(self) -> None:
        """All that was refused is to be sent again."""
        for piece, _, _ in self._refused:
            self._waiting.setdefault((piece.document.kind, piece.document.id), []).append(piece)
        for pieces in self._waiting.values():
            pieces.sort(key=lambda piece: piece.document.version, reverse=True)
        self._refused.clear()

    def letters(self) -> list[Letter]:
        """The rows that end as dead letters, one letter for each, in order."""
        found = dict(self._letters)
        for piece, reason, detail in self._refused:
            found.setdefault(piece.row, Letter(self.rows[piece.row], reason, f"{piece.document.kind}: {detail}"))
        return [found[number] for number in sorted(found)]

    def ends(self) -> dict[tuple[str, int], int]:
        """The offset after the last row, by topic and partition."""
        found: dict[tuple[str, int], int] = {}
        for row in self.rows:
            place = (row.topic, row.partition)
            found[place] = max(found.get(place, 0), row.offset + 1)
        return found

    @property
    def oldest(self) -> float:
        """When the oldest row was stamped."""
        return min(row.at for row in self.rows)


def _documents(topic: str, value: bytes, now: datetime) -> tuple[Document, ...] | Unfit:
    try:
        return documents(topic, value, now)
    except Exception as error:  # a bug of ours, the same at each try: it must not hold up all that comes after
        return Unfit(reason="bug", detail=type(error).__name__)
