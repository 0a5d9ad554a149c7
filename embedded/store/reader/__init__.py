"""Reads of single items, stories and alerts: the ports that the desk and the command line ask."""

from embedded.store.reader.alerts import SqliteAlerts
from embedded.store.reader.items import SqliteItems
from embedded.store.reader.stories import SqliteStories

__all__ = ["SqliteAlerts", "SqliteItems", "SqliteStories"]
