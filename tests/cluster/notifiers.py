"""Notifiers as processes of their own, and a receiver that takes its time, for tests."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ceasewire.config.channels import Channel
from ceasewire.config.settings import KafkaSettings
from tests.cluster.workers import ENDED, seconds_of_end
from tests.fakes.receiver import Answer, Receiver

ROOT = Path(__file__).parents[2]


@dataclass
class SlowReceiver(Receiver):
    """Answers after a while; `seconds` may differ by path."""

    seconds: float = 0.05

    async def _reply(self, answer: Answer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.seconds)
        await super()._reply(answer, reader, writer)

    def count(self) -> Counter[str]:
        """How often each id came."""
        return Counter(request.id for request in self.requests if request.id)


@asynccontextmanager
async def receiving_slowly(seconds: float = 0.05) -> AsyncIterator[SlowReceiver]:
    """A receiver on a free port of 127.0.0.1."""
    receiver = SlowReceiver(seconds=seconds)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await receiver.serve(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    receiver.address = f"http://{host}:{port}"
    try:
        yield receiver
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def write_configuration(
    folder: Path, settings: KafkaSettings, channels: Iterable[Channel], timeout: str = "15 s"
) -> None:
    """The folder `config/` of the notifiers. JSON is YAML."""
    (folder / "rules").mkdir(parents=True)
    (folder / "feeds.yml").write_text('{"feeds": []}', encoding="utf-8")
    whole = {
        "log": {"form": "json"},
        "kafka": {"bootstrap": list(settings.bootstrap), "prefix": settings.prefix},
        "probes": {"port": 0},
    }
    (folder / "settings.yml").write_text(json.dumps(whole), encoding="utf-8")
    listed: list[dict[str, Any]] = []
    for one in channels:
        told = one.model_dump(mode="json", exclude={"url", "secret"}) | {"url": one.url.get_secret_value()}
        listed.append(told | ({"secret": one.secret.get_secret_value()} if one.secret else {}))
    (folder / "channels.yml").write_text(json.dumps({"channels": listed}), encoding="utf-8")


class Notifier:
    """`python -m streams notify` on a folder; its log goes into a file."""

    def __init__(self, config: Path, log: Path) -> None:
        self.log = log
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CEASEWIRE_")}
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streams", "notify"],
                cwd=ROOT,
                env=environ | {"CEASEWIRE_CONFIG": str(config)},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def lines(self) -> list[dict[str, Any]]:
        """What it logged."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{") and line.endswith("}")]

    async def ready(self, seconds: float = 90) -> float:
        """Waits until /ready says yes; gives the seconds that it took."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
            found = [line["address"] for line in self.lines() if line.get("event") == "probes"]
            if found and await asyncio.to_thread(_says_yes, f"{found[0].rstrip('/')}/ready"):
                return time.monotonic() - began
            await asyncio.sleep(0.1)
        raise AssertionError(f"not ready: {self.log.read_text(encoding='utf-8')[-3000:]}")

    async def alive(self) -> bool:
        """What /live says."""
        [address] = [line["address"] for line in self.lines() if line.get("event") == "probes"]
        return await asyncio.to_thread(_says_yes, f"{address.rstrip('/')}/live")

    async def end(self) -> float:
        """SIGTERM; gives the seconds that it took, with exit code 0."""
        self.process.send_signal(signal.SIGTERM)
        code = await asyncio.to_thread(self.process.wait, ENDED)
        said = self.log.read_text(encoding="utf-8")
        assert code == 0, said[-3000:]
        return seconds_of_end(said)

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()
        self.process.wait(10)


def _says_yes(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
