"""What the desk needs of the rest of the program: eight ports, and the names of issues and actors."""

from dataclasses import dataclass
from typing import Protocol

from ceasewire.ports import Actions, Alerts, Changes, Feeds, Items, Pairs, Search, Stories


@dataclass(frozen=True)
class Ports:
    """Everything that the desk reads and does."""

    search: Search
    items: Items
    stories: Stories
    pairs: Pairs
    alerts: Alerts
    feeds: Feeds
    changes: Changes
    actions: Actions


class Names(Protocol):
    """English display names of pack ids; an unknown id is its own name."""

    def issue(self, id: str) -> str:
        """Name of an issue."""

    def actor(self, id: str) -> str:
        """Name of an actor."""

    def conflict(self, id: str) -> str:
        """Name of a conflict."""

    def mark(self, id: str) -> str:
        """Name of a mark."""

    def known_marks(self) -> tuple[str, ...]:
        """Ids of all marks, in the order of the packs."""

    def known_issues(self) -> tuple[str, ...]:
        """Ids of all issues, in the order of the packs."""

    def known_actors(self) -> tuple[str, ...]:
        """Ids of all actors, in the order of the packs."""

    def known_conflicts(self) -> tuple[str, ...]:
        """Ids of all conflicts, in the order of the packs."""

    def place(self, id: str) -> str:
        """Name of a place or document."""
