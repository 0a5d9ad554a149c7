"""The measurements, each on topics and indices of its own."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time

import msgspec
from elasticsearch import Elasticsearch, helpers

from benchmarks.cluster.bench import Machine, Took, bench
from benchmarks.cluster.items import item_rows, make_items, tagged_rows
from benchmarks.ours import make_engine
from ceasewire import topics
from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.items import Item, Tagged
from cluster.broker import Broker
from cluster.setup_index import Indices
from embedded.demo.receiver import Arrival, Receiver
from indexers.documents import Document, documents
from indexers.templates import alias
from streams.tagging import tag

_LETTERS = str.maketrans("0123456789", "ghijklmnop")
WARM = 400
"""Items that go before, so that models are loaded and connections are open."""


async def tagger(folder: Path, count: int) -> tuple[Took, Took]:
    """A tagger through Faust, then the bare loop, on the same items."""
    warm, items = item_rows(make_items(WARM, seed=7)), item_rows(make_items(count))
    async with bench(folder) as one:
        worker = await one.started("tagger")
        await one.take("tag", warm, ())
        faust = await one.take("tag", items, [worker.process.pid], topics.TAGGED)
    async with bench(folder) as one:
        bare = one.run("benchmarks.cluster.bare_tagger")
        try:
            await one.take("tag", warm, ())
            plain = await one.take("tag", items, [bare.pid], topics.TAGGED)
        finally:
            bare.terminate()
            await asyncio.to_thread(bare.wait, 20)
    return faust, plain


async def two_taggers(folder: Path, count: int) -> tuple[Took, Took]:
    """One tagger, then two, on the same items."""
    warm, items = item_rows(make_items(WARM, seed=7)), item_rows(make_items(count))
    found = []
    for number in (1, 2):
        async with bench(folder) as one:
            workers = [await one.started("tagger") for _ in range(number)]
            await one.take("tag", warm, ())
            found.append(await one.take("tag", items, [worker.process.pid for worker in workers], topics.TAGGED))
    return found[0], found[1]


def tagged(items: list[Item]) -> list[Tagged]:
    """The items with their tags."""
    engine = make_engine()
    return [tag(item, engine, 1) for item in items]


async def indexer(folder: Path, count: int) -> tuple[Took, Took]:
    """The indexer on tagged items, then the bulk helper on the same documents; counted in documents."""
    made = tagged(make_items(count))
    warm, rows = tagged_rows(made[:WARM], topics.TAGGED), tagged_rows(made[WARM:], topics.TAGGED)
    now = datetime.now(UTC)
    ready: list[Document] = []
    for row in rows:
        found = documents(topics.TAGGED, row.value or b"", now)
        assert isinstance(found, tuple)
        ready += found
    async with bench(folder) as one:
        settings = one.settings.elasticsearch
        # before, so that the node is as warm for the one as for the other
        await asyncio.to_thread(_load, settings, "warm", ready)
        worker = await one.started("indexer")
        await one.take("index", warm, ())
        ours = await one.take("index", rows, [worker.process.pid])
        await one.ended(worker)
        plain = await asyncio.to_thread(_load, settings, "bare", ready)
    assert plain.rows == len(ready)
    return Took(len(ready), ours.wall, ours.cpu, ours.others), plain


def _load(settings: ElasticsearchSettings, name: str, ready: Sequence[Document]) -> Took:
    """The bulk helper, on the same node, into empty indices of the same templates."""
    settings = settings.model_copy(update={"prefix": f"{settings.prefix}-{name}"})
    Indices(settings).run()
    actions = [
        {
            "_index": alias(settings.prefix, document.kind),
            "_id": document.id,
            "version": document.version,
            "version_type": "external",
            "_source": msgspec.json.decode(document.body),
        }
        for document in ready
    ]
    with Elasticsearch(settings.url, request_timeout=60) as client:
        wall, cpu, machine = perf_counter(), process_time(), Machine()
        done, _ = helpers.bulk(client, actions, chunk_size=1_000)
        return Took(done, perf_counter() - wall, process_time() - cpu, machine.others())


async def gatherer(folder: Path, count: int) -> Took:
    """The gatherer on items that are all about negotiations."""
    made = [one for one in tagged(make_items(count, share=1.0)) if one.gathered]
    warm, rows = tagged_rows(made[:100], topics.RELEVANT), tagged_rows(made[100:], topics.RELEVANT)
    async with bench(folder) as one:
        worker = await one.started("gatherer")
        await one.take("gather", warm, ())
        return await one.take("gather", rows, [worker.process.pid])


@dataclass(frozen=True)
class Delays:
    """Seconds from the ack of an item to its alert at the receiver, sorted."""

    seconds: list[float]

    def at(self, share: float) -> float:
        """A quantile."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


async def alert_delay(folder: Path, count: int, a_second: float = 5.0) -> Delays:
    """Items that each raise an alert, so many a second, through tagger, gatherer and notifier to a receiver."""
    items = make_items(count + 20, seed=11)
    acked: dict[str, float] = {}
    came: dict[str, float] = {}
    all_came = asyncio.Event()

    def arrived(arrival: Arrival) -> None:
        came.setdefault(arrival.body["data"]["item"]["id"], perf_counter())
        if len(came) == len(items):
            all_came.set()

    receiver = Receiver(lambda: datetime.now(UTC), arrived)
    await receiver.start()
    here = {"allow_private": ["127.0.0.0/8"]}
    channel = {"id": "bench", "kind": "webhook", "url": receiver.webhook_url, "secret": receiver.secret, **here}
    try:
        async with bench(folder, channel) as one:
            for role in ("tagger", "gatherer", "notifier", "indexer"):
                one.crew.start(role)
            await one.crew.ready()
            with Broker(one.settings.kafka) as broker:
                begin = perf_counter() - 1 / a_second
                for number, item in enumerate(items):
                    await asyncio.sleep(max(begin + (number + 1) / a_second - perf_counter(), 0))
                    new = _alerting(item, number)
                    await asyncio.to_thread(broker.write, item_rows([new]))
                    acked[new.id] = perf_counter()
            with suppress(TimeoutError):
                await asyncio.wait_for(all_came.wait(), 30)
    finally:
        await receiver.stop()
    assert came.keys() == acked.keys(), f"{len(came)} alerts of {len(acked)} items"
    return Delays(sorted(came[id] - at for id, at in list(acked.items())[20:]))


def _alerting(item: Item, number: int) -> Item:
    now = datetime.now(UTC)
    # letters only and nothing in common, so that no two are taken for one story
    words = " ".join(sha256(f"{number}-{step}".encode()).hexdigest().translate(_LETTERS)[:9] for step in range(40))
    told = {"title": f"Benchmarkalert {words[:40]}", "text": words}
    return msgspec.structs.replace(
        item, **told, rev=int(now.timestamp() * 1000), published=now, at=now, seen=now, first_seen=now, baseline=False
    )
