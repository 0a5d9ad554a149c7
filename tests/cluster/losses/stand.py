"""A cluster of its own on given services: topics, indices, configuration, receiver, and the processes of each role."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ceasewire import topics
from ceasewire.config.settings import ElasticsearchSettings, KafkaSettings
from ceasewire.errors import StoreError
from cluster.broker import Place
from cluster.demo.crew import Crew, Worker
from cluster.setup_index import Indices
from cluster.stages import STAGES, places
from tests.cluster.brokers import asking, make_topics, settings_for
from tests.cluster.losses.feeds import Feeds
from tests.cluster.notifiers import SlowReceiver, receiving_slowly
from tests.services.node import status

ROLES = ("producer", "tagger", "gatherer", "notifier", "indexer")
STREAM = ROLES[1:]
STAGE_OF = {"tagger": "tag", "gatherer": "gather", "notifier": "notify", "indexer": "index"}
WRITES = {"producer": topics.ITEMS, "tagger": topics.TAGGED, "gatherer": topics.STORIES, "notifier": topics.DELIVERIES}
CHANNELS = ("amber", "birch", "cedar")
SECRET = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="


@dataclass
class Progress:
    """How far the stages are: offsets by place, committed by group and ends of all topics."""

    committed: Mapping[str, Mapping[Place, int]]
    ends: Mapping[Place, int]

    def end(self, topic: str) -> int:
        """How many rows were written to a topic."""
        return sum(end for place, end in self.ends.items() if place.topic == topic)

    def of(self, role: str) -> int:
        """A number that grows as the role works."""
        if role in WRITES:
            return self.end(WRITES[role])
        return sum(self.committed[STAGE_OF[role]].values())

    def behind(self, stage: str) -> dict[Place, int]:
        """How many rows the stage has not committed, where there are any."""
        done = self.committed[stage]
        found = {place: end - done.get(place, 0) for place, end in self.ends.items() if place.topic in STAGES[stage]}
        return {place: rows for place, rows in found.items() if rows}


@dataclass
class Stand:
    """One cluster. Its processes are ended by `standing`."""

    kafka: KafkaSettings
    index: ElasticsearchSettings
    receiver: SlowReceiver
    folder: Path
    feeds: Feeds | None = None
    crew: Crew = field(init=False)
    kills: dict[str, int] = field(default_factory=dict)
    """How often a process of each role was killed."""

    def __post_init__(self) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CEASEWIRE_")}
        self.crew = Crew(self.folder, environ | {"CEASEWIRE_CONFIG": str(self.folder / "config")})

    def make(self) -> None:
        """Topics, indices and the configuration folder."""
        make_topics(self.kafka)
        outcome = Indices(self.index).run()
        assert not outcome.refusals, outcome.refusals
        config = self.folder / "config"
        (config / "rules").mkdir(parents=True)
        whole = {
            "packs": [],
            "log": {"form": "json"},
            "kafka": {
                "bootstrap": list(self.kafka.bootstrap),
                "prefix": self.kafka.prefix,
                "partitions": self.kafka.partitions,
            },
            "elasticsearch": {"url": self.index.url, "prefix": self.index.prefix},
        }
        rule = {"id": "harbour", "name": "Harbour", "query": "harbour", "max_age": "24 h", "channels": CHANNELS}
        here = {"allow_private": ["127.0.0.0/8"]}
        polled = {"interval": "1 s", "max_interval": "1 s", "page": False, **here}
        addresses = self.feeds.addresses if self.feeds else {}
        feeds = [{"id": name, "url": url, "outlet": name, **polled} for name, url in addresses.items()]
        channels = [
            {"id": name, "kind": "webhook", "url": f"{self.receiver.address}/{name}", "secret": SECRET, **here}
            for name in CHANNELS
        ]
        for name, value in (
            ("settings.yml", whole),
            ("feeds.yml", {"feeds": feeds}),
            ("channels.yml", {"channels": channels}),
            ("rules/harbour.yml", rule),
        ):
            (config / name).write_text(json.dumps(value), encoding="utf-8")  # JSON is YAML

    def start(self, role: str) -> Worker:
        """One more process of the role; does not wait."""
        return self.crew.start(role)

    def kill(self, worker: Worker) -> None:
        """SIGKILL."""
        assert worker.runs, f"{worker.name} ended by itself: {worker.tail()}"
        worker.kill()
        self.kills[worker.role] = self.kills.get(worker.role, 0) + 1

    def end(self, worker: Worker) -> float:
        """SIGTERM; gives the seconds until it had ended, with exit code 0 and within ten."""
        assert worker.runs, f"{worker.name} ended by itself: {worker.tail()}"
        began = monotonic()
        worker.killed = True
        worker.process.terminate()
        try:
            code = worker.process.wait(10)
        except Exception:
            raise AssertionError(f"{worker.name} did not end in 10 s: {worker.tail()}") from None
        assert code == 0, f"{worker.name} ended with {code}: {worker.tail()}"
        return monotonic() - began

    async def ready(self) -> None:
        """Waits until all processes that run are ready."""
        await self.crew.ready()

    async def role_ready(self, role: str, seconds: float = 60.0) -> None:
        """Waits until the processes of the role that run are ready, whatever those of others do."""
        end = monotonic() + seconds
        for worker in self.crew.workers:
            address = f"http://127.0.0.1:{worker.port}/ready"
            while worker.role == role and worker.runs and await asyncio.to_thread(status, address) != 200:
                assert monotonic() < end, f"{worker.name} is not ready: {worker.tail()}"
                await asyncio.sleep(0.2)

    def check(self) -> None:
        """Fails where a process has ended though nobody told it to."""
        faults = self.crew.faults()
        assert not faults, faults[0]

    async def progress(self) -> Progress:
        """How far all is; waits while the broker is away, for at most a minute."""
        until = monotonic() + 60
        while True:
            try:
                return await asyncio.to_thread(self._progress)
            except StoreError:
                if monotonic() > until:
                    raise
                await asyncio.sleep(0.5)

    def _progress(self) -> Progress:
        names = tuple(topic.name for topic in topics.topics(self.kafka))
        with asking(self.kafka) as broker:
            committed = {stage: broker.committed(stage) for stage in STAGES}
            return Progress(committed, broker.ends(places(self.kafka, names)))

    async def until(self, role: str, above: int, seconds: float = 60.0) -> Progress:
        """Waits until the role's progress is above a number."""
        end = monotonic() + seconds
        while True:
            now = await self.progress()
            if now.of(role) > above:
                return now
            self.check()
            assert monotonic() < end, f"{role} stood at {now.of(role)} for {seconds:g} s: {self.tails(role)}"
            await asyncio.sleep(0.2)

    async def until_done(self, seconds: float, stages: Sequence[str] = tuple(STAGES)) -> Progress:
        """Waits until the feeds are taken, ends producers, and waits until the stages have committed all for good."""
        end, before = monotonic() + seconds, None
        while True:
            fed = self.feeds is None or self.feeds.done
            if fed:  # each poll writes a state of its feed
                for worker in self.crew.workers:
                    if worker.role == "producer" and worker.runs:
                        await asyncio.to_thread(self.end, worker)
            now = await self.progress()
            self.check()
            left = {stage: now.behind(stage) for stage in stages}
            if fed and not any(left.values()) and before is not None and before.ends == now.ends:
                return now
            before = now if fed and not any(left.values()) else None
            assert monotonic() < end, f"not done in {seconds:g} s: feeds taken: {fed}, left: {left}"
            await asyncio.sleep(0.7)

    def tails(self, role: str) -> str:
        """The ends of the logs of a role's processes."""
        return "\n".join(one.tail() for one in self.crew.workers if one.role == role)[-6000:]


@asynccontextmanager
async def standing(
    kafka: str, elasticsearch: str, prefix: str, folder: Path, feeds: Feeds | None = None, partitions: int = 4
) -> AsyncIterator[Stand]:
    """Makes the cluster; at the end each process gets SIGTERM, and those that stay SIGKILL."""
    async with receiving_slowly(0.05) as receiver:
        index = ElasticsearchSettings(url=elasticsearch, prefix=prefix.rstrip("-"))
        stand = Stand(settings_for(kafka, prefix, partitions), index, receiver, folder, feeds)
        if feeds is not None:
            await feeds.start()
        try:
            await asyncio.to_thread(stand.make)
            yield stand
        finally:
            await asyncio.to_thread(stand.crew.end)
            if feeds is not None:
                await feeds.stop()
