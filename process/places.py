"""Where the embedded edition keeps its files."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The folder that the user writes in and the folder that the program writes in."""

    config: Path
    data: Path

    @property
    def store(self) -> Path:
        """The SQLite file."""
        return self.data / "ceasewire.db"

    @property
    def lock(self) -> Path:
        """Held by the one runtime; holds its pid."""
        return self.data / "ceasewire.lock"

    @property
    def socket(self) -> Path:
        """The runtime's socket for commands."""
        return self.data / "ceasewire.sock"
