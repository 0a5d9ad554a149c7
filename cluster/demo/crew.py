"""The processes of the cluster edition, each started as an operator would start it, with a log of its own."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import aiohttp

from ceasewire.errors import CeasewireError

ROLES: Mapping[str, tuple[str, ...]] = {
    "producer": ("producers",),
    "tagger": ("streams", "tag"),
    "gatherer": ("streams", "gather"),
    "notifier": ("streams", "notify"),
    "indexer": ("indexers",),
    "desk": ("cluster.desk",),
}
"""What each role is started with, after `python -m`."""
_PORTS = range(20_000, 32_000)
_UP = 90.0
_END = 15.0
_TAIL = 15


@dataclass
class Worker:
    """One process."""

    name: str
    role: str
    port: int
    log: Path
    process: subprocess.Popen[bytes]
    killed: bool = False

    @property
    def runs(self) -> bool:
        """Whether it is there."""
        return self.process.poll() is None

    def kill(self) -> None:
        """Ends it at once, as a failing machine would."""
        self.killed = True
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-_TAIL:])


@dataclass
class Crew:
    """All processes of one run. `end` must be called."""

    folder: Path
    environ: Mapping[str, str]
    workers: list[Worker] = field(default_factory=list)

    def start(self, role: str, port: int | None = None) -> Worker:
        """One more process of the role; `port` is where it answers, where that is not the one of its probes."""
        number = sum(worker.role == role for worker in self.workers) + 1
        name, port = f"{role}-{number}", port or free_port()
        log = self.folder / f"{name}.log"
        environ = {**self.environ, "CEASEWIRE_PROBES__PORT": str(port)}
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", *ROLES[role]],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        worker = Worker(name, role, port, log, process)
        self.workers.append(worker)
        return worker

    def command(self, *words: str) -> str:
        """Runs a command of `ceasewire` to its end and gives what it printed. Raises CeasewireError where it fails."""
        ran = subprocess.run(
            [Path(sys.executable).parent / "ceasewire", *words],
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise CeasewireError(f"ceasewire {' '.join(words)} failed: {(ran.stdout + ran.stderr).strip()[-1500:]}")
        return ran.stdout

    async def ready(self) -> None:
        """Returns once each process that runs says that it is ready. Raises CeasewireError with what one said."""
        until = monotonic() + _UP
        async with aiohttp.ClientSession() as session:
            for worker in self.workers:
                while worker.runs and (why := await _unready(session, worker)):
                    if monotonic() > until:
                        raise CeasewireError(f"{worker.name} is not ready: {why}\n{worker.tail()}")
                    await asyncio.sleep(0.2)
                if not worker.runs and not worker.killed:
                    raise CeasewireError(f"{worker.name} ended by itself\n{worker.tail()}")

    async def figure(self, worker: Worker, name: str) -> float:
        """The sum of a metric of the process over its labels."""
        async with aiohttp.ClientSession() as session, session.get(_address(worker, "metrics")) as answer:
            lines = (await answer.text()).splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))

    def faults(self) -> Sequence[str]:
        """What ended though nobody told it to."""
        return [f"{one.name} ended by itself\n{one.tail()}" for one in self.workers if not one.runs and not one.killed]

    def end(self) -> Sequence[str]:
        """Ends every process; gives the names of those that did not end within their time."""
        for worker in self.workers:
            if worker.runs:
                worker.process.terminate()
        late = []
        until = monotonic() + _END
        for worker in self.workers:
            try:
                worker.process.wait(max(until - monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                late.append(worker.name)
                os.killpg(worker.process.pid, signal.SIGKILL)
                worker.process.wait()
        return late


def free_port() -> int:
    """A port of 127.0.0.1 that nothing holds, below those that the system gives to clients. Raises CeasewireError.

    A client of a broker that is away would else be given it before the process that it is meant for has begun.
    """
    for port in random.sample(_PORTS, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise CeasewireError(f"no port of 127.0.0.1 from {_PORTS.start} to {_PORTS.stop - 1} seems to be free")


def _address(worker: Worker, page: str) -> str:
    return f"http://127.0.0.1:{worker.port}/{page}"


async def _unready(session: aiohttp.ClientSession, worker: Worker) -> str:
    """Why the process is not ready; empty where it is."""
    try:
        async with session.get(_address(worker, "ready"), timeout=aiohttp.ClientTimeout(2)) as answer:
            return "" if answer.status == 200 else await answer.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error).__name__
