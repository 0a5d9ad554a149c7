"""`make images-check`: builds the image with a Docker engine and lets compose run our services from it.

Kafka and Elasticsearch are those of the tests, or what TEST_KAFKA_BOOTSTRAP and TEST_ELASTICSEARCH_URL name. What
cannot be run here is said as "not run: reason" and ends with 3; a fault ends with 1.
"""

import json
import os
import secrets
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from cluster.up import SECRETS
from process.first_start import write_starter
from process.places import Places
from tests.deploy.docker_engine import BASE, ROOT, Failed, NotRun, base, docker, engine, outcome
from tests.services.cleaning import clean_elasticsearch, clean_kafka
from tests.services.files import Changed
from tests.services.java import Missing
from tests.services.service import NotStarted, free_ports
from tests.services.sources import begin

IMAGE = "ceasewire:images-check"
USER = 10001
ENTRIES = 40
OURS = ("producer", "tagger", "gatherer", "notifier", "indexer", "desk")
HELPS = (
    ("python", "-m", "producers", "--help"),
    ("python", "-m", "streams", "--help"),
    ("python", "-m", "indexers", "--help"),
    ("ceasewire", "cluster", "--help"),
)


def check_image() -> None:
    """Builds it, and sees that every process starts as nobody, with nothing writable and no network."""
    began = time.monotonic()
    build = ["build", "--network", "host", "-q", "-f", "deploy/docker/Dockerfile", "-t", IMAGE, "."]
    docker(*build, environ={"DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0")})
    size = int(docker("image", "inspect", IMAGE, "--format", "{{.Size}}")) / 1e6
    below = int(docker("image", "inspect", BASE, "--format", "{{.Size}}")) / 1e6
    print(f"built in {time.monotonic() - began:.0f} s: {size:.0f} MB, of which {below:.0f} MB are {BASE}")
    bare = ["run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", "--tmpfs", "/tmp", IMAGE]
    if docker(*bare, "id", "-u") != str(USER):
        raise Failed(f"it does not run as {USER}")
    for words in HELPS:
        docker(*bare, *words)
    try:
        docker(*bare, "touch", "/opt/ceasewire/x")
    except Failed:
        pass
    else:
        raise Failed("its root can be written")
    print(f"{len(HELPS)} processes start as user {USER} with a read-only root and no rights")


