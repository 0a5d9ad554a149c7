"""`make up`: looks for Docker and memory, writes secrets on the first run, starts the compose file, tells where it is.

Run from the top folder, where docker-compose.yml is: `python -m cluster.up [--profile demo] [--profile monitoring]`.
"""

import argparse
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from process.first_start import write_starter
from process.places import Places
from process.ports import is_free

NEEDED_GB = 9
"""Memory that all services without a profile may take together; see the limits in docker-compose.yml."""
CONTAINER_USER = 10001
"""Who our processes are in the image where .env says nothing else."""
SECRETS = (
    "ELASTIC_PASSWORD",
    "KIBANA_PASSWORD",
    "KIBANA_KEY",
    "WORKER_PASSWORD",
    "READER_PASSWORD",
    "DESK_TOKEN",
    "GRAFANA_PASSWORD",
)
PORTS = {"": {8321: "the desk", 5601: "Kibana", 9200: "Elasticsearch", 9094: "Kafka"}}
PORTS |= {"demo": {8322: "the desk of the sample day"}, "monitoring": {9090: "Prometheus", 3000: "Grafana"}}
"""By profile, the ports of this machine and who needs each; as docker-compose.yml has them."""
_LINE = re.compile(r"\s*([A-Z_]+)\s*=(.*)")


class Said(NamedTuple):
    """What a command gave."""

    code: int
    out: str


Ask = Callable[[Sequence[str]], Said]
"""Runs a command and gives what it said."""
Call = Callable[[Sequence[str]], int]
"""Runs a command whose output the user sees."""
Free = Callable[[int], bool]
"""Whether a port of this machine can be taken."""


def ask(words: Sequence[str]) -> Said:
    """Runs the command; one that is not there gives 127."""
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except FileNotFoundError:
        return Said(127, "")
    except subprocess.TimeoutExpired:
        return Said(124, "no answer within a minute")
    return Said(done.returncode, (done.stdout + done.stderr).strip())


def call(words: Sequence[str]) -> int:
    """Runs the command before the user's eyes."""
    return subprocess.run(words, check=False).returncode


def taken(profiles: Sequence[str], free: Free) -> list[str]:
    """The ports that another program has, in words."""
    wanted = {port: whose for profile in ("", *profiles) for port, whose in PORTS[profile].items()}
    return [
        f"Port {port}, which {whose} needs, is taken by another program on this machine: stop that one, then: make up"
        for port, whose in sorted(wanted.items())
        if not free(port)
    ]


def obstacles(ask: Ask) -> list[str]:
    """What keeps it from starting, in words that say what to do; nothing where all is there."""
    if ask(["docker", "--version"]).code == 127:
        return ["Docker is not installed. Install Docker Engine 25 or newer with its compose plugin, then: make up"]
    engine = ask(["docker", "info", "--format", "{{.ServerVersion}}"])
    if engine.code:
        why = engine.out.splitlines()[-1][:200] if engine.out else "no reason given"
        return [f"No Docker engine answers ({why}). Start it, or join its group, then: make up"]
    found = []
    version = engine.out.splitlines()[-1]
    if _first(version) < 25:
        found.append(f"Docker Engine {version} is too old for the health checks: 25 or newer is needed")
    if ask(["docker", "compose", "version", "--short"]).code:
        found.append("Docker has no compose plugin (docker compose version): install docker-compose-plugin")
    return found


def memory(ask: Ask) -> str:
    """A warning where the engine has less memory than the services may take, else nothing."""
    said = ask(["docker", "info", "--format", "{{.MemTotal}}"])
    if said.code or not said.out.isdigit():
        return ""
    has = int(said.out) / 2**30
    if has >= NEEDED_GB:
        return ""
    less = "Set ELASTIC_HEAP=512m and ELASTIC_MEMORY=1g in .env to need 1 GB less, or give the engine more."
    return f"Docker has {has:.1f} GB of memory; the services may take {NEEDED_GB} GB. {less}"


