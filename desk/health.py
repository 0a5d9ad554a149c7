"""Whether the program is ready for work, as /ready answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """Ready when there is no reason against it."""

    reasons: tuple[str, ...] = ()
    """Why the program is not ready, each in words and without secrets."""
    notes: tuple[str, ...] = ()
    """What else is wrong while work goes on."""
    shown: tuple[str, ...] = ()
    """What of all this stands on top of every page."""

    @property
    def ready(self) -> bool:
        """True where nothing speaks against it."""
        return not self.reasons
