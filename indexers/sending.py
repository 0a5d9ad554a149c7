"""Brings one batch to its end: into the index, or to the dead letters; for as long as that takes."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from indexers.answers import Answer, trouble
from indexers.batches import Batch, Letter, Piece
from indexers.documents import Document

STAGE = "index"
PATIENT = 3
"""So many tries in a row that brought nothing are no trouble yet."""
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 5.0
_log = structlog.get_logger("index")


class Index(Protocol):
    """What the index does for it: `indexers.elastic.Elastic`."""

    def bulk(self, documents: Sequence[Document]) -> list[Answer]:
        """Indexes the documents, each by its version; gives an answer for each."""

    def taggings(self, ids: Sequence[str]) -> dict[str, str]:
        """The hash of its tagging for each of these items that is there. Raises StoreError."""


class Letters(Protocol):
    """Takes dead letters: `indexers.consumer.DeadLetters`."""

    def bury(self, letters: Sequence[Letter]) -> None:
        """All of them, acknowledged when this returns. Raises StoreError."""


class Sending:
    """Works in a thread of its own. `trouble` says why nothing goes on, as `name: words`; empty while it does."""

    def __init__(
        self, index: Index, letters: Letters, metrics: Metrics, chance: Callable[[], float] = random.random
    ) -> None:
        self._index = index
        self._letters = letters
        self._metrics = metrics
        self._chance = chance
        self._failed = 0
        """Tries in a row that brought nothing."""
        self.trouble = ""
        self.steps = 0
        """Grows with all that goes on."""

    def send(self, batch: Batch, given_up: threading.Event) -> bool:
        """True once every document is in the index or its row a dead letter; False where it was given up before."""
        while not given_up.is_set():
            front = batch.front()
            if front:
                self._try(batch, front, given_up)
            elif doubt := batch.doubtful():
                batch.take_back()
                self._fail("most_refused", doubt, given_up, at_once=True)
            elif self._bury(batch, given_up):
                return True
        return False

    def _try(self, batch: Batch, front: Sequence[Piece], given_up: threading.Event) -> None:
        answers = self._index.bulk([piece.document for piece in front])
        late: list[Answer] = []
        counts: Counter[tuple[str, str]] = Counter()
        known: list[Document] = []
        for piece, answer in zip(front, answers, strict=True):
            kind = piece.document.kind
            if answer.outcome in ("busy", "shut"):
                late.append(answer)
                counts[kind, "retried"] += 1
                continue
            counts[kind, answer.outcome] += 1
            if answer.outcome == "refused":
                batch.refuse(piece, answer.reason, answer.detail)
                continue
            if older := batch.done(piece):
                counts[kind, "known"] += older
            if answer.outcome == "known" and piece.document.tagging and answer.version == piece.document.version:
                known.append(piece.document)
        for labels, count in counts.items():
            self._metrics.indexed.labels(*labels).inc(count)
        if known:
            self._compare(known)
        if any(answer.outcome in ("created", "updated", "known") for answer in answers):
            self._go_on()
        if late:
            worst = next((answer for answer in late if answer.outcome == "shut"), late[0])
            self._fail(worst.reason, worst.detail, given_up, at_once=worst.outcome == "shut")

    def _compare(self, known: Sequence[Document]) -> None:
        """Counts items that are there in this very version, but tagged otherwise: an edition that was not raised."""
        try:
            stored = self._index.taggings([one.id for one in known])
        except StoreError:
            return
        for one in known:
            if stored.get(one.id, one.tagging) != one.tagging:
                self._metrics.indexed.labels(one.kind, "differs").inc()
                _log.warning("tagged_otherwise", item=one.id, version=one.version)

    def _bury(self, batch: Batch, given_up: threading.Event) -> bool:
        letters = batch.letters()
        if letters:
            try:
                self._letters.bury(letters)
            except StoreError as error:
                self._fail("broker_away", str(error), given_up)
                return False
        for letter in letters:
            self._metrics.dead.labels(STAGE, letter.reason).inc()
            place = f"{letter.row.topic}/{letter.row.partition}/{letter.row.offset}"
            _log.error("row_dead", reason=letter.reason, detail=letter.detail, row=place)
        self._go_on()
        return True

    def _go_on(self) -> None:
        self.steps += 1
        self._failed = 0
        if self.trouble:
            _log.info("index_goes_on", after=self.trouble.partition(":")[0])
        self.trouble = ""

    def _fail(self, reason: str, detail: str, given_up: threading.Event, at_once: bool = False) -> None:
        """Notes a try that has to be made again, and waits before it."""
        self._failed += 1
        self._metrics.retries.labels(STAGE, reason).inc()
        if at_once or self._failed >= PATIENT:
            said = trouble(reason, detail)
            if said.partition(":")[0] != self.trouble.partition(":")[0]:
                _log.warning("index_trouble", reason=reason, detail=detail)
            self.trouble = said
        longest = min(_FIRST_WAIT * 2.0 ** min(self._failed - 1, 10), _LONGEST_WAIT)
        given_up.wait(longest * (0.5 + 0.5 * self._chance()))
