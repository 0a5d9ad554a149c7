"""`ceasewire cluster setup` as a list of steps, each of which may be run again at any time."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from ceasewire.errors import CeasewireError


class Outcome(NamedTuple):
    """What a step did and what it refused to do, each in a line."""

    lines: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()
    """What differs and would hurt if it were changed: named, and left alone."""


class Step(Protocol):
    """One part of the setup. It makes what is missing and changes nothing that holds anything."""

    @property
    def name(self) -> str:
        """What the step sets up, in a word."""

    def run(self) -> Outcome:
        """Raises CeasewireError in words where it cannot work at all."""


class Ran(NamedTuple):
    """A step that was run."""

    name: str
    outcome: Outcome


def run(steps: Sequence[Step]) -> Iterator[Ran]:
    """Runs every step, also after one that refused or failed: all that is wrong is told at once."""
    for step in steps:
        try:
            outcome = step.run()
        except CeasewireError as error:
            outcome = Outcome(refusals=(str(error),))
        yield Ran(step.name, outcome)
