"""`make compose-check`: does what README and docs/operating.md say of `make up`, with a Docker engine, and counts.

The engines are their published images where a registry gives them; else Kafka and Elasticsearch are made of the pinned
files of the tests, and Kibana is a stand-in that draws nothing: what was taken is printed. What cannot be run here is
said as "not run: reason" and ends with 3; a fault ends with 1.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import yaml

from cluster.up import taken
from process.ports import is_free
from tests.deploy.compose_stack import DESK, OURS, PROJECT, Stack, ask
from tests.deploy.docker_engine import ROOT, Failed, NotRun, base, docker, engine, outcome
from tests.deploy.engines import images
from tests.services.files import Changed
from tests.services.java import Missing

OLDEST = 25
ENGINES = {
    "kafka": "made of the pinned files of Kafka",
    "elasticsearch": "made of the pinned files of Elasticsearch",
    "kibana": "a stand-in, no Kibana: it takes the dashboard and draws nothing",
}
MOST = 90.0
"""Per cent of its limit that a container may take."""
CRASH = "kill -9 -1"
"""Ends all that runs in a container as a fault of it would; only the init process stays, and ends then."""
DAY = re.compile(r"^(items in|tagged|indexed|lost)\s+(\d+)", re.MULTILINE)


def published(name: str) -> str:
    """The image that docker-compose.yml names."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return re.sub(r"\$\{\w+:-([^}]+)\}", r"\1", str(services[name]["image"]))


def made(name: str, folder: Path, tag: str) -> None:
    """Builds the image of the folder."""
    os.environ.setdefault("DOCKER_BUILDKIT", "0")
    docker("build", "--network", "host", "-q", "-t", tag, str(folder))


def fetched(wanted: str) -> bool:
    """Whether the image is here as a registry has it, if need be from one now; one that was built here is not."""
    try:
        if docker("image", "inspect", wanted, "--format", '{{join .RepoDigests " "}}'):
            return True
    except Failed:
        pass  # it is not here at all
    try:
        docker("pull", "-q", wanted)
    except (Failed, subprocess.TimeoutExpired):
        return False
    return True


def engines() -> dict[str, str]:
    """An image for each service that is not ours; raises NotRun."""
    found = {}
    for name, instead in ENGINES.items():
        wanted = published(name)
        if fetched(wanted):
            found[name] = wanted
            print(f"{name}: {wanted}, as published", flush=True)
            continue
        found[name] = f"{PROJECT}/{name}:{wanted.rpartition(':')[2]}"
        try:
            images.make(name, partial(made, name, tag=found[name]))
        except (Missing, Changed) as error:
            raise NotRun(f"no registry gives {wanted}, and it cannot be made: {error}") from None
        print(f"{name}: {instead}", flush=True)
    return found


def until(seconds: float, so: Callable[[], object], what: str) -> float:
    """Seconds until it is so; raises Failed with what was waited for."""
    began = time.monotonic()
    while not so():
        if time.monotonic() - began > seconds:
            raise Failed(f"after {seconds:.0f} s still not: {what}")
        time.sleep(1)
    return time.monotonic() - began


def check_start(stack: Stack) -> None:
    """`make up`: all healthy, shut off as the file says, and the desk lets in who has the token."""
    began = time.monotonic()
    told = stack.start()
    print(f"make up: all is up and healthy after {time.monotonic() - began:.0f} s")
    for line in told:
        if line.startswith(("tag ", "index ", "found ")):
            print(f"  {line}")
    wrong = [one["Service"] for one in stack.states() if one["Health"] not in ("healthy", "") or one["ExitCode"]]
    if wrong:
        raise Failed(f"not healthy: {', '.join(wrong)}")
    for one in stack.inspect():
        name, host = one["Config"]["Labels"]["com.docker.compose.service"], one["HostConfig"]
        open_to = [bind["HostIp"] for binds in (host["PortBindings"] or {}).values() for bind in binds]
        if set(open_to) - {"127.0.0.1"}:
            raise Failed(f"{name} listens beyond this machine: {open_to}")
        if name in OURS and not (host["ReadonlyRootfs"] and one["Config"]["User"].partition(":")[0] not in ("", "0")):
            raise Failed(f"{name} is root or may write")
    print("ports are on 127.0.0.1 alone; ours are not root and may not write")
    check_desk(stack)


def check_desk(stack: Stack) -> None:
    """The desk's login, and the search index with and without one."""
    if (said := stack.enter("x" * 48)).status != 401:
        raise Failed(f"the desk answers {said.status} to a wrong token")
    entered = stack.enter(stack.env["DESK_TOKEN"])
    cookie = entered.heads.get("Set-Cookie", "").partition(";")[0]
    if entered.status != 303 or (page := ask(DESK + "/", Cookie=cookie)).status != 200:
        raise Failed(f"the desk answers {entered.status} to its token, and no page then")
    if "<title>Latest" not in page.text or ask(DESK + "/").status == 200:
        raise Failed("the desk shows something else than its first page, or shows it to everybody")
    if (said := ask("http://127.0.0.1:9200/")).status != 401:
        raise Failed(f"Elasticsearch answers {said.status} without a login")
    print("the desk lets in who has the token of .env, and nobody else")


