"""A copy of the project that `make up` starts under another name, and what can be asked of its containers."""

import base64
import json
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from cluster.up import read_env
from process.first_start import write_starter
from process.places import Places
from tests.deploy.docker_engine import ROOT, Failed, docker

PROJECT = "ceasewire-check"
IMAGE = "ceasewire:compose-check"
OURS = ("producer", "tagger", "gatherer", "notifier", "indexer", "desk")
ONCE = ("accounts", "setup", "demo")
COPIED = ("docker-compose.yml", ".dockerignore", "pyproject.toml", "README.md", "LICENSE", "constraints", "deploy")
PACKAGES = ("ceasewire", "process", "producers", "streams", "indexers", "desk", "embedded", "cluster")
DESK = "http://127.0.0.1:8321"
PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]


class Answer(NamedTuple):
    """What an address answered."""

    status: int
    text: str
    heads: Mapping[str, str]


class Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Nowhere."""


def ask(url: str, body: bytes | None = None, **heads: str) -> Answer:
    """The answer, whatever its status; raises Failed where there is none."""
    named = {name.replace("_", "-"): value for name, value in heads.items()}
    asked = urllib.request.Request(url, body, named)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
    try:
        with opener.open(asked, timeout=30) as answer:
            return Answer(answer.status, answer.read().decode(), answer.headers)
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.read().decode(), error.headers)
    except OSError as error:
        raise Failed(f"{url} does not answer: {error}") from None


def override(engines: Mapping[str, str]) -> str:
    """What changes in the compose file: names of images, and one more service that serves the feeds."""
    services: dict[str, Any] = {name: {"image": IMAGE} for name in (*OURS, *ONCE)}
    services["setup"]["build"] = {"network": "host"}
    services |= {name: {"image": image} for name, image in engines.items()}
    services["feeds"] = {
        "image": IMAGE,
        "pull_policy": "never",
        "command": ["python", "-m", "http.server", "8000", "--directory", "/feeds"],
        "volumes": ["./feeds:/feeds:ro"],
        "healthcheck": {
            "test": ["CMD", "python", "-m", "cluster.probe", "http://127.0.0.1:8000/"],
            "interval": "2s",
        },
        "init": True,
    }
    return yaml.safe_dump({"services": services})


class Stack:
    """The copy, its feeds, and the containers."""

    def __init__(self, folder: Path, engines: Mapping[str, str]) -> None:
        """`engines` gives the image of each service that is not ours."""
        self.folder = folder
        self.feeds: dict[str, int] = {}
        for name in COPIED:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / name)
        for name in PACKAGES:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "feeds").mkdir(mode=0o755)
        (folder / "docker-compose.override.yml").write_text(override(engines), encoding="utf-8")
        folder.chmod(0o755)
        write_starter(self.places)
        settings = yaml.safe_dump({"polling": {"allow_private": PRIVATE}})
        (self.places.config / "settings.yml").write_text(settings, encoding="utf-8")

    @property
    def places(self) -> Places:
        """Where its configuration is."""
        return Places(self.folder / "config", self.folder / "data")

    @property
    def env(self) -> dict[str, str]:
        """What `make up` wrote."""
        return read_env((self.folder / ".env").read_text(encoding="utf-8"))

    def serve(self, name: str, entries: int) -> None:
        """One more feed, which is read from now on."""
        titles = (f"{name}: delegations of Russia and Ukraine meet for talks, day {n}" for n in range(entries))
        items = "".join(
            f"<item><guid>{name}-{n}</guid><title>{title}</title><link>http://feeds/{name}/{n}</link></item>"
            for n, title in enumerate(titles)
        )
        text = f"<?xml version='1.0'?><rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>"
        (self.folder / "feeds" / f"{name}.xml").write_text(text, encoding="utf-8")
        self.feeds[name] = entries
        rest = {"outlet": "Talks", "language": "en", "interval": "1m"}
        feeds = [{"id": id, "url": f"http://feeds:8000/{id}.xml", **rest} for id in self.feeds]
        (self.places.config / "feeds.yml").write_text(yaml.safe_dump({"feeds": feeds}), encoding="utf-8")

    def open_config(self) -> None:
        """Lets the user of the containers read config/, whoever runs this."""
        for path in (self.places.config, *self.places.config.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)

    def start(self) -> list[str]:
        """What `make up` says after all is up; raises Failed."""
        done = subprocess.run(
            [sys.executable, "-m", "cluster.up"],
            cwd=self.folder,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = (done.stdout + done.stderr).strip().splitlines()
        if done.returncode:
            raise Failed("make up: " + "\n".join([*lines[-15:], self.logs()]))
        return done.stdout.strip().splitlines()

    def compose(self, *words: str) -> str:
        """What docker compose says."""
        return docker("compose", *words, environ=self._environ, folder=self.folder)

    def states(self) -> list[dict[str, Any]]:
        """Each container as docker compose lists it."""
        return [json.loads(line) for line in self.compose("ps", "-a", "--format", "json").splitlines()]

    def inspect(self) -> list[dict[str, Any]]:
        """Each container as the engine knows it."""
        found: list[dict[str, Any]] = json.loads(docker("inspect", *self.compose("ps", "-aq").splitlines()))
        return found

    def memory(self) -> dict[str, float]:
        """How much of its limit each running container takes, in per cent."""
        words = ("stats", "--no-stream", "--format", "{{.Name}} {{.MemPerc}}", *self.compose("ps", "-q").splitlines())
        pairs = (line.split() for line in docker(*words).splitlines())
        return {name.removeprefix(f"{PROJECT}-"): float(share.rstrip("%")) for name, share in pairs}

    def status(self) -> dict[str, Any]:
        """What `ceasewire cluster status` knows, whatever it finds wrong."""
        words = "ceasewire cluster status --json || true"
        found: dict[str, Any] = json.loads(self.compose("exec", "-T", "desk", "sh", "-c", words).splitlines()[-1])
        return found

    def counted(self, index: str = "ceasewire-items") -> int:
        """Documents of the index, or -1 where it cannot be asked."""
        login = base64.b64encode(f"elastic:{self.env['ELASTIC_PASSWORD']}".encode()).decode()
        for part in ("_refresh", "_count"):
            said = ask(f"http://127.0.0.1:9200/{index}/{part}", b"", Authorization=f"Basic {login}")
        return int(json.loads(said.text)["count"]) if said.status == 200 else -1

    def enter(self, token: str) -> Answer:
        """What the desk's login answers to a token."""
        return ask(f"{DESK}/enter", urllib.parse.urlencode({"token": token}).encode(), Origin=DESK)

    def logs(self, *services: str) -> str:
        """The end of what they logged."""
        try:
            return self.compose("logs", "--no-color", "--tail", "12", *services)
        except Failed as error:
            return str(error)

    def end(self) -> None:
        """Removes the containers and what they stored."""
        self.compose("--profile", "demo", "down", "-v", "--timeout", "10")

    @property
    def _environ(self) -> dict[str, str]:
        return {**os.environ, "COMPOSE_PROJECT_NAME": PROJECT, "PYTHONPATH": str(self.folder)}
