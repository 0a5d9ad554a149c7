"""Our pipeline without the network: documents go through reading, admission, tagging, stories and the store."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

from ceasewire import bundled
from ceasewire.admission import admit
from ceasewire.config.feeds import Feed
from ceasewire.engine import Engine, build_engine
from ceasewire.metrics import Metrics
from embedded.intake import SqliteIntake
from embedded.store import Store, open_store
from producers.documents import Document, Parsed
from producers.reading import read

PACKS = ("ukraine_russia",)


@dataclass
class Spent:
    """Seconds of this process, all threads, by stage, and the items that went through."""

    items: int = 0
    reading: float = 0.0
    admission: float = 0.0
    intake: float = 0.0
    """Tagging, stories and storing, processor time."""
    wall: float = 0.0
    """Admission and intake by the clock on the wall; holds waits for the disk."""

    @property
    def rate(self) -> float:
        """Items a second and core: admission, tagging, stories and storing."""
        return self.items / (self.admission + self.intake)


def make_engine() -> Engine:
    """The engine of the bundled pack and rules."""
    return build_engine(bundled.packs(PACKS), bundled.rules(), ())


class Pipeline:
    """Takes documents in; the moment that it believes is that of the newest entry."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.spent = Spent()
        self.store: Store = open_store(folder / "ceasewire.db", lambda: self.now)
        self._intake = SqliteIntake(self.store, lambda: engine, lambda *_: "{}", lambda: self.now, Metrics())

    async def take(self, documents: Iterable[tuple[str, bytes]], feeds: int = 4) -> None:
        """Each document as one poll; feeds take turns."""
        for number, (language, body) in enumerate(documents):
            feed = Feed(
                id=f"bench_{number % feeds}", url="https://bench.example/feed", outlet="Bench", language=language
            )
            await self._poll(feed, body)

    async def _poll(self, feed: Feed, body: bytes) -> None:
        began = process_time()
        parsed = read(Document(body=body, url=feed.url, limit=2000))
        assert isinstance(parsed, Parsed)
        self.now = max((entry.published for entry in parsed.entries if entry.published), default=self.now)
        self.spent.reading += process_time() - began
        state = await self._intake.state(feed.id)
        wall, began = perf_counter(), process_time()
        admission = admit(feed, parsed.entries, state, self.now)
        self.spent.admission += process_time() - began
        began = process_time()
        await self._intake.commit(admission.items, admission.state)
        self.spent.intake += process_time() - began
        self.spent.wall += perf_counter() - wall
        self.spent.items += admission.new

    def close(self) -> None:
        """Lets go of the store."""
        self._intake.close()
        self.store.close()
