"""Feeds whose entries a test pushes and edits, and a configuration that reads them each second."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

from tests.end_to_end.world import SECRET
from tests.fakes.feed_server import Answer, Asked, FeedServer

RULE = """id: {id}
name: {name}
query: {query}
max_age: 24 h
channels: [hook, room]
"""


@dataclass
class Pushed:
    """One entry as a feed lists it; change it and the feed lists it changed."""

    key: str
    title: str
    text: str
    published: datetime

    def row(self, feed: str) -> str:
        """The entry in RSS."""
        return (
            f"<item><guid isPermaLink='false'>{self.key}</guid><title>{escape(self.title)}</title>"
            f"<link>{address(feed, self.key)}</link><description>{escape(self.text)}</description>"
            f"<pubDate>{format_datetime(self.published)}</pubDate></item>"
        )


def address(feed: str, key: str) -> str:
    """Where an entry can be read."""
    return f"https://{feed}.example/read/{key}"


class Newsroom:
    """Some feeds on one server; each lists an old entry from the start."""

    def __init__(self, server: FeedServer, *feeds: str) -> None:
        self._server = server
        old = datetime.now(UTC) - timedelta(hours=5)
        self.entries = {
            feed: [Pushed("old", f"The {feed} opens its archive", "Readers may come on Mondays.", old)]
            for feed in feeds
        }
        for feed in feeds:
            server.routes[f"/{feed}"] = self._answer

    def push(self, feed: str, key: str, title: str, text: str) -> Pushed:
        """The feed lists one more entry, published now."""
        entry = Pushed(key, title, text, datetime.now(UTC).replace(microsecond=0))
        self.entries[feed].insert(0, entry)
        return entry

    def times(self) -> int:
        """How often the feed that was read least was read."""
        return min(self._server.times(f"/{feed}") for feed in self.entries)

    def configure(self, folder: Path, receiver: str) -> None:
        """Writes `config/`: the feeds, one rule, a webhook and a Slack channel."""
        config = folder / "config"
        (config / "rules").mkdir(parents=True)
        near = "allow_private: [127.0.0.0/8]"
        feeds = "".join(
            f"- {{id: {feed}, url: '{self._server.url('/' + feed)}', outlet: {feed.capitalize()}, language: en,"
            f" interval: 1 s, max_interval: 1 s, page: false, ignore_validators: true, {near}}}\n"
            for feed in self.entries
        )
        (config / "feeds.yml").write_text(f"feeds:\n{feeds}")
        (config / "channels.yml").write_text(
            f"channels:\n- {{id: hook, kind: webhook, url: '{receiver}/hook', secret: {SECRET}, {near}}}\n"
            f"- {{id: room, kind: slack, url: '{receiver}/services/T/B/x', {near}}}\n"
        )
        (config / "settings.yml").write_text("desk: {port: 0}\n")
        write_rule(folder, "ceasefire", "issue:ceasefire conflict:ukraine_russia")

    def _answer(self, asked: Asked) -> Answer:
        feed = asked.path.strip("/")
        rows = "".join(entry.row(feed) for entry in self.entries[feed])
        body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>{feed}</title>{rows}</channel></rss>"
        return Answer(body.encode(), headers={"Content-Type": "application/rss+xml"})


def write_rule(folder: Path, id: str, query: str) -> None:
    """A rule file, new or in place of the one there is."""
    text = RULE.format(id=id, name=id.capitalize(), query=query)
    (folder / "config" / "rules" / f"{id}.yml").write_text(text)
