"""Versioned UTF-8 JSON to and from the values of the domain, for topics, store and files alike."""

from functools import cache
from typing import Any, TypeVar

import msgspec

from ceasewire.errors import CodecError

T = TypeVar("T", bound=msgspec.Struct)

CURRENT = 1
"""The version that is written; all versions up to it are read. A field is added with a default, never renamed."""

_encoder = msgspec.json.Encoder()


class _Version(msgspec.Struct):
    v: int = CURRENT


_version = msgspec.json.Decoder(_Version)


@cache
def _decoder(kind: type[Any]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def encode(value: msgspec.Struct) -> bytes:
    """The value as UTF-8 JSON."""
    return _encoder.encode(value)


def decode(data: bytes | str, kind: type[T]) -> T:
    """The value that `encode` wrote, of this or an older version; raises CodecError with the reason."""
    try:
        value: T = _decoder(kind).decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CodecError(f"not a {kind.__name__}: {_newer(data) or error}") from None
    if getattr(value, "v", CURRENT) > CURRENT:
        raise CodecError(f"not a {kind.__name__}: {_newer(data)}")
    return value


def _newer(data: bytes | str) -> str:
    try:
        version = _version.decode(data).v
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
    return (
        f"version {version} is newer than {CURRENT}, which this program reads: update it" if version > CURRENT else ""
    )
