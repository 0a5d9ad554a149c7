"""Kinds of values that configuration models share: durations, ids, secrets by name, networks."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints, WithJsonSchema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError('a duration like "30 s", "5 m", "24 h" or "7 d" is wanted')
    return timedelta(seconds=float(match[1]) * _SECONDS[match[2]])


def _network(value: str) -> str:
    return str(ip_network(value))


def _address(value: str) -> str:
    if (
        not value.lower().startswith(("http://", "https://"))
        or len(value.split("/", 3)) < 3
        or not value.split("/", 3)[2]
    ):
        raise ValueError("an address that starts with http:// or https:// is wanted")
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": r"^\d+(\.\d+)?\s*(s|m|min|h|d)$"}),
]
"""A time span as text: "30 s", "5 m", "24 h", "7 d"."""
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""Lower-case letters, digits and underscores, as all ids of feeds, rules, channels, issues and actors."""
Address = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
Network = Annotated[str, AfterValidator(_network)]
"""A network like 10.0.0.0/8, or one address."""
Secret = Annotated[
    SecretStr,
    WithJsonSchema(
        {"type": "string", "description": "${NAME}: read from the environment, or from the file that NAME_FILE names"}
    ),
]
"""A secret; `${NAME}` in its text is replaced from the environment or from the file named by NAME_FILE."""
