"""The producer of the cluster reads linked pages over a real broker, also when it is killed in the midst of it."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ceasewire.codec import decode
from ceasewire.config.settings import KafkaSettings
from ceasewire.items import Item
from ceasewire.polling import FeedState
from tests.cli.folders import write_feeds
from tests.cluster.brokers import make_topics, rows_of, settings_for
from tests.cluster.test_producers import Producer, eventually, stored
from tests.cluster.workers import make_config
from tests.fakes.feed_server import Answer, FeedServer, serving
from tests.fakes.pages import list_entries, serve_page, told

ENTRIES = 6
pytestmark = pytest.mark.timeout(300)  # a producer with the packs is started several times


@pytest.fixture
def producer(tmp_path: Path) -> Iterator[Callable[[KafkaSettings], Producer]]:
    """Makes producers; what still runs at the end is killed."""
    config = make_config(tmp_path)
    (config / "settings.yml").write_text("log:\n  form: json\npolling:\n  allow_private: [127.0.0.0/8]\n  parsers: 1\n")
    made: list[Producer] = []

    def make(settings: KafkaSettings) -> Producer:
        made.append(Producer(tmp_path, settings, "1/1", f"producer{len(made)}"))
        return made[-1]

    yield make
    for one in made:
        if one._running is not None and one.code() is None:
            one.kill()


def write_news(server: FeedServer) -> str:
    """A feed whose entries name Kyiv; the last of their pages robots.txt forbids."""
    entries = []
    for number in range(ENTRIES):
        title = f"Envoy {number} of the government is expected in Kyiv"
        entries.append(
            (
                title,
                f"Visit {number}.",
                serve_page(server, f"/n/{number}", *told(f"the visit to the government at harbour {number}")),
            )
        )
    server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /n/5\n")
    return list_entries(server, "/feed", *entries, at=datetime.now(UTC))


def outcomes(settings: KafkaSettings) -> dict[str, int]:
    """What became of the pages, by the last state of the feed in `feeds`."""
    rows = [decode(row.value or b"", FeedState) for row in rows_of(settings, "feeds")]
    return rows[-1].pages if rows else {}


async def test_kills_lose_no_page_and_the_last_revision_is_the_page(
    kafka: str, prefix: str, producer: Callable[[KafkaSettings], Producer], tmp_path: Path
) -> None:
    settings = settings_for(kafka, prefix)
    await asyncio.to_thread(make_topics, settings)
    chance = random.Random(5)
    async with serving() as server:
        write_feeds(tmp_path / "config", write_news(server))
        one = producer(settings)
        for _ in range(3):
            before = len(server.asked)
            await asyncio.to_thread(one.start)
            await eventually(lambda before=before: len(server.asked) > before + 1, one, 60)  # type: ignore[misc]
            await asyncio.sleep(chance.uniform(0, 2.0))
            await asyncio.to_thread(one.kill)
        await asyncio.to_thread(one.start)
        await eventually(lambda: outcomes(settings) == {"read": ENTRIES - 1, "robots": 1}, one, 60)
        polls = server.times("/feed")
        await eventually(lambda: server.times("/feed") > polls + 2, one)
        assert (await asyncio.to_thread(one.end))[0] == 0
        assert server.times("/n/5") == 0
    revisions: dict[str, list[Item]] = defaultdict(list)
    for item in await asyncio.to_thread(stored, settings):
        revisions[item.id].append(item)
    assert len(revisions) == ENTRIES
    for items in revisions.values():
        in_order = sorted({item.rev: item for item in items}.values(), key=lambda item: item.rev)
        forbidden = " 5 " in items[0].title
        # a kill between the item and the state lets the page be read again: a later revision with the same text
        assert len({item.fingerprint for item in items}) == (1 if forbidden else 2)
        assert [item.extent for item in in_order[:1]] == ["summary"]
        assert {item.extent for item in in_order[1:]} == (set() if forbidden else {"page"})
