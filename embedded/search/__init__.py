"""Search over the embedded store."""

from embedded.search.pairing import SqlitePairs
from embedded.search.searching import SqliteSearch

__all__ = ["SqlitePairs", "SqliteSearch"]
