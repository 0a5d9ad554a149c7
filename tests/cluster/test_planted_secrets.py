"""Planted secrets, and everything that the processes of the cluster show, write or hand on."""

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from cluster.broker import Outgoing
from tests.cli.folders import eventually
from tests.cli.test_secrets import PLANTED as IN_CONFIG
from tests.cli.test_secrets import leaks as _leaks
from tests.cli.test_secrets import plant
from tests.cluster.brokers import asking, rows_of
from tests.fakes.feed_server import serving
from tests.fakes.receiver import receiving
from tests.services.service import free_ports

IN_ENGINES = {
    "kafka_password": "planted-kafka-password-13",
    "kafka_wrong": "planted-kafka-wrong-password-14",
    "elastic_key": "planted-elastic-api-key-15",
    "elastic_password": "planted-elastic-password-16",
}
JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    f'username="broker" password="other" user_broker="other" user_ceasewire="{IN_ENGINES["kafka_password"]}";'
)
PARTS = {
    "producer": ("-m", "producers"),
    "tagger": ("-m", "streams", "tag"),
    "gatherer": ("-m", "streams", "gather"),
    "notifier": ("-m", "streams", "notify"),
    "indexer": ("-m", "indexers"),
    "desk": ("-m", "cluster.desk"),
}
SHUT_OUT = {"producer": PARTS["producer"], "tagger": PARTS["tagger"]}
POISON = b'{"id": brok'
pytestmark = [pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.timeout(400)]


@pytest.fixture
def settings(own_broker: Callable[..., Any], prefix: str) -> KafkaSettings:
    broker = own_broker(
        protocols=("PLAINTEXT", "SASL_PLAINTEXT"),
        settings={
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
        },
    )
    return KafkaSettings(
        bootstrap=(broker.address_for("SASL_PLAINTEXT"),),
        prefix=prefix,
        partitions=2,
        protocol="sasl_plaintext",
        mechanism="PLAIN",
        username="ceasewire",
        password=SecretStr(IN_ENGINES["kafka_password"]),
    )


