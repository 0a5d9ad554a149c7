"""Reads of single items, stories, alerts and feeds: the ports that the desk and the command line ask."""

from embedded.store.reader.alerts import SqliteAlerts
from embedded.store.reader.feeds import FeedReader
from embedded.store.reader.items import SqliteItems
from embedded.store.reader.stories import SqliteStories

__all__ = ["FeedReader", "SqliteAlerts", "SqliteItems", "SqliteStories"]
