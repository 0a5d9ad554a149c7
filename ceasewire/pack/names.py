"""How issues, actors and conflicts are called on screens and in alerts."""

from collections.abc import Iterable

from ceasewire.items import HEADLINE_UNSUPPORTED
from ceasewire.pack.load import Pack


class Names:
    """English display names by id; an id that no pack knows is its own name."""

    def __init__(self, packs: Iterable[Pack]) -> None:
        packs = tuple(packs)
        self._issues = {one.id: one.name for pack in packs for one in pack.issues}
        self._actors = {one.id: one.name for pack in packs for one in pack.actors}
        self._places = self._actors | {one.id: one.name for pack in packs for one in (*pack.places, *pack.documents)}
        self._marks = {one.id: one.name for pack in packs for one in pack.marks} | {
            HEADLINE_UNSUPPORTED: "Headline not borne out"
        }
        self._conflicts = {one.id: one.name for pack in packs for one in pack.conflicts}

    def issue(self, id: str) -> str:
        """The name of an issue."""
        return self._issues.get(id, id)

    def actor(self, id: str) -> str:
        """The name of an actor."""
        return self._actors.get(id, id)

    def conflict(self, id: str) -> str:
        """The name of a conflict."""
        return self._conflicts.get(id, id)

    def place(self, id: str) -> str:
        """The name of a place or document, or of an actor whose seat is named as a place."""
        return self._places.get(id, id)

    def mark(self, id: str) -> str:
        """The name of a mark."""
        return self._marks.get(id, id)

    def known_issues(self) -> tuple[str, ...]:
        """The ids of all issues, in the order of the packs."""
        return tuple(self._issues)

    def known_actors(self) -> tuple[str, ...]:
        """The ids of all actors, in the order of the packs."""
        return tuple(self._actors)

    def known_conflicts(self) -> tuple[str, ...]:
        """The ids of all conflicts, in the order of the packs."""
        return tuple(self._conflicts)

    def known_marks(self) -> tuple[str, ...]:
        """The ids of all marks, in the order of the packs; last the one that the tagger sets by itself."""
        return tuple(self._marks)
