"""JSON Schemas of the configuration files, for editors, and the settings as a table, made from the models."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

from pydantic import BaseModel, TypeAdapter

from ceasewire.config.channels import ChannelList
from ceasewire.config.feeds import FeedList
from ceasewire.config.rules import Rule
from ceasewire.config.settings import Settings

MODELS: dict[str, type[BaseModel]] = {
    "feeds": FeedList,
    "channels": ChannelList,
    "settings": Settings,
    "rule": Rule,
}
"""The name of each schema and its model."""


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema of a file: unknown keys are refused in it, as the program does."""
    made = MODELS[name].model_json_schema(mode="validation")
    made["title"] = f"Ceasewire: {name}"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **_spelled(made)}


def _spelled(value: Any) -> Any:
    """Defaults as a user writes them (pydantic gives durations as ISO 8601); those of sections stand in them."""
    if isinstance(value, dict):
        return {
            key: spell_duration(child) if key == "default" and _is_duration(child) else _spelled(child)
            for key, child in value.items()
            if not (key == "default" and isinstance(child, dict))
        }
    if isinstance(value, list):
        return [_spelled(child) for child in value]
    return value


def _is_duration(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("P") and value[1:2] in set("T0123456789")


def spell_duration(value: timedelta | str) -> str:
    """A span of time as it is written in a file: "30 s", "5 m", "24 h", "7 d"."""
    if isinstance(value, str):
        value = TypeAdapter(timedelta).validate_python(value)
    seconds = value.total_seconds()
    for name, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * length and seconds % length == 0:
            return f"{seconds / length:g} {name}"
    return f"{seconds:g} s"


def each_setting(
    model: type[BaseModel] = Settings, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The path and field of every setting, in the order of the models; a section comes before its settings."""
    for name, field in model.model_fields.items():
        yield (*path, name), field
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from each_setting(field.annotation, (*path, name))


def spell(value: Any) -> str:
    """A default as YAML on one line."""
    if isinstance(value, timedelta):
        return spell_duration(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "" if value is None else str(value) or '""'


def is_section(field: Any) -> bool:
    """Whether a field holds further settings."""
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def choices(field: Any) -> tuple[str, ...]:
    """The values that a setting is limited to, or none."""
    found = get_args(field.annotation)
    return found if found and all(isinstance(one, str) for one in found) else ()
