"""What comes from the environment: settings as CEASEWIRE_SECTION__KEY, and secrets written as ${NAME}.

A secret may also stand in a file that only its owner can read; the variable NAME_FILE then names that file.
"""

import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr

from ceasewire.config.lines import Lines, read_yaml
from ceasewire.config.nodes import Path as Place
from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError, Fault

PREFIX = "CEASEWIRE_"
_REFERENCE = re.compile(r"\$(\$)?\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LARGEST = 65_536


def read_secret(name: str, environ: Mapping[str, str]) -> str | None:
    """The value of NAME, or the text of the file that NAME_FILE names; None where neither is set.

    Raises ValueError, with words that hold no secret, where the file cannot be read or others can read it.
    """
    if environ.get(name):
        return environ[name]
    file = environ.get(f"{name}_FILE")
    if not file:
        return None
    try:
        found = Path(file).stat()
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{name}_FILE names {file}, which is no file")
        if found.st_mode & 0o077:
            raise ValueError(f"{name}_FILE names {file}, which others can read: chmod 600 {file}")
        if found.st_size > _LARGEST:
            raise ValueError(f"{name}_FILE names {file}, which is longer than {_LARGEST:,} bytes")
        text = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise ValueError(f"{name}_FILE names {file}, which is not UTF-8 text") from None
    except OSError as error:
        raise ValueError(f"{name}_FILE names {file}, which cannot be read: {error.strerror}") from None
    if not text:
        raise ValueError(f"{name}_FILE names {file}, which is empty")
    return text


@dataclass(frozen=True)
class Filled:
    """A text with its secrets in place, what could not be replaced, and the secrets themselves."""

    lines: Lines
    faults: list[Fault]
    secrets: set[str] = field(repr=False)


def fill(lines: Lines, environ: Mapping[str, str]) -> Filled:
    """The text with each ${NAME} in its values replaced; $${NAME} stays ${NAME}."""
    faults: list[Fault] = []
    secrets: set[str] = set()

    def replace(value: str, place: Place) -> str:
        def one(match: re.Match[str]) -> str:
            if match[1]:
                return match[0][1:]
            try:
                found = read_secret(match[2], environ)
            except ValueError as error:
                faults.append(lines.fault(place, str(error)))
                return match[0]
            if found is None:
                faults.append(lines.fault(place, f"the environment has neither {match[2]} nor {match[2]}_FILE"))
                return match[0]
            secrets.add(found)
            return found

        return _REFERENCE.sub(one, value)

    return Filled(lines.over(_walk(lines.data, (), replace)), faults, secrets)


def _walk(value: Any, place: Place, replace: Callable[[str, Place], str]) -> Any:
    if isinstance(value, str):
        return replace(value, place)
    if isinstance(value, dict):
        return {key: _walk(child, (*place, str(key)), replace) for key, child in value.items()}
    if isinstance(value, list):
        return [_walk(child, (*place, index), replace) for index, child in enumerate(value)]
    return value


class _Variables(Lines):
    """Settings from the environment: a fault names its variable instead of a line."""

    def fault(self, path: Place, text: str) -> Fault:
        return Fault("environment", None, f"{variable(path)}: {text.removeprefix('.'.join(map(str, path)) + ': ')}")


def variable(path: Place) -> str:
    """The name of the environment variable for a setting: ("desk", "port") is CEASEWIRE_DESK__PORT."""
    return PREFIX + "__".join(str(step).upper() for step in path if not isinstance(step, int))


def read_overlay(environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that the environment gives, as plain data; raises ConfigurationError with every fault.

    A variable is a setting where it starts with CEASEWIRE_ and has "__" in it, or is CEASEWIRE_PACKS.
    """
    overlay: dict[str, Any] = {}
    faults: list[Fault] = []
    for name in sorted(environ):
        if not is_setting(name):
            continue
        steps = tuple(name.removeprefix(PREFIX).lower().split("__"))
        text: str | None = environ[name]
        kind = _kind(steps)
        if kind is None and name.endswith("_FILE") and _kind((*steps[:-1], steps[-1].removesuffix("_file"))):
            steps = (*steps[:-1], steps[-1].removesuffix("_file"))
            kind = _kind(steps)
            try:
                text = read_secret(name.removesuffix("_FILE"), environ)
            except ValueError as error:
                faults.append(Fault("environment", None, str(error)))
                continue
        try:
            _put(overlay, steps, _parse(text or "", kind, name))
        except ConfigurationError as error:
            faults += error.faults
    try:
        _Variables("environment", overlay).check(Settings)
    except ConfigurationError as error:
        faults += error.faults
    if faults:
        raise ConfigurationError(faults)
    return overlay


def is_setting(name: str) -> bool:
    """Whether a variable of this name is a setting, and refused where there is none of that name."""
    return name == PREFIX + "PACKS" or (name.startswith(PREFIX) and "__" in name)


def references(text: str) -> set[str]:
    """The names of all ${NAME} in a text."""
    return {match[2] for match in _REFERENCE.finditer(text) if not match[1]}


def _put(overlay: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    inner = overlay
    for step in steps[:-1]:
        inner = inner.setdefault(step, {})
        if not isinstance(inner, dict):
            return
    inner[steps[-1]] = value


def _kind(steps: tuple[str, ...]) -> Any:
    """The type of the setting, or None where there is none."""
    model: Any = Settings
    for step in steps:
        if not (isinstance(model, type) and issubclass(model, BaseModel)) or step not in model.model_fields:
            return None
        model = model.model_fields[step].annotation
    return model


def _plain(kind: Any) -> set[Any]:
    """All types that an annotation is made of."""
    found = {kind}
    for part in get_args(kind):
        found |= _plain(part)
    return found


def _parse(text: str, kind: Any, name: str) -> Any:
    """Text for what is text (a token of digits stays one), a list by commas, else a YAML value."""
    if Ellipsis in get_args(kind) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    if Ellipsis not in get_args(kind) and _plain(kind) & {SecretStr, str}:
        return text
    try:
        return read_yaml(text, "environment").data
    except ConfigurationError as error:
        raise ConfigurationError([Fault("environment", None, f"{name}: {error.faults[0].text}")]) from None