def check_flow(stack: Stack) -> None:
    """Items of a feed, then more of them while taggers join, then more while two processes crash: all are counted."""
    expect(stack, 120)
    stack.serve("second", 1500)
    stack.serve("third", 1500)
    stack.compose("up", "-d", "--wait", "--scale", "tagger=3")
    expect(stack, 300)

    def shared() -> bool:
        (tag,) = (stage for stage in stack.status()["stages"] if stage["name"] == "tag")
        return len({one["worker"] for one in tag["partitions"]} - {None}) == 3

    until(120, shared, "three taggers share the partitions of items")
    print("three taggers share the partitions of items")
    stack.serve("fourth", 1500)
    for name in ("tagger", "indexer"):
        stack.compose("exec", "-T", name, "sh", "-c", f"{CRASH} || true")
    expect(stack, 300)
    restarts = {one["Name"]: one["RestartCount"] for one in stack.inspect() if one["RestartCount"]}
    if len(restarts) != 2:
        raise Failed(f"two processes were crashed, and the engine started again: {restarts}")
    print("a tagger and an indexer that crashed were started again by the engine")
    stack.compose("kill", "elasticsearch")
    stack.serve("fifth", 500)
    time.sleep(5)
    stack.compose("restart", "kafka")
    stack.compose("up", "-d", "--wait", "--scale", "tagger=3")
    expect(stack, 300)
    print("Elasticsearch was killed and Kafka restarted meanwhile")


def expect(stack: Stack, seconds: float) -> None:
    """Waits until all entries that the feeds have are in the index, and nothing else."""
    wanted = sum(stack.feeds.values())
    try:
        took = until(seconds, lambda: stack.counted() >= wanted, f"{wanted} items in the index")
    except Failed as error:
        raise Failed(f"{error}; it has {stack.counted()}\n{stack.logs(*OURS)}") from None
    if (found := stack.counted()) != wanted:
        raise Failed(f"the index has {found} items of {wanted}")
    print(f"{found} of {wanted} entries are in the index, after {took:.0f} s more", flush=True)


def check_day(stack: Stack) -> None:
    """The profile `demo` plays the sample day beside all that, with as many taggers as .env says."""
    with (stack.folder / ".env").open("a", encoding="utf-8") as file:
        file.write("TAGGERS=3\n")
    stack.compose("--profile", "demo", "up", "-d")
    if (found := sum(one["Service"] == "tagger" for one in stack.states())) != 3:
        raise Failed(f"TAGGERS=3 is in .env, and {found} run")

    def day() -> dict[str, int]:
        return {name: int(count) for name, count in DAY.findall(stack.compose("logs", "--no-log-prefix", "demo"))}

    try:
        until(420, lambda: "lost" in day(), "the sample day is at its end")
    except Failed as error:
        raise Failed(f"{error}\n{stack.logs('demo')}") from None
    seen = day()
    if seen["lost"] or not seen["items in"] == seen["tagged"] == seen["indexed"] > 0:
        raise Failed(f"the sample day: {seen}\n{stack.logs('demo')}")
    print("the sample day in the profile demo: " + ", ".join(f"{name} {count}" for name, count in seen.items()))


def check_memory(stack: Stack) -> None:
    """What the containers take of their limits, with the most of it named."""
    shares = stack.memory()
    killed = [one["Name"] for one in stack.inspect() if one["State"]["OOMKilled"]]
    most = sorted(shares.items(), key=lambda pair: -pair[1])
    if killed or most[0][1] > MOST:
        raise Failed(f"at their limit of memory: {most[:3]}, ended for it: {killed}")
    print("memory, of its limit: " + ", ".join(f"{name} {share:.0f} %" for name, share in most[:4]))


def check_end(stack: Stack) -> None:
    """Told to stop, each of ours ends well, in time."""
    began = time.monotonic()
    stack.compose("--profile", "demo", "stop")
    ended = {one["Service"]: one["ExitCode"] for one in stack.states() if one["Service"] in (*OURS, "demo")}
    if any(ended.values()):
        raise Failed(f"told to stop, not all ended with 0: {json.dumps(ended)}")
    print(f"told to stop, each of ours ended with 0, all after {time.monotonic() - began:.0f} s")


@contextmanager
def begun(chosen: dict[str, str]) -> Iterator[Stack]:
    """A copy of the project with one feed; nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="ceasewire-compose-", ignore_cleanup_errors=True) as folder:
        stack = Stack(Path(folder), chosen)
        stack.serve("first", 40)
        stack.open_config()
        try:
            yield stack
        finally:
            stack.end()


def needed() -> None:
    """Sees to what it takes; raises NotRun."""
    version = engine()
    print(f"Docker Engine {version}")
    if int(re.match(r"\d*", version)[0] or 0) < OLDEST:
        raise NotRun(f"Docker Engine {version} is older than make up needs: {OLDEST}, for its health checks")
    try:
        docker("compose", "version", seconds=30)
    except Failed:
        raise NotRun("docker has no compose plugin") from None
    if held := taken(["demo"], is_free):
        raise NotRun("; ".join(held))
    base()


def check_all() -> None:
    """All of it; raises NotRun and Failed."""
    needed()
    with begun(engines()) as stack:
        for check in (check_start, check_flow, check_day, check_memory, check_end):
            check(stack)


if __name__ == "__main__":
    sys.exit(outcome(check_all))
