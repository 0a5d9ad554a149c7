"""Configuration that changes while the program runs: taken whole, or refused while the old one stays in force."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

import structlog

from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError, Fault
from ceasewire.metrics import Metrics
from process.config_files import YAML, secret_files
from process.configuration import Configuration, read_configuration
from process.places import Places
from process.schemas import each_setting, is_section

LOOK_EVERY = 0.4
"""Seconds between two looks at the folder; with the reading a change is in force within 2 s."""
NEEDS_RESTART = (("desk",), ("polling", "parsers"), ("log", "form"), ("kafka",))
"""Settings, or sections of them, that are read at the start only."""

Taken = Callable[[Configuration, Configuration], None]
"""Called with the old and the new configuration."""


class Live:
    """The configuration in force, and why the newest one in the folder was refused, if it was."""

    def __init__(
        self,
        places: Places,
        environ: Mapping[str, str],
        first: Configuration,
        metrics: Metrics,
        sends: bool = True,
        fetches: bool = False,
    ) -> None:
        """`sends` and `fetches`: which secrets must be set here, as `read_configuration` has it."""
        self._sends = sends
        self._fetches = fetches
        self.configuration = first
        self.refused: ConfigurationError | None = None
        self.restart: tuple[str, ...] = ()
        """Settings that differ from those the program was started with and take effect with the next start."""
        self.on_taken: list[Taken] = []
        self._started_with = first.settings
        self._places = places
        self._environ = environ
        self._metrics = metrics
        self._one = asyncio.Lock()
        self._log = structlog.get_logger()

    async def reload(self) -> bool:
        """Reads the folder now; False where it was refused, `refused` then holds every fault."""
        async with self._one:
            before = self.configuration
            try:
                new = await asyncio.to_thread(self._read, before)
            except ConfigurationError as error:
                self.refused = error
                self._metrics.configuration.labels("refused").inc()
                for fault in error.faults:
                    self._log.error("configuration_refused", at=f"{fault.file}:{fault.line}", fault=fault.text)
                return False
            self.refused = None
            self.configuration = new
            self.restart = needing_restart(self._started_with, new.settings)
            self._metrics.configuration.labels("taken").inc()
            self._log.info("configuration_taken", **_counts(new), restart_for=", ".join(self.restart) or None)
            for call in self.on_taken:
                call(before, new)
            return True

    def _read(self, before: Configuration) -> Configuration:
        try:
            return read_configuration(self._places, self._environ, before, self._sends, self._fetches)
        except ConfigurationError:
            raise
        except Exception as error:  # a bug of ours must not end a process that works
            self._log.exception("configuration_not_read")
            text = f"cannot be read by a fault of ours ({type(error).__name__}); the log says more"
            raise ConfigurationError([Fault(str(self._places.config), None, text)]) from error


def needing_restart(old: Settings, new: Settings) -> tuple[str, ...]:
    """The settings, as section.name, that differ and are only read at the start."""
    changed = []
    for path, field in each_setting():
        wanted = any(path[: len(start)] == start for start in NEEDS_RESTART)
        if wanted and not is_section(field) and _value(old, path) != _value(new, path):
            changed.append(".".join(path))
    return tuple(changed)


def _value(settings: object, path: tuple[str, ...]) -> object:
    for step in path:
        settings = getattr(settings, step)
    return settings


def _counts(configuration: Configuration) -> dict[str, int]:
    return {
        "feeds": sum(feed.enabled for feed in configuration.feeds),
        "rules": sum(rule.enabled for rule in configuration.rules),
        "channels": sum(channel.enabled for channel in configuration.channels),
    }


State = tuple[tuple[str, int, int, int], ...]
"""The state of the folder, and of the files of secrets that it names."""


async def watch(
    places: Places,
    environ: Mapping[str, str],
    stop: asyncio.Event,
    on_change: Callable[[], Awaitable[object]],
    since: State | None = None,
) -> None:
    """Calls `on_change` after a file of the folder, or of a secret, changed and came to rest; returns at `stop`.

    `since` is what `look` gave before the folder was read, so that nothing is missed that changes meanwhile. Looks by
    itself: that also sees what notices of the system miss (network and container mounts, folders that are swapped as a
    whole), and a few dozen files take less than a millisecond.
    """
    state = _Look(places, environ)
    handled = await asyncio.to_thread(state) if since is None else since
    while not await _stops(stop, LOOK_EVERY):
        seen = await asyncio.to_thread(state)
        if seen == handled:
            continue
        for _ in range(3):  # an editor may be half done
            if await _stops(stop, 0.1):
                return
            again = await asyncio.to_thread(state)
            if again == seen:
                break
            seen = again
        handled = seen
        await on_change()


async def _stops(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


def look(places: Places, environ: Mapping[str, str]) -> State:
    """The state of the folder now, to be taken before it is read and handed to `watch`."""
    return _Look(places, environ)()


class _Look:
    """Gives the state of the folder, and of the files of secrets that it names."""

    def __init__(self, places: Places, environ: Mapping[str, str]) -> None:
        self._places = places
        self._environ = environ
        self._seen: State | None = None
        self._secrets: tuple[Path, ...] = ()

    def __call__(self) -> State:
        seen = signature(self._places.config)
        if seen != self._seen:
            self._secrets = secret_files(self._places, self._environ)
            self._seen = seen
        return seen + _states(self._secrets)


def signature(folder: Path) -> State:
    """What tells one state of the folder from another: name, time, size and number of each file."""
    rules = folder / "rules"
    files = [path for place in (folder, rules) for path in place.glob("*") if path.suffix.lower() in YAML]
    return (("", folder.is_dir(), rules.is_dir(), 0), *_states(files))


def _states(paths: Iterable[Path]) -> State:
    found = []
    for path in paths:
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(sorted(found))
