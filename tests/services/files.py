"""The files of both services, as lock.toml pins them: fetched once by Maven, kept elsewhere, checked each time.

A file that is not what the lock says raises Changed: it is a failure, and nothing else is tried.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.services.java import Missing, find_java

LOCK: dict[str, Any] = tomllib.loads(Path(__file__).with_name("lock.toml").read_text(encoding="utf-8"))
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"


class Changed(Exception):
    """A file is not the one that the lock pins."""


def cache() -> Path:
    """Where fetched files are kept: CEASEWIRE_TEST_CACHE, or the user's cache.

    Root has its own folder, for the node runs as another user, who has to reach it.
    """
    if os.environ.get("CEASEWIRE_TEST_CACHE"):
        return Path(os.environ["CEASEWIRE_TEST_CACHE"]).absolute()
    if os.geteuid() == 0:
        return Path("/var/cache/ceasewire-tests")
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ceasewire-tests"


def folder_of(name: str) -> Path:
    """Where the files of a service are kept; other files than the lock pins now have another folder."""
    key = hashlib.sha256(json.dumps(LOCK[name], sort_keys=True).encode()).hexdigest()
    return cache() / f"{name}-{key[:16]}"


def kafka_jars() -> Path:
    """The folder with all jars of Kafka; raises Missing or Changed."""
    return _kept(folder_of("kafka"), _copy_jars, _check_each)


def elasticsearch_home() -> Path:
    """The folder of Elasticsearch; raises Missing or Changed."""
    return _kept(folder_of("elasticsearch"), _unpack, _check_tree)


def tree_hash(folder: Path) -> str:
    """One sha256 over the paths and contents of all files of a folder."""
    lines = [
        f"{_sha256(path)}  {path.relative_to(folder).as_posix()}\n"
        for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix())
        if path.is_file()
    ]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _kept(kept: Path, fetch: Callable[[Path, Path], None], check: Callable[[Path], None]) -> Path:
    """The folder in the cache, fetched where it is not there, and checked; one process at a time."""
    with _alone(kept):
        if kept.is_dir():
            check(kept)
            return kept
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix="fetch-") as work:
            fresh = Path(work) / kept.name
            fresh.mkdir()
            fetch(fresh, Path(work))
            check(fresh)
            fresh.rename(kept)
    return kept


@contextmanager
def _alone(kept: Path) -> Iterator[None]:
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        lock = kept.with_suffix(".lock").open("w")
    except OSError as error:
        raise Missing(f"no cache at {kept.parent} ({error.strerror}): set CEASEWIRE_TEST_CACHE") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_jars(into: Path, work: Path) -> None:
    wanted = "".join(
        "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>".format(
            *map(escape, root.split(":"))
        )
        for root in LOCK["kafka"]["roots"]
    )
    (work / "pom.xml").write_text(
        "<project><modelVersion>4.0.0</modelVersion>"
        f"<groupId>tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>"
        f"<dependencies>{wanted}</dependencies></project>",
        encoding="utf-8",
    )
    _maven(work, f"{PLUGIN}:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={into}")


def _unpack(into: Path, work: Path) -> None:
    lock = LOCK["elasticsearch"]["zip"]
    _maven(work, f"{PLUGIN}:get", f"-Dartifact={lock['artifact']}", "-Dtransitive=false")
    group, artifact, version, kind = lock["artifact"].split(":")
    whole = work / "repository" / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.{kind}"
    if _sha256(whole) != lock["sha256"]:
        raise Changed(f"{whole.name} is not the file that tests/services/lock.toml pins")
    with zipfile.ZipFile(whole) as packed:
        for entry in packed.infolist():
            _, _, name = entry.filename.partition("/elasticsearch/")
            if name and not entry.is_dir():
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(entry) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy, 1 << 20)
    for path in (into, *into.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _maven(work: Path, *arguments: str) -> None:
    """One call of Maven with a local repository of its own, strict about checksums."""
    command = shutil.which("mvn")
    if not command:
        raise Missing("no Maven to fetch it with: install Maven (Debian: apt-get install maven)")
    said = subprocess.run(
        [command, "-B", "-q", "-C", f"-Dmaven.repo.local={work / 'repository'}", *arguments],
        cwd=work,
        env={**os.environ, "JAVA_HOME": str(find_java(8).home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    if said.returncode:
        told = [line for line in (said.stdout + said.stderr).splitlines() if "ERROR" in line] or ["no word of it"]
        if "hecksum" in said.stdout + said.stderr:
            raise Changed(f"Maven refused a file: {told[0]}")
        raise Missing(f"Maven could not fetch it: {told[0][:200]}")


def _check_each(folder: Path) -> None:
    pinned: dict[str, str] = LOCK["kafka"]["files"]
    found = {path.name: _sha256(path) for path in folder.iterdir()}
    wrong = sorted(name for name in found.keys() | pinned.keys() if found.get(name) != pinned.get(name))
    if wrong:
        raise Changed(f"not as tests/services/lock.toml pins them, in {folder}: {', '.join(wrong)}")


def _check_tree(folder: Path) -> None:
    if tree_hash(folder) != LOCK["elasticsearch"]["tree"]:
        raise Changed(f"not as tests/services/lock.toml pins it: {folder}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
