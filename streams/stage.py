"""What a stage of the cluster is: it takes a row of a topic and gives what shall be written, and does no I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a topic as the broker gave it."""

    topic: str
    """Without the prefix of the settings."""
    partition: int
    offset: int
    key: bytes
    value: bytes
    at: datetime
    """The broker's stamp, in UTC: of the append or of the producer, as the topic has it."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a stage wants written."""

    topic: str
    """Without the prefix of the settings."""
    key: bytes
    value: bytes
    partition: int | None = None
    """None: as the key says."""
    headers: tuple[tuple[str, bytes], ...] = ()


def nothing() -> None:
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What came of a row."""

    outputs: tuple[Output, ...] = ()
    done: Callable[[], None] = nothing
    """Called once the broker has all outputs, before the row counts as handled."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row that the stage cannot handle, now or ever: it becomes a dead letter."""

    reason: str
    """A named reason, which is also the metric's label."""
    detail: str = ""
    """In words, without the text of the item."""


class Stage(Protocol):
    """Handles the rows of one topic. Never two at a time, and those of one partition in their order."""

    @property
    def name(self) -> str:
        """The stage in metrics, logs and dead letters, and the end of its group's name."""

    @property
    def source(self) -> str:
        """The topic that it reads, without the prefix of the settings."""

    @property
    def outdated(self) -> bool:
        """Whether what it got ready does no longer do: it is to get ready anew before it handles more rows."""

    def handle(self, row: Row) -> Handled | Unfit:
        """What comes of the row; without I/O. What it raises counts as a bug."""

    async def assigned(self, partitions: frozenset[int]) -> None:
        """Gets ready for these partitions, which are all it holds now; no row is handled before this returns.

        Called again, with the same partitions, where it is outdated. May take long, and is cancelled where the
        partitions are taken away before. What it raises is tried again.
        """

    async def revoked(self, partitions: frozenset[int]) -> None:
        """Lets go of these partitions, which no row in work belongs to; nobody else has them before this returns."""
