"""Documents into the new indices, from the old ones and from the log, with a count of what became of each."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from ceasewire import topics
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import CodecError, StoreError
from ceasewire.items import Item, Tagged
from cluster.broker import Broker, Place, Row
from cluster.stages import places
from indexers.answers import Answer, trouble
from indexers.copies import FIELDS, copy
from indexers.documents import Document, Unfit, documents
from indexers.elastic import MOST, Stored
from indexers.templates import Kind

PATIENCE = 300.0
"""Seconds in which the node takes nothing, after which it is given up: another run goes on."""
_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0
TOPICS: Mapping[Kind, str] = {
    "items": topics.TAGGED,
    "versions": topics.TAGGED,
    "stories": topics.STORIES,
    "alerts": topics.ALERTS,
    "decisions": topics.ALERTS,
    "deliveries": topics.DELIVERIES,
    "feeds": topics.FEEDS,
}
"""The topic that each kind is indexed from."""
Step = Callable[[int], None]
"""Is told of each further part how many rows or documents it had."""
_Made = tuple[Document, ...] | Unfit


class Taking(Protocol):
    """What the node does for it: `indexers.elastic.Elastic`."""

    def bulk(self, documents: Sequence[Document], into: Mapping[Kind, str] | None = None) -> list[Answer]:
        """Indexes the documents, each by its version; gives an answer for each."""


class Giving(Protocol):
    """What the node does for it with an old index: `indexers.elastic.Elastic`."""

    def stored(self, index: str, fields: Sequence[str]) -> Iterator[list[Stored]]:
        """All documents of the index as they are now, some at a time. Raises StoreError."""


class Count(msgspec.Struct):
    """What became of one kind."""

    written: int = 0
    """Documents that the new index did not have, or had in an older version."""
    known: int = 0
    """Those that it had, in the same version or a newer one."""
    lost: int = 0
    """Documents of the old index that cannot be made again, or that the new one refuses."""
    refused: int = 0
    """Rows of the log of which that is so: mostly such as are dead letters already."""
    why: str = ""
    """Why the first of these was not taken."""


class Filler:
    """Fills new indices, which are named by kind. Everything raises StoreError where broker or node fail it."""

    def __init__(
        self,
        node: Taking,
        into: Mapping[Kind, str],
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._node = node
        self._into = into
        self._now = now
        self._sleep = sleep
        self._clock = clock
        self.counts: dict[Kind, Count] = {kind: Count() for kind in into}

    def copy(self, old: Giving, kind: Kind, index: str, step: Step) -> None:
        """Takes over all that the old index has of the kind, in the versions that it has there."""
        for page in old.stored(index, FIELDS[kind]):
            made: list[Document] = []
            for one in page:
                found = copy(kind, one.id, one.version, one.source, self._now())
                if isinstance(found, Unfit):
                    self._note(kind, f"{one.id[:100]}: {found.detail}", of_log=False)
                else:
                    made.append(found)
            self._send(made, of_log=False)
            step(len(page))

    def read(self, broker: Broker, begins: Mapping[Place, int], ends: Mapping[Place, int], step: Step) -> None:
        """Takes in what these stretches of the indexed topics hold of the kinds."""
        self._rows(
            broker.rows(begins, ends), lambda row: documents(row.place.topic, row.value or b"", self._now()), step
        )

    def tag(self, broker: Broker, settings: KafkaSettings, tag: Callable[[Item], Tagged], step: Step) -> None:
        """Takes in all of `items`, tagged anew."""

        def made(row: Row) -> _Made:
            try:
                tagged = tag(decode(row.value or b"", Item))
            except CodecError as error:
                return Unfit(reason="undecodable", detail=str(error))
            except Exception as error:  # a bug of ours, by which the others must not suffer
                return Unfit(reason="bug", detail=f"it cannot be tagged: {type(error).__name__}")
            return documents(topics.TAGGED, encode(tagged), self._now())

        where = places(settings, (topics.ITEMS,))
        self._rows(broker.rows(broker.beginnings(where), broker.ends(where)), made, step)

    def _rows(self, rows: Iterable[Row], made: Callable[[Row], _Made], step: Step) -> None:
        batch: list[Document] = []
        count = 0
        for row in rows:
            count += 1
            found = made(row) if row.value is not None else ()
            if isinstance(found, Unfit):
                for kind in self._kinds(row.place.topic):
                    why = f"{row.place.topic}/{row.place.partition}/{row.offset}: {found.detail}"
                    self._note(kind, why, of_log=True)
            else:
                batch += [one for one in found if one.kind in self._into]
            if len(batch) >= MOST or count >= MOST:
                self._send(batch, of_log=True)
                step(count)
                batch, count = [], 0
        self._send(batch, of_log=True)
        step(count)

    def _kinds(self, topic: str) -> list[Kind]:
        own = topics.TAGGED if topic == topics.ITEMS else topic
        return [kind for kind in self._into if TOPICS[kind] == own]

    def _note(self, kind: Kind, why: str, of_log: bool) -> None:
        count = self.counts[kind]
        if of_log:
            count.refused += 1
        else:
            count.lost += 1
        count.why = count.why or why

    def _send(self, wanted: Sequence[Document], of_log: bool) -> None:
        """Returns once the node has each or refuses it. Raises StoreError where it takes nothing for long."""
        left, tries, moved = list(wanted), 0, self._clock()
        while left:
            late: list[Document] = []
            worst: Answer | None = None
            taken: Counter[tuple[Kind, bool]] = Counter()
            for document, answer in zip(left, self._node.bulk(left, self._into), strict=True):
                if answer.outcome in ("busy", "shut"):
                    late.append(document)
                    worst = answer if worst is None or answer.outcome == "shut" else worst
                elif answer.outcome == "refused":
                    self._note(document.kind, f"{document.id[:100]}: {answer.detail}", of_log)
                else:
                    taken[document.kind, answer.outcome == "known"] += 1
            for (kind, known), count in taken.items():
                self.counts[kind].known += count if known else 0
                self.counts[kind].written += 0 if known else count
            if worst is None:
                return
            tries, moved = (0, self._clock()) if len(late) < len(left) else (tries + 1, moved)
            if worst.outcome == "shut" or self._clock() - moved > PATIENCE:
                raise StoreError(trouble(worst.reason, worst.detail).partition(": ")[2])
            left = late
            self._sleep(min(_FIRST_WAIT * 2.0 ** min(tries, 10), _LONGEST_WAIT))
