"""The files of `config/` that need no pack: settings, feeds and channels, each with all its faults."""

import difflib
from collections.abc import Callable, Mapping
from importlib.resources import files
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, SecretStr

from ceasewire.config.channels import Channel, read_channels
from ceasewire.config.feeds import Feed, read_feeds
from ceasewire.config.lines import Lines, read_yaml
from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError, Fault
from process.environment import fill, is_setting, read_overlay, references, variable
from process.places import Places

T = TypeVar("T")
FILES = ("feeds.yml", "channels.yml", "settings.yml")
"""What is read of the folder, besides rules/."""
YAML = frozenset({".yml", ".yaml"})


def read_settings(places: Places, environ: Mapping[str, str]) -> Settings:
    """settings.yml with the environment over it; raises ConfigurationError with every fault of the two."""
    return Reading(places, environ).done(Reading.settings)


def read_feed_list(places: Places, environ: Mapping[str, str]) -> tuple[Feed, ...]:
    """feeds.yml, or the bundled list where there is no folder; raises ConfigurationError with every fault of it."""
    return Reading(places, environ).done(Reading.feeds)


def read_channel_list(places: Places, environ: Mapping[str, str]) -> tuple[Channel, ...]:
    """channels.yml; raises ConfigurationError with every fault of it."""
    return Reading(places, environ).done(Reading.channels)


class Reading:
    """One reading of the folder: goes on after a fault and collects it in `faults`, so that all are named at once."""

    def __init__(self, places: Places, environ: Mapping[str, str], sends: bool = True, fetches: bool = False) -> None:
        """Without `sends` a secret that is not set here is no fault: what sends nothing can do without.

        What `fetches` must have those of feeds.yml and of the proxy for feeds all the same.
        """
        self.places = places
        self.environ = environ
        self.sends = sends
        self.fetches = fetches
        self.faults: list[Fault] = []
        self.secrets: set[str] = set()
        self.settings_lines: Lines | None = None

    def done(self, part: "Callable[[Reading], T]") -> T:
        """The value of one part; raises ConfigurationError where it has faults."""
        value = part(self)
        self.stop()
        return value

    def stop(self) -> None:
        """Raises ConfigurationError where there were faults."""
        if self.faults:
            raise ConfigurationError(list(dict.fromkeys(self.faults)))

    def attempt(self, call: Callable[[], T], default: T) -> T:
        """The value of the call; where it has faults they are collected and the default is given."""
        try:
            return call()
        except ConfigurationError as error:
            self.faults += error.faults
            return default

    def lines(self, file: str, text: str, secrets: bool = True, needed: bool = False) -> Lines | None:
        """A YAML text parsed and with its secrets, or None where it is no YAML."""
        lines = self.attempt(lambda: read_yaml(text, file), None)
        if lines is None or not secrets:
            return lines
        filled = fill(lines, self.environ)
        if self.sends or needed:
            self.faults += filled.faults
        self.secrets |= filled.secrets
        return filled.lines

    def own(self, path: Path) -> str | None:
        """The text of a file of the user, or None where there is none."""
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            self.faults.append(Fault(str(path), None, "not UTF-8 text"))
        except OSError as error:
            self.faults.append(Fault(str(path), None, f"cannot be read: {error.strerror}"))
        return ""

    def settings(self) -> Settings:
        """settings.yml with the environment over it."""
        path = self.places.config / "settings.yml"
        overlay: dict[str, Any] | None = self.attempt(lambda: read_overlay(self.environ), None)
        lines = self.lines(str(path), self.own(path) or "")
        self.settings_lines = lines
        if lines is None:
            return Settings()
        own = self.attempt(lambda: lines.check(Settings), None)
        sound = (lines.data or {}) if own else lines.sections(Settings)
        both = self.attempt(lambda: lines.over(_merged(sound, overlay or {})).check(Settings), own or Settings())
        if self.fetches and not self.sends and both.polling.proxy:
            for name in sorted(references(both.polling.proxy.get_secret_value())):
                self.faults.append(
                    lines.fault(("polling", "proxy"), f"the environment has neither {name} nor {name}_FILE")
                )
        # What the environment says with faults might be what is missing here.
        for place, text in _settings_faults(both) if overlay is not None else ():
            from_environment = place[-1] in _inner(overlay or {}, place[:-1])
            self.faults.append(
                Fault("environment", None, f"{variable(place)}: {text}")
                if from_environment
                else lines.fault(place, f"{'.'.join(place)}: {text}")
            )
        return both

    def feeds(self) -> tuple[Feed, ...]:
        """feeds.yml, or the bundled list where there is no folder yet: one that lost its list polls nothing else."""
        path = self.places.config / "feeds.yml"
        text = self.own(path)
        if text is None:
            if self.places.config.exists():
                self.faults.append(missing(path))
                return ()
            text = starter_text("feeds.yml")
        lines = self.lines(str(path), text, needed=self.fetches)
        return self.attempt(lambda: read_feeds(lines), ()) if lines else ()

    def channels(self) -> tuple[Channel, ...]:
        """channels.yml, or none."""
        path = self.places.config / "channels.yml"
        lines = self.lines(str(path), self.own(path) or "")
        return self.attempt(lambda: read_channels(lines), ()) if lines else ()


