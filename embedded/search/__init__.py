"""Search over the embedded store."""

from embedded.search.searching import SqliteSearch

__all__ = ["SqliteSearch"]
