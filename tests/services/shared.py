"""The services that all tests of one run of pytest share, or why there is none.

Workers that run tests side by side share them too: the first to come starts a service and writes down what came of it
in a folder of the run, the others read that, and who started it waits for all others before it stops it.
"""

import fcntl
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from tests.services.files import Changed
from tests.services.java import Missing
from tests.services.service import NotStarted
from tests.services.sources import Name, Source, begin, fetch, not_run

OWN: Mapping[Name, str] = {"kafka": "own_broker", "elasticsearch": "own_node"}
Failed = Missing | Changed | NotStarted
FAILURES: tuple[type[Failed], ...] = (Missing, Changed, NotStarted)


class Shared:
    """The services of one process of pytest: the only one, or a worker among those that know the folder."""

    def __init__(self, folder: Path | None = None, start: Callable[[Name], Source] | None = None) -> None:
        self.found: dict[Name, Source | Failed] = {}
        self._start = start or partial(begin, brief=True)
        self._folder = folder
        self._held: IO[str] | None = None
        if folder is not None:
            self._held = (folder / "users").open("w")
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def prepare(self, name: Name, used: set[str]) -> None:
        """Fetch it and start it, as the fixtures in use need it; not within a test, whose time limit is too short."""
        if not {name, OWN[name]} & used:
            return
        with self._alone(name) as told:
            if told is not None and (found := _read(told)):
                self.found[name] = found
                return
            try:
                if OWN[name] in used:
                    fetch(name)
                if name in used:
                    self.found[name] = self._start(name)
            except FAILURES as error:
                self.found[name] = error
            if told is not None and name in self.found:
                _write(told, self.found[name])

    def stop(self) -> None:
        """Stop all that was started, once no other worker can ask for it."""
        if self._held is not None:
            fcntl.flock(self._held, fcntl.LOCK_EX if self._started() else fcntl.LOCK_UN)
        for source in self._started():
            source.stop()
        if self._held is not None:
            self._held.close()

    def told(self) -> list[str]:
        """What is said of each service at the end, by the one that started it or was given it."""
        return [source.told for source in self.found.values() if isinstance(source, Source)]

    def address(self, name: Name) -> str:
        """Its address; skips the test, or fails it, where there is none."""
        if name not in self.found:  # asked for by a test that did not say so beforehand
            self.prepare(name, {name})
        source = self.found[name]
        if isinstance(source, Source):
            return source.address
        raise outcome(name, source)

    def _started(self) -> list[Source]:
        return [source for source in self.found.values() if isinstance(source, Source) and source.service]

    @contextmanager
    def _alone(self, name: Name) -> Iterator[Path | None]:
        """The file that tells the workers of this service, for one of them at a time."""
        if self._folder is None:
            yield None
            return
        with (self._folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self._folder / f"{name}.json"


def outcome(name: Name, error: Failed) -> BaseException:
    """How a test ends that needs a service which is not to be had: skipped where the machine lacks it, else failed."""
    if isinstance(error, Missing):
        return pytest.skip.Exception(not_run(name, str(error)))
    return pytest.fail.Exception(f"{name}: {error}", pytrace=False)


def _write(told: Path, found: Source | Failed) -> None:
    if isinstance(found, Source):
        said = {"address": found.address, "told": found.told}
    else:
        said = {"failure": type(found).__name__, "why": str(found)}
    told.write_text(json.dumps(said), encoding="utf-8")


def _read(told: Path) -> Source | Failed | None:
    if not told.exists():
        return None
    said = json.loads(told.read_text(encoding="utf-8"))
    if "address" in said:
        return Source(said["address"], said["told"])
    failure = next(kind for kind in FAILURES if kind.__name__ == said["failure"])
    return failure(said["why"])
