"""The embedded store: one SQLite file with items, words, stories, alerts, deliveries and feed states."""

from embedded.store.opening import Store, open_store, read_store

__all__ = ["Store", "open_store", "read_store"]
