"""Items for the measurements: of generated feeds in four languages, a share of them about negotiations."""

from datetime import UTC, datetime, timedelta

from benchmarks.generated import Generator
from ceasewire import topics
from ceasewire.admission import admit
from ceasewire.codec import encode
from ceasewire.config.feeds import Feed
from ceasewire.items import Item, Tagged
from cluster.broker import Outgoing
from producers.documents import Document, Parsed
from producers.reading import read

LENGTH = 400
"""Characters of an item's text."""


def make_items(count: int, share: float = 0.03, seed: int = 1) -> list[Item]:
    """So many items, no two alike, of the last hours."""
    step = timedelta(seconds=1)
    start = datetime.now(UTC) - count * step
    made: list[Item] = []
    for number, (language, body) in enumerate(Generator(LENGTH, share, start, step, seed).documents(count // 25, 25)):
        feed = Feed(
            id=f"bench_{seed}_{number}",
            url="https://bench.example/feed",
            outlet=f"Bench {number % 40}",
            language=language,
        )
        parsed = read(Document(body=body, url=feed.url, limit=2000))
        assert isinstance(parsed, Parsed)
        made += admit(feed, parsed.entries, None, datetime.now(UTC)).items
    return made


def item_rows(items: list[Item]) -> list[Outgoing]:
    """As a producer writes them."""
    return [Outgoing(topics.ITEMS, item.id.encode(), encode(item)) for item in items]


def tagged_rows(tagged: list[Tagged], topic: str) -> list[Outgoing]:
    """As a tagger writes them."""
    return [Outgoing(topic, one.item.id.encode(), encode(one)) for one in tagged]
