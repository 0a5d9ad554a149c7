"""A cluster of its own for one measurement: topics, indices, configuration, and the processes that are measured."""

import asyncio
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

import psutil

from ceasewire import bundled
from ceasewire.config.settings import Settings
from cluster.broker import Broker, Outgoing, Place
from cluster.demo.crew import Crew, Worker
from cluster.setup_index import Indices
from cluster.stages import STAGES, places
from cluster.topics_setup import Topics
from process.config_files import read_settings
from process.places import Places

PARTITIONS = 4
RULE = {"id": "bench", "name": "Bench", "query": "benchmarkalert", "max_age": "24 h", "channels": ["bench"]}


@dataclass
class Bench:
    """One cluster. Blocking calls are made in threads."""

    folder: Path
    settings: Settings
    crew: Crew

    def write(self, rows: Sequence[Outgoing]) -> None:
        """Writes rows, and returns once the broker has them."""
        with Broker(self.settings.kafka) as broker:
            for start in range(0, len(rows), 1000):
                broker.write(rows[start : start + 1000])

    def behind(self, stage: str) -> int:
        """How many rows the stage has not committed."""
        with Broker(self.settings.kafka) as broker:
            return self._behind(broker, stage)

    def _behind(self, broker: Broker, stage: str) -> int:
        mine = places(self.settings.kafka, STAGES[stage])
        done: Mapping[Place, int] = broker.committed(stage)
        return sum(end - done.get(place, 0) for place, end in broker.ends(mine).items())

    def wait_done(self, stage: str, seconds: float = 180.0) -> float:
        """Returns once the stage has committed all; gives the moment."""
        until = perf_counter() + seconds
        with Broker(self.settings.kafka) as broker:
            while self._behind(broker, stage):
                if perf_counter() > until:
                    raise TimeoutError(f"{stage} did not come to the end in {seconds:g} s")
                sleep(0.05)
        return perf_counter()

    def wait_written(self, topic: str, rows: int, seconds: float = 180.0) -> float:
        """Returns once the topic has so many rows; gives the moment."""
        until = perf_counter() + seconds
        with Broker(self.settings.kafka) as broker:
            mine = places(self.settings.kafka, (topic,))
            while sum(broker.ends(mine).values()) < rows:
                if perf_counter() > until:
                    raise TimeoutError(f"{topic} did not get {rows} rows in {seconds:g} s")
                sleep(0.05)
        return perf_counter()

    def written(self, topic: str) -> int:
        """How many rows the topic has."""
        with Broker(self.settings.kafka) as broker:
            return sum(broker.ends(places(self.settings.kafka, (topic,))).values())

    async def take(
        self, stage: str, rows: Sequence[Outgoing], processes: Sequence[int], gives: str | None = None
    ) -> "Took":
        """Lets the stage do rows that lie in the log when the clock starts; `processes` are those that do it.

        They stand still while the rows are written: that is work of the bench, on the same cores. The clock stops when
        all is committed, or when `gives`, a topic, has as many rows more.
        """
        given = await asyncio.to_thread(self.written, gives) if gives else 0
        before, machine = [cpu(pid) for pid in processes], Machine()
        for pid in processes:
            psutil.Process(pid).suspend()
        try:
            await asyncio.to_thread(self.write, rows)
        finally:
            began = perf_counter()
            for pid in processes:
                psutil.Process(pid).resume()
        if gives:
            ended = await asyncio.to_thread(self.wait_written, gives, given + len(rows))
        else:
            ended = await asyncio.to_thread(self.wait_done, stage)
        used = sum(cpu(pid) for pid in processes) - sum(before)
        return Took(len(rows), ended - began, used, machine.others(), machine.ours() - used)

    async def started(self, role: str) -> Worker:
        """A process of the role that is ready."""
        worker = self.crew.start(role)
        await self.crew.ready()
        return worker

    async def ended(self, worker: Worker) -> None:
        """SIGTERM, and waits."""
        worker.killed = True
        worker.process.terminate()
        await asyncio.to_thread(worker.process.wait, 15)

    def run(self, module: str) -> subprocess.Popen[bytes]:
        """A process of a benchmark, with the same settings."""
        log = (self.folder / f"{module}.log").open("ab")
        with log:
            return subprocess.Popen([sys.executable, "-m", module], env=dict(self.crew.environ), stdout=log, stderr=log)


@dataclass(frozen=True)
class Took:
    """What a number of rows took."""

    rows: int
    wall: float
    cpu: float
    others: float = 0.0
    """Cores that were taken meanwhile by what does not belong to the measurement."""
    services: float = 0.0
    """Seconds of processor time of broker, node and bench meanwhile, with the writing of the rows."""

    @property
    def rate(self) -> float:
        """Rows a second by the clock on the wall."""
        return self.rows / self.wall

    @property
    def per_core(self) -> float:
        """Rows a second of processor time of the process."""
        return self.rows / self.cpu


class Machine:
    """Who had the processors from now on: the bench with its services and processes, or others."""

    def __init__(self) -> None:
        self._began = perf_counter()
        self._all, self._ours = _busy(), _ours()

    def ours(self) -> float:
        """Seconds that the bench with all its processes had since then."""
        return _ours() - self._ours

    def others(self) -> float:
        """Cores that others had since then, on the average; what ended meanwhile counts as theirs."""
        return max(_busy() - self._all - self.ours(), 0.0) / (perf_counter() - self._began)


def _busy() -> float:
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _ours() -> float:
    """Of all that descends from what started the bench: with `tests.services` that is the broker and the node too."""
    top = psutil.Process(os.getppid())
    found = 0.0
    for one in (top, *top.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            found += cpu(one.pid)
    return found


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has had, all threads."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def bench(folder: Path, channel: Mapping[str, object] | None = None) -> AsyncIterator[Bench]:
    """Makes topics and indices of a prefix of their own, which stay; the processes are ended afterwards."""
    name = f"bench-{secrets.token_hex(3)}"
    home = folder / name
    config = home / "config"
    (config / "rules").mkdir(parents=True)
    for file, text in bundled.rule_texts().items():
        (config / "rules" / file).write_text(text, encoding="utf-8")
    (config / "feeds.yml").write_text("feeds: []\n", encoding="utf-8")
    (config / "settings.yml").write_text("log:\n  form: json\n", encoding="utf-8")
    if channel is not None:
        (config / "channels.yml").write_text(json.dumps({"channels": [channel]}), encoding="utf-8")
        (config / "rules" / "bench.yml").write_text(json.dumps(RULE), encoding="utf-8")
    environ = {
        **os.environ,
        "CEASEWIRE_CONFIG": str(config),
        "CEASEWIRE_KAFKA__PREFIX": f"{name}-",
        "CEASEWIRE_KAFKA__PARTITIONS": str(PARTITIONS),
        "CEASEWIRE_ELASTICSEARCH__PREFIX": name,
    }
    settings = read_settings(Places(config=config, data=home), environ)
    made = Bench(home, settings, Crew(home, environ))
    await asyncio.to_thread(Topics(settings.kafka, "0" * 32).run)
    await asyncio.to_thread(Indices(settings.elasticsearch).run)
    try:
        yield made
    finally:
        await asyncio.to_thread(made.crew.end)