def missing(path: Path) -> Fault:
    """The fault of a file or folder that a configuration must have."""
    return Fault(str(path), None, "is missing; ceasewire init adds it")


def unread_files(folder: Path) -> list[Fault]:
    """A fault for each YAML file of the folder that nothing reads, with the name that was meant."""
    faults = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.suffix.lower() not in YAML or path.name.startswith(".") or path.name in FILES or not path.is_file():
            continue
        near = difflib.get_close_matches(path.stem.lower(), [Path(name).stem for name in FILES], n=1)
        what = f"name it {near[0]}.yml" if near else f"rules stand in {folder / 'rules'}, and other files elsewhere"
        faults.append(Fault(str(path), None, f"is not read: {what}"))
    return faults


def secret_files(places: Places, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that NAME_FILE names for each ${NAME} in the folder, and for each setting of the environment."""
    names = {name.removesuffix("_FILE") for name in environ if is_setting(name) and name.endswith("_FILE")}
    for name in FILES:
        try:
            names |= references((places.config / name).read_text(encoding="utf-8", errors="replace"))
        except OSError:
            continue
    files = {environ.get(f"{name}_FILE") for name in names if not environ.get(name)}
    return tuple(sorted(Path(file) for file in files if file))


def secrets_in(model: BaseModel) -> set[str]:
    """The secrets of a model and of those inside it, to take them out of what is shown."""
    found: set[str] = set()
    pending: list[Any] = [model]
    while pending:
        value = pending.pop()
        if isinstance(value, SecretStr):
            found.add(value.get_secret_value())
        elif isinstance(value, BaseModel):
            pending += [getattr(value, name) for name in type(value).model_fields]
        elif isinstance(value, dict):
            pending += value.values()
        elif isinstance(value, tuple):
            pending += value
    return found


def starter_text(name: str) -> str:
    """A file of the bundled `config/`."""
    return files("process").joinpath("starter", name).read_text(encoding="utf-8")


def _merged(below: Any, above: Any) -> Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}


def _inner(overlay: dict[str, Any], place: tuple[str, ...]) -> Mapping[str, Any]:
    inner: Any = overlay
    for step in place:
        inner = inner.get(step, {}) if isinstance(inner, dict) else {}
    return inner if isinstance(inner, dict) else {}


def _settings_faults(settings: Settings) -> list[tuple[tuple[str, ...], str]]:
    """What models cannot see alone: an open desk without a token, a zone that does not exist."""
    faults: list[tuple[tuple[str, ...], str]] = []
    if not is_loopback(settings.desk.host) and settings.desk.token is None:
        text = f"the desk listens beyond this machine on {settings.desk.host} only with a token: set desk.token"
        faults.append((("desk", "host"), text))
    token = settings.desk.token.get_secret_value() if settings.desk.token else None
    if token is not None and "${" not in token and len(token) < 16:  # of one that is not set another fault tells
        faults.append((("desk", "token"), "a token has at least 16 characters; make one: openssl rand -hex 24"))
    if not _zone_exists(settings.alerts.timezone):
        text = f'no time zone is named "{settings.alerts.timezone[:60]}"; one is written like Europe/Kyiv'
        faults.append((("alerts", "timezone"), text))
    return faults


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on the host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _zone_exists(name: str) -> bool:
    if name == "UTC":
        return True
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True
