"""What `make up` does, with stand-ins for Docker: refusals in words, secrets made once, and what is told at the end."""

import socket
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from cluster.up import (
    NEEDED_GB,
    PORTS,
    SECRETS,
    Said,
    ask,
    memory,
    obstacles,
    prepare_config,
    read_env,
    taken,
    up,
    whose,
    write_secrets,
)
from process.places import Places
from process.ports import is_free
from tests.deploy.conftest import ROOT


class Docker:
    """Answers as a Docker that is all right, but for what a test changes."""

    def __init__(self, **answers: Said) -> None:
        self.answers = {
            "docker --version": Said(0, "Docker version 28.2.2"),
            "docker info --format {{.ServerVersion}}": Said(0, "28.2.2"),
            "docker compose version --short": Said(0, "2.40.3"),
            "docker info --format {{.MemTotal}}": Said(0, str(16 * 2**30)),
        }
        self.called: list[list[str]] = []
        self.gives = 0
        self.running = ""

    def ask(self, words: Sequence[str]) -> Said:
        return Said(0, self.running) if words[-2:] == ["ps", "--quiet"] else self.answers[" ".join(words)]

    def call(self, words: Sequence[str]) -> int:
        self.called.append(list(words))
        return self.gives


@pytest.mark.parametrize(
    ("asked", "answer", "said"),
    [
        ("docker --version", Said(127, ""), "Docker is not installed"),
        (
            "docker info --format {{.ServerVersion}}",
            Said(1, "Cannot connect to it"),
            "No Docker engine answers (Cannot",
        ),
        ("docker info --format {{.ServerVersion}}", Said(0, "20.10.24"), "Engine 20.10.24 is too old"),
        ("docker compose version --short", Said(1, "unknown command"), "no compose plugin"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(tmp_path: Path, asked: str, answer: Said, said: str) -> None:
    (tmp_path / "docker-compose.yml").touch()
    docker = Docker()
    docker.answers[asked] = answer
    lines: list[str] = []
    assert up(tmp_path, [], docker.ask, docker.call, lines.append, lambda _: True) == 2
    assert said in "\n".join(lines)
    assert not docker.called
    assert [path.name for path in tmp_path.iterdir()] == ["docker-compose.yml"]


def test_a_command_that_is_not_there_is_no_exception() -> None:
    assert ask(["no-such-command-as-this"]).code == 127


def test_little_memory_is_a_warning_and_no_obstacle() -> None:
    docker = Docker()
    assert not memory(docker.ask)
    docker.answers["docker info --format {{.MemTotal}}"] = Said(0, str(4 * 2**30))
    assert memory(docker.ask).startswith("Docker has 4.0 GB of memory; the services may take 9 GB")
    assert not obstacles(docker.ask)


def test_the_memory_that_is_asked_for_is_that_of_the_compose_file() -> None:
    sizes = {"m": 2**20, "g": 2**30}
    total = 0
    for name, service in yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].items():
        limit = str(service["mem_limit"]).removeprefix("${ELASTIC_MEMORY:-").removesuffix("}")
        if name not in ("accounts", "setup", "demo", "prometheus", "grafana"):
            total += int(limit[:-1]) * sizes[limit[-1]]
    assert abs(total / 2**30 - NEEDED_GB) <= 0.5


def test_secrets_are_made_once_and_are_for_their_owner_only(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nELASTIC_PASSWORD='my own'\nELASTIC_HEAP=2g")
    made = write_secrets(path, 1000, 1000)
    assert set(made) == {*SECRETS, "CEASEWIRE_UID", "CEASEWIRE_GID"} - {"ELASTIC_PASSWORD"}
    text = path.read_text()
    assert text.startswith("# mine\nELASTIC_PASSWORD='my own'\nELASTIC_HEAP=2g\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    env = read_env(text)
    assert env["ELASTIC_PASSWORD"] == "my own"
    drawn = [env[name] for name in SECRETS if name != "ELASTIC_PASSWORD"]
    assert len(set(drawn)) == len(drawn)
    assert all(len(secret) == 48 for secret in drawn)
    path.chmod(0o644)
    assert write_secrets(path, 1000, 1000) == []
    assert path.read_text() == text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == [".env"]


def test_the_containers_are_the_user_but_never_root() -> None:
    assert whose(1000, 100) == (1000, 100)
    assert whose(0, 0) == (10001, 10001)


def test_a_configuration_that_containers_cannot_read_is_said(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir(mode=0o700)
    owner = config.stat().st_uid
    assert not prepare_config(Places(config, tmp_path / "data"), owner, 1000)
    assert (config / "feeds.yml").exists()
    (said,) = prepare_config(Places(config, tmp_path / "data"), owner + 77, owner + 77)
    assert f"run as user {owner + 77}, who cannot read" in said
    config.chmod(0o755)
    assert not prepare_config(Places(config, tmp_path / "data"), owner + 77, owner + 77)


def test_a_start_that_works_tells_where_all_is(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").touch()
    docker = Docker()
    lines: list[str] = []
    assert up(tmp_path, ["demo", "monitoring"], docker.ask, docker.call, lines.append, lambda _: True) == 0
    start, status = docker.called
    assert start[-6:] == ["up", "-d", "--build", "--wait", "--wait-timeout", "900"]  # built: after git pull it is old
    assert start.count("--profile") == 2
    assert status[-3:] == ["ceasewire", "cluster", "status"]
    env = read_env((tmp_path / ".env").read_text())
    told = "\n".join(lines)
    assert env["DESK_TOKEN"] in told
    for name in set(SECRETS) - {"DESK_TOKEN"}:
        assert env[name] not in told
    for address in ("127.0.0.1:8321", "127.0.0.1:5601", "127.0.0.1:3000", "127.0.0.1:8322"):
        assert address in told
    assert (tmp_path / "config/feeds.yml").exists()


def test_a_start_that_fails_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").touch()
    docker = Docker()
    docker.gives = 1
    lines: list[str] = []
    assert up(tmp_path, [], docker.ask, docker.call, lines.append, lambda _: True) == 1
    assert "docker compose ps -a" in lines[-1]


def test_a_port_of_another_program_is_said_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "docker-compose.yml").touch()
    docker, said = Docker(), list[str]()
    assert up(tmp_path, [], docker.ask, docker.call, said.append, lambda port: port != 8321) == 2
    assert said[-1].startswith("Port 8321, which the desk needs, is taken by another program")
    assert docker.called == []
    docker.running = "4be1"  # its own containers have it
    assert up(tmp_path, [], docker.ask, docker.call, said.append, lambda port: port != 8321) == 0


def test_ports_are_looked_at_where_they_are_listened_on() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        port = one.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)


def test_the_ports_are_those_of_the_compose_file() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    published = {int(port.split(":")[1]) for service in services.values() for port in service.get("ports", ())}
    assert published == {port for ports in PORTS.values() for port in ports}
    assert len(taken(["demo", "monitoring"], lambda _: False)) == len(published)


def test_elsewhere_it_says_where_to_run_it(tmp_path: Path) -> None:
    lines: list[str] = []
    assert up(tmp_path, [], Docker().ask, Docker().call, lines.append) == 2
    assert "no docker-compose.yml" in lines[0]
