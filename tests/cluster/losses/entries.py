"""What is fed: entries and items of their own, every so often two that tell one story which raises an alert."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ceasewire import topics
from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.identity import fingerprint, item_id
from ceasewire.items import Item, Source
from cluster.broker import Outgoing
from tests.cluster.brokers import asking

WORDS = "ferry valley bridge ice market orchard lantern granite meadow copper winter harvest".split()
EVERY = 24
"""Of so many entries in a row the first two tell a story."""
KINDS = (topics.ITEMS, topics.ITEMS, topics.TAGGED, topics.RELEVANT, topics.DISPATCH)
"""Where poisoned rows go, in turn: each is read by one stage only."""
POISON = (b"\xff\x00 nothing", b'{"id": "cut', b'{"v": 99, "id": "later"}', b'{"id": 5}', b"[]")


@dataclass(frozen=True)
class Entry:
    """One thing that is fed; `number` tells it from all others."""

    number: int

    @property
    def story(self) -> int | None:
        """The story that it tells, if any."""
        return self.number // EVERY if self.number % EVERY < 2 else None

    @property
    def url(self) -> str:
        """Its address, by which it is found again."""
        return f"https://wire.example/{self.number}"

    @property
    def title(self) -> str:
        """Its headline."""
        if self.story is None:
            return f"{WORDS[self.number % 12].title()} news {self.number}"
        return f"Harbour offer {self.story}"

    @property
    def text(self) -> str:
        """Its text; those of a story have theirs in common."""
        if self.story is None:
            return " ".join(WORDS[(self.number * step) % 12] for step in range(1, 30)) + f" {self.number}"
        return " ".join(f"{WORDS[step % 12]}{self.story * 37 + step}" for step in range(60))

    def item(self) -> Item:
        """As a producer would make it."""
        now = datetime.now(UTC)
        return Item(
            id=item_id("wire", str(self.number)),
            rev=int(now.timestamp() * 1000),
            fingerprint=fingerprint(self.title, self.text),
            source=Source(feed="wire", outlet="Wire"),
            url=self.url,
            title=self.title,
            text=self.text,
            published=now,
            at=now,
            seen=now,
            first_seen=now,
        )


def write_entries(settings: KafkaSettings, entries: Sequence[Entry]) -> None:
    """Writes them to `items`, and returns once the broker has them."""
    rows = [Outgoing(topics.ITEMS, (item := entry.item()).id.encode(), encode(item)) for entry in entries]
    with asking(settings) as broker:
        for start in range(0, len(rows), 1000):
            broker.write(rows[start : start + 1000])


def write_poison(settings: KafkaSettings, numbers: Sequence[int]) -> None:
    """Writes rows that no stage can handle, each into the topic whose turn it is."""
    rows = [Outgoing(KINDS[n % len(KINDS)], b"poison-%d" % n, POISON[n // 5 % len(POISON)]) for n in numbers]
    with asking(settings) as broker:
        broker.write(rows)