@contextmanager
def feed(folder: Path) -> Iterator[str]:
    """A feed on this machine; gives its address."""
    entries = "".join(
        f"<item><guid>{n}</guid><title>Delegations meet for talks, day {n}</title>"
        f"<link>http://127.0.0.1/{n}</link></item>"
        for n in range(ENTRIES)
    )
    text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Talks</title>{entries}</channel></rss>"
    (folder / "feed.xml").write_text(text, encoding="utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, args=(0.1,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/feed.xml"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def configure(folder: Path, address: str) -> Path:
    """A config/ with the one feed, readable for the user of the containers."""
    config = folder / "config"
    write_starter(Places(config, folder / "data"))
    one = {"id": "talks", "url": address, "outlet": "Talks", "language": "en", "interval": "1m"}
    (config / "feeds.yml").write_text(yaml.safe_dump({"feeds": [one]}), encoding="utf-8")
    (config / "settings.yml").write_text("polling: {allow_private: [127.0.0.0/8]}\n", encoding="utf-8")
    for path in (config, *config.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return config


def override(config: Path, ports: Mapping[str, int], kafka: str, elasticsearch: str, prefix: str) -> str:
    """What changes in the compose file where engines are not its own: the host's network, and ports of their own."""
    lines = ["services:"]
    for name in ("setup", *OURS):
        port = ports.get(name, 0)
        lines += [f"  {name}:", f"    image: {IMAGE}", "    build: !reset null", "    network_mode: host"]
        lines += [f"    volumes: !override ['{config}:/config:ro']", "    environment:"]
        environment = {
            "CEASEWIRE_KAFKA__BOOTSTRAP": kafka,
            "CEASEWIRE_KAFKA__PREFIX": f"{prefix}-",
            "CEASEWIRE_ELASTICSEARCH__URL": elasticsearch,
            "CEASEWIRE_ELASTICSEARCH__PREFIX": prefix,
            "CEASEWIRE_PROBES__HOST": "127.0.0.1",
            "CEASEWIRE_PROBES__PORT": str(port),
        }
        if name == "desk":
            environment |= {"CEASEWIRE_DESK__HOST": "127.0.0.1", "CEASEWIRE_DESK__PORT": str(port)}
        lines += [f"      {key}: '{value}'" for key, value in environment.items()]
        lines.append("      CEASEWIRE_KIBANA__URL: !reset null")
        if name == "setup":
            lines.append("    depends_on: !reset {}")
            continue
        if name == "desk":
            lines.append("    ports: !reset []")
        test = json.dumps(["CMD", "python", "-m", "cluster.probe", f"http://127.0.0.1:{port}/ready"])
        # engines before 25 know no start_interval
        lines.append(f"    healthcheck: !override {{test: {test}, interval: 3s, timeout: 5s, retries: 60}}")
    return "\n".join(lines) + "\n"


def counted(elasticsearch: str, prefix: str) -> int:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for part in ("_refresh", "_count"):
        asked = urllib.request.Request(f"{elasticsearch}/{prefix}-items/{part}", method="POST")
        with opener.open(asked, timeout=30) as answer:
            found: dict[str, Any] = json.loads(answer.read())
    return int(found["count"])


def read_figures(port: int) -> list[str]:
    """What a process has counted, as far as it is not nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return [line for line in lines if "_total" in line and line[0] != "#" and not line.endswith(" 0.0")]


def check_compose(stack: ExitStack) -> None:
    """Brings our services up, lets them take a feed as far as the index, and ends them."""
    try:
        docker("compose", "version", seconds=30)
    except Failed:
        raise NotRun("docker has no compose plugin") from None
    try:
        kafka, elasticsearch = begin("kafka"), begin("elasticsearch")
    except (Missing, Changed, NotStarted) as error:
        raise NotRun(str(error)) from None
    for source in (kafka, elasticsearch):
        print(source.told)
        stack.callback(source.stop)
    folder = Path(tempfile.mkdtemp(prefix="ceasewire-images-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    config = configure(folder, stack.enter_context(feed(folder)))
    prefix = f"images{secrets.token_hex(4)}"
    ports = dict(zip(OURS, free_ports(len(OURS)), strict=True))
    changed = override(config, ports, kafka.address, elasticsearch.address.rstrip("/"), prefix)
    (folder / "override.yml").write_text(changed, encoding="utf-8")
    environ = {name: secrets.token_hex(24) for name in SECRETS}
    files = ["-f", str(ROOT / "docker-compose.yml"), "-f", str(folder / "override.yml")]
    compose = ["compose", "-p", prefix, "--project-directory", str(ROOT), *files]

    def down() -> None:
        docker(*compose, "down", "-v", "--timeout", "5", environ=environ)
        clean_kafka(kafka.address, f"{prefix}-")
        clean_elasticsearch(elasticsearch.address, prefix)

    stack.callback(down)
    began = time.monotonic()
    try:
        docker(*compose, "up", "-d", "--wait", *OURS, environ=environ)
    except Failed as error:
        logs = docker(*compose, "logs", "--no-color", "--tail", "12", environ=environ)
        raise Failed(f"{error}\n{logs}") from None
    print(f"{len(OURS)} services are up and ready {time.monotonic() - began:.0f} s after docker compose up --wait")
    until = time.monotonic() + 120
    while (found := counted(elasticsearch.address.rstrip("/"), prefix)) < ENTRIES and time.monotonic() < until:
        time.sleep(1)
    if found != ENTRIES:
        logs = docker(*compose, "logs", "--no-color", "--tail", "12", environ=environ)
        figures = "\n".join(f"{name}: {'; '.join(read_figures(port))}" for name, port in ports.items())
        raise Failed(f"{found} of {ENTRIES} entries are in the index\n{logs}\n{figures}")
    print(f"{found} of {ENTRIES} entries of a feed are in the index {time.monotonic() - began:.0f} s after it")
    docker(*compose, "stop", environ=environ)
    ended = ended_badly(docker(*compose, "ps", "-a", "--format", "json", environ=environ).splitlines())
    if ended:
        raise Failed(f"told to stop, they did not end well: {', '.join(ended)}")
    print("told to stop, each ended with 0")


def ended_badly(lines: Sequence[str]) -> list[str]:
    """Services whose exit code is another than 0."""
    states = [json.loads(line) for line in lines]
    return [f"{one['Service']} ({one['ExitCode']})" for one in states if one["ExitCode"]]


def check_all() -> None:
    """All of it; raises NotRun and Failed."""
    print(f"Docker Engine {engine()}")
    base()
    check_image()
    with ExitStack() as stack:
        check_compose(stack)


if __name__ == "__main__":
    sys.exit(outcome(check_all))