class Process:
    """A process of the cluster with its log, as an operator starts it."""

    def __init__(self, folder: Path, name: str, words: tuple[str, ...], environ: dict[str, str]) -> None:
        [self.port] = free_ports(1)
        self.log = folder / f"{name}.log"
        ports = {"CEASEWIRE_PROBES__PORT": str(self.port), "CEASEWIRE_DESK__PORT": str(self.port)}
        with self.log.open("wb") as out:
            self._running = subprocess.Popen(
                [sys.executable, "-W", "ignore", *words],
                env=environ | ports,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")

    def shown(self) -> str:
        return "\n".join(self.ask(path)[1] for path in ("live", "ready", "metrics"))

    def end(self) -> int:
        if self._running.poll() is None:
            self._running.send_signal(signal.SIGTERM)
        try:
            return self._running.wait(15)
        finally:
            self._running.kill()
            self._running.wait()


@contextmanager
def refusing() -> Iterator[str]:
    """An Elasticsearch that knows no login; gives its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(401)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.end_headers()

        do_POST = do_PUT = do_HEAD = do_GET

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def in_environment(folder: Path, settings: KafkaSettings, elasticsearch: str, prefix: str) -> dict[str, str]:
    file = folder / "kafka-password"
    file.write_text(IN_ENGINES["kafka_password"])
    file.chmod(0o600)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CEASEWIRE")}
    return inherited | {
        "CEASEWIRE_KAFKA__BOOTSTRAP": settings.bootstrap[0],
        "CEASEWIRE_KAFKA__PREFIX": settings.prefix,
        "CEASEWIRE_KAFKA__PARTITIONS": str(settings.partitions),
        "CEASEWIRE_KAFKA__PROTOCOL": settings.protocol,
        "CEASEWIRE_KAFKA__MECHANISM": settings.mechanism,
        "CEASEWIRE_KAFKA__USERNAME": "ceasewire",
        "CEASEWIRE_KAFKA__PASSWORD_FILE": str(file),
        "CEASEWIRE_ELASTICSEARCH__URL": elasticsearch,
        "CEASEWIRE_ELASTICSEARCH__PREFIX": prefix,
        "CEASEWIRE_ELASTICSEARCH__API_KEY": IN_ENGINES["elastic_key"],
        "CEASEWIRE_LOG__FORM": "json",
    }


async def command(environ: dict[str, str], *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *(str(Path(sys.executable).parent / "ceasewire"), "cluster", *words),
        env=environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    return said.decode()


def command_lines() -> str:
    """Those of every process of this machine."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(file.read_bytes().decode("utf-8", "replace"))
        except OSError:  # it has ended
            continue
    return "\n".join(found)


def leaks(shown: dict[str, str]) -> list[tuple[str, str]]:
    found = [(place, name) for place, text in shown.items() for name, secret in IN_ENGINES.items() if secret in text]
    return found + _leaks(shown)


def documents(elasticsearch: str, prefix: str) -> str:
    refresh = urllib.request.Request(f"{elasticsearch}/{prefix}-*/_refresh", method="POST")
    with urllib.request.urlopen(refresh, timeout=30):
        pass
    with urllib.request.urlopen(f"{elasticsearch}/{prefix}-*/_search?size=1000", timeout=30) as answer:
        found: str = answer.read().decode()
    return found


async def test_no_planted_secret_is_shown(
    tmp_path: Path, settings: KafkaSettings, elasticsearch: str, prefix: str
) -> None:
    assert len(IN_CONFIG) + len(IN_ENGINES) >= 12
    index = prefix.strip("-").lower()
    shown: dict[str, str] = {}
    running: dict[str, Process] = {}
    async with serving() as feeds, receiving() as receiver:
        places, secrets = plant(tmp_path, feeds, receiver)
        environ = in_environment(tmp_path, settings, elasticsearch, index) | secrets
        environ |= {"CEASEWIRE_CONFIG": str(places.config), "CEASEWIRE_DATA": str(places.data)}
        wrong = environ | {"CEASEWIRE_KAFKA__PASSWORD": IN_ENGINES["kafka_wrong"]}
        del wrong["CEASEWIRE_KAFKA__PASSWORD_FILE"]
        by_name = {"CEASEWIRE_ELASTICSEARCH__USERNAME": "u"}
        by_name["CEASEWIRE_ELASTICSEARCH__PASSWORD"] = IN_ENGINES["elastic_password"]
        named = {name: value for name, value in environ.items() if not name.endswith("API_KEY")} | by_name
        shown["setup"] = await command(environ, "setup", "--only", "topics", "--only", "index")
        with refusing() as nobody:
            try:
                for name, words in PARTS.items():
                    if name == "indexer":
                        continue  # first the one that is refused has all partitions
                    running[name] = Process(tmp_path, name, words, named if name == "desk" else environ)
                for name, words in SHUT_OUT.items():
                    running[f"shut out {name}"] = Process(tmp_path, f"wrong-{name}", words, wrong)
                refused = named | {"CEASEWIRE_ELASTICSEARCH__URL": nobody, "CEASEWIRE_KAFKA__PREFIX": settings.prefix}
                await eventually(lambda: len(receiver.requests) >= 2, 180)
                await asyncio.to_thread(poison, settings)
                await eventually(lambda: "dead_letters_total{" in running["tagger"].ask("metrics")[1], 60)
                running["refused indexer"] = Process(tmp_path, "refused", PARTS["indexer"], refused)
                await eventually(lambda: "does not let us in" in running["refused indexer"].ask("ready")[1], 60)
                shown["probes of the refused"] = await asyncio.to_thread(running["refused indexer"].shown)
                running["refused indexer"].end()
                running["indexer"] = Process(tmp_path, "indexer", PARTS["indexer"], environ)
                counted = 'ceasewire_indexed_total{kind="items",outcome="created"}'
                await eventually(lambda: counted in running["indexer"].ask("metrics")[1], 60)
                shown["ps"] = command_lines()
                for name, one in running.items():
                    shown[f"probes of {name}"] = await asyncio.to_thread(one.shown)
                key = await asyncio.to_thread(first_key, settings)
                asked = (("status",), ("dead", "list"), ("dead", "show", key))
                *told, shown["not let in"] = await asyncio.gather(
                    *(command(environ, *words) for words in asked), command(wrong, "status")
                )
                shown |= {" ".join(words): said for words, said in zip(asked, told, strict=True)}
                for name in (topic.name for topic in topics.topics(settings)):
                    rows = await asyncio.to_thread(rows_of, settings, name)
                    shown[f"topic {name}"] = "\n".join(f"{row.key!r} {row.value!r} {row.headers!r}" for row in rows)
                shown["index"] = await asyncio.to_thread(documents, elasticsearch, index)
            finally:
                ended = {name: one.end() for name, one in running.items()}
                shown |= {f"log of {name}": one.said for name, one in running.items()}
                print("\n".join(f"{name}: {one.said[-2000:]}" for name, one in running.items()))  # where it fails
    assert {name: code for name, code in ended.items() if code and name in PARTS} == {}
    # what is looked through is not empty
    assert "not_let_in" in shown["log of shut out producer"] + shown["probes of shut out producer"]
    assert '"feed":"locked"' in shown["log of producer"]
    assert POISON.decode() in shown["topic dead"]
    assert "ceasewire_dead_letters_total" in shown["probes of tagger"]
    assert "producers" in shown["ps"]
    assert "does not let us in" in shown["not let in"]
    assert "harbour" in shown["index"]
    assert leaks(shown) == []


def poison(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing(topics.ITEMS, b"poison", POISON)])


def first_key(settings: KafkaSettings) -> str:
    return rows_of(settings, topics.DEAD)[0].key.decode()
