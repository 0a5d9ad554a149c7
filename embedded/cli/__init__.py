"""The command `ceasewire`."""

from embedded.cli.app import main

__all__ = ["main"]
