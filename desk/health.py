"""Whether the program is ready for work, as /ready answers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Health:
    """Ready when there is no reason against it."""

    reasons: tuple[str, ...] = ()
    """Why the program is not ready, each as `name: words`, without secrets."""
    notes: tuple[str, ...] = ()
    """What else is wrong while work goes on, in the same form."""
    shown: tuple[str, ...] = ()
    """What of all this stands on top of every page."""

    @property
    def ready(self) -> bool:
        """True where nothing speaks against it."""
        return not self.reasons
