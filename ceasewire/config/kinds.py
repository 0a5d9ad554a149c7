"""Kinds of values that configuration models share: durations, ids, secrets by name, networks, headers."""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints, WithJsonSchema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=3650)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", re.ASCII)
_OURS = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer"}
)
"""Headers that belong to the connection, which is ours."""
_MISSING = "${"
"""Begins a reference that stands for nothing, which was told of before."""


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError('a duration like "30 s", "5 m", "24 h" or "7 d" is wanted')
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"at most {_LONGEST.days} d are taken")
    return timedelta(seconds=seconds)


def lasting(least: str, most: str) -> AfterValidator:
    """Bounds a duration, both bounds included."""
    shortest, longest = _duration(least), _duration(most)

    def check(value: timedelta) -> timedelta:
        if not shortest <= value <= longest:
            raise ValueError(f"a duration from {least} to {most} is wanted")
        return value

    return AfterValidator(check)


def _network(value: str) -> str:
    return str(ip_network(value))


def _address(value: str) -> str:
    if not _is_web(value):
        raise ValueError("an address that starts with http:// or https:// is wanted, with a host that can be read")
    return value


def _is_web(value: str) -> bool:
    if not value.lower().startswith(("http://", "https://")) or any(ord(char) < 32 for char in value):
        return False
    try:
        parts = urlsplit(value)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _proxy(value: SecretStr) -> SecretStr:
    if _MISSING not in value.get_secret_value() and not _is_web(value.get_secret_value()):
        raise ValueError("the address of an HTTP proxy is wanted; it starts with http:// or https://")
    return value


def _header_name(value: str) -> str:
    if not _TOKEN.fullmatch(value):
        raise ValueError("the name of a header has no blanks, and only letters, digits and signs like -")
    if value.lower() in _OURS:
        raise ValueError(f"the header {value} is ours to set")
    return value


def _header_value(value: SecretStr) -> SecretStr:
    text = value.get_secret_value()
    if not text.strip() or any((ord(char) < 32 and char != "\t") or ord(char) == 127 for char in text):
        raise ValueError("the value of a header is text on one line")
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
Proxy = Annotated[Secret, AfterValidator(_proxy)]
"""The address of an HTTP proxy, which may hold a password."""
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderValue = Annotated[Secret, AfterValidator(_header_value)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""A name as people write it, of more than blanks."""
