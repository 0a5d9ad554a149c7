"""Plays the sample day on the cluster, kills two of its processes in the middle, and counts what was lost."""

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import yaml

from ceasewire.config.settings import Settings
from ceasewire.errors import CeasewireError
from cluster.demo.counting import Counts, count
from cluster.demo.crew import Crew, Worker, free_port
from cluster.demo.sweeping import sweep
from embedded.demo.receiver import Arrival, Receiver
from embedded.demo.sample import read_day
from embedded.demo.server import FeedServer
from embedded.demo.staging import write_configuration
from process.config_files import read_settings
from process.places import Places

POLL_SECONDS = 1.0
STEP_SECONDS = 3.0
SETTLE = 90.0
"""Seconds that the end of the day may take until all is indexed and delivered."""
STARTED = ("producer", "tagger", "tagger", "gatherer", "gatherer", "notifier", "indexer")


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def write_cluster(places: Places, settings: Settings, port: int) -> None:
    """settings.yml with broker and node, so that `ceasewire --config` finds them; what is secret stays where it is."""
    kafka, node = settings.kafka, settings.elasticsearch
    written = {
        "desk": {"port": port},
        "kafka": {"bootstrap": list(kafka.bootstrap), "prefix": kafka.prefix},
        "elasticsearch": {"url": node.url, "prefix": node.prefix},
    }
    (places.config / "settings.yml").write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")


@dataclass
class Day:
    """One play. `start`, `play`, `settle`, then `end`, whatever happened."""

    folder: Path
    say: Callable[[str], None]
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    arrived: Callable[[Arrival], None] = lambda _: None
    name: str = ""
    """What topics and indices are called by, in place of a name of its own: what an earlier play left there goes."""

    def __post_init__(self) -> None:
        self.sample = read_day()
        self.server = FeedServer(self.sample, now)
        self.receiver = Receiver(now, self.arrived)
        self.places = Places(config=self.folder / "config", data=self.folder)
        self.desk_port = int(self.environ.get("CEASEWIRE_DESK__PORT") or free_port())
        name = self.name or secrets.token_hex(4)
        self.names = {
            "CEASEWIRE_CONFIG": str(self.places.config),
            "CEASEWIRE_KAFKA__PREFIX": f"demo-{name}-",
            "CEASEWIRE_ELASTICSEARCH__PREFIX": f"demo-{name}",
            "CEASEWIRE_LOG__FORM": "json",
            "CEASEWIRE_SAMPLE": "1",
            "CEASEWIRE_DESK__PORT": str(self.desk_port),
        }
        self.crew = Crew(self.folder, {**self.environ, **self.names})
        self.killed: list[Worker] = []

    @property
    def settings(self) -> Settings:
        """The settings that all processes have."""
        return read_settings(self.places, self.crew.environ)

    async def start(self) -> None:
        """Feeds, receiver, topics, indices and processes. Raises CeasewireError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.server.start()
        await self.receiver.start()
        write_configuration(self.places, self.sample, self.server, self.receiver, self.desk_port, POLL_SECONDS)
        write_cluster(self.places, self.settings, self.desk_port)
        if self.name:
            await asyncio.to_thread(sweep, self.settings)
        self.server.show()
        for line in (await asyncio.to_thread(self.crew.command, "cluster", "setup")).splitlines():
            self.say(f"setup: {line}")
        for role in STARTED:
            self.crew.start(role)
        self.crew.start("desk", self.desk_port)
        began = monotonic()
        await self.crew.ready()
        self.say(f"{len(self.crew.workers)} processes are ready after {monotonic() - began:.0f} s")
        await asyncio.wait_for(self.server.wait_read(0), SETTLE)

    async def play(self) -> None:
        """The day, step by step; a tagger and the gatherer that works die in the middle of it."""
        middle = self.sample.steps // 2
        while self.server.step < self.sample.steps - 1:
            step = self.server.show()
            self.say(f"step {step} of {self.sample.steps - 1}: new entries are in the feeds")
            if step == middle:
                await self._kill()
            await asyncio.sleep(STEP_SECONDS)
            if faults := self.crew.faults():
                raise CeasewireError(faults[0])

    async def _kill(self) -> None:
        tagger = next(one for one in self.crew.workers if one.role == "tagger")
        gatherers = [one for one in self.crew.workers if one.role == "gatherer"]
        handled = [await self.crew.figure(one, "ceasewire_handled_total") for one in gatherers]
        active = gatherers[handled.index(max(handled))]
        for worker in (tagger, active):
            worker.kill()
            self.killed.append(worker)
            self.say(f"{worker.name} was killed with SIGKILL")

    async def settle(self) -> Counts:
        """What came of the day, once everything is indexed and delivered, or the time for it is over."""
        try:
            await asyncio.wait_for(self.server.wait_read(self.server.step), SETTLE)
        except TimeoutError:
            raise CeasewireError("the feeds were not read to the end") from None
        await asyncio.sleep(2 * POLL_SECONDS)  # what the last poll brought is on its way by now
        until, before = monotonic() + SETTLE, None
        while True:
            counts = await count(self.settings)
            seen = (len(counts.items), counts.alerts, counts.dispatched)
            if not counts.lost and not counts.open and seen == before:
                return counts
            if monotonic() > until:
                return counts
            before = seen
            await asyncio.sleep(1.0)

    async def end(self) -> list[str]:
        """Ends everything; gives the names of processes that did not end in time."""
        late = await asyncio.to_thread(self.crew.end)
        await self.server.stop()
        await self.receiver.stop()
        return list(late)
