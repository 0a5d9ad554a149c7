"""The commands `ceasewire cluster ...`, which join the command line through its entry point group."""

from cluster.cli.app import add

__all__ = ["add"]