def write_secrets(path: Path, user: int, group: int) -> list[str]:
    """Adds each missing secret to .env, which only its owner can read; gives the names of those that it made."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    known = read_env(before)
    wanted = {name: secrets.token_hex(24) for name in SECRETS}
    wanted |= {"CEASEWIRE_UID": str(user), "CEASEWIRE_GID": str(group)}
    made = [name for name in wanted if not known.get(name)]
    if not made:
        path.chmod(0o600)
        return []
    lines = [] if before else ["# Secrets of docker-compose.yml, made by make up. Keep it to yourself."]
    lines += [f"{name}={wanted[name]}" for name in made]
    between = "" if not before or before.endswith("\n") else "\n"
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(before + between + "\n".join(lines) + "\n")
    os.replace(fresh, path)
    return made


def read_env(text: str) -> dict[str, str]:
    """The names and values of a .env file."""
    found = (_LINE.fullmatch(line) for line in text.splitlines())
    return {match[1]: match[2].strip().strip("\"'") for match in found if match}


def prepare_config(places: Places, user: int, group: int) -> list[str]:
    """Makes config/ on the first run, readable by who the containers run as; gives what stands against it."""
    fresh = not places.config.exists()
    try:
        write_starter(places)
        if fresh and user != os.getuid():  # we are root, the containers are not
            for path in (places.config, *places.config.rglob("*")):
                os.chown(path, user, group)
    except OSError as error:
        return [f"{places.config} cannot be written: {error.strerror}"]
    found = places.config.stat()
    if found.st_uid == user or found.st_mode & 0o005 == 0o005 or (found.st_gid == group and found.st_mode & 0o050):
        return []
    return [f"The containers run as user {user}, who cannot read {places.config}: chown -R {user} {places.config}"]


def whose(uid: int, gid: int) -> tuple[int, int]:
    """Who the containers run as: the user, so that config/ stays private; another one where that is root."""
    return (uid, gid) if uid else (CONTAINER_USER, CONTAINER_USER)


def addresses(env: Mapping[str, str], profiles: Sequence[str]) -> list[str]:
    """Where everything is, and how to log in. The secrets stay in .env, but for the one that a browser is given."""
    lines = [
        f"The desk:       http://127.0.0.1:8321/enter   token: {env['DESK_TOKEN']}",
        "Kibana:         http://127.0.0.1:5601   user elastic, password ELASTIC_PASSWORD in .env",
        "Elasticsearch:  http://127.0.0.1:9200",
        "Kafka:          127.0.0.1:9094",
    ]
    if "demo" in profiles:
        lines.append("The sample day: http://127.0.0.1:8322/enter   the same token; docker compose logs -f demo")
    if "monitoring" in profiles:
        lines.append("Prometheus:     http://127.0.0.1:9090")
        lines.append("Grafana:        http://127.0.0.1:3000   user admin, password GRAFANA_PASSWORD in .env")
    return lines


def up(
    folder: Path, profiles: Sequence[str], ask: Ask, call: Call, say: Callable[[str], None], free: Free = is_free
) -> int:
    """All of it; the exit code: 0 all is up, 1 something did not come up, 2 it could not be started."""
    if not (folder / "docker-compose.yml").exists():
        say(f"There is no docker-compose.yml in {folder}: run it in the top folder of Ceasewire")
        return 2
    if found := obstacles(ask):
        for words in found:
            say(words)
        return 2
    if warning := memory(ask):
        say(warning)
    user, group = whose(os.getuid(), os.getgid())
    path = folder / ".env"
    if made := write_secrets(path, user, group):
        say(f"Wrote {', '.join(made)} to .env")
    env = read_env(path.read_text(encoding="utf-8"))
    user, group = int(env["CEASEWIRE_UID"]), int(env["CEASEWIRE_GID"])
    if found := prepare_config(Places(config=folder / "config", data=folder / "data"), user, group):
        for words in found:
            say(words)
        return 2
    compose = ["docker", "compose", "--project-directory", str(folder)]
    compose += [word for profile in profiles for word in ("--profile", profile)]
    # what runs of this already has its ports
    if not ask([*compose, "ps", "--quiet"]).out and (found := taken(profiles, free)):
        for words in found:
            say(words)
        return 2
    say("Starting; the first time images are fetched and built, which takes some minutes")
    if call([*compose, "up", "-d", "--build", "--wait", "--wait-timeout", "900"]):
        say("Not everything came up. What is unhealthy says why: docker compose ps -a; docker compose logs NAME")
        return 1
    for line in addresses(env, profiles):
        say(line)
    call([*compose, "exec", "-T", "desk", "ceasewire", "cluster", "status"])
    return 0


def _first(version: str) -> int:
    match = re.match(r"\d+", version)
    return int(match[0]) if match else 0


def main(arguments: Sequence[str]) -> int:
    """Reads the arguments and does it."""
    parser = argparse.ArgumentParser(prog="python -m cluster.up", description="Starts the cluster edition by compose.")
    parser.add_argument("--profile", action="append", default=[], choices=["demo", "monitoring"])
    asked = parser.parse_args(arguments)
    return up(Path.cwd(), asked.profile, ask, call, lambda words: print(words, flush=True))  # noqa: T201


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
