"""Reads the value of a row, or says by a named reason why it cannot be read."""

from typing import TypeVar

import msgspec

from ceasewire.codec import CURRENT, decode
from ceasewire.errors import CodecError
from streams.stage import Unfit

T = TypeVar("T", bound=msgspec.Struct)


class _Version(msgspec.Struct):
    v: int = CURRENT


_version = msgspec.json.Decoder(_Version)


def decoded(value: bytes, kind: type[T]) -> T | Unfit:
    """The value of that kind; else unfit: `empty`, `not_json`, `newer_version` or `other_shape`."""
    if not value:
        return Unfit("empty", "there is no value")
    try:
        return decode(value, kind)
    except CodecError as error:
        try:
            msgspec.json.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Unfit("not_json", f"no JSON in {len(value)} bytes")
        try:
            newer = _version.decode(value).v > CURRENT
        except msgspec.ValidationError:
            newer = False
        return Unfit("newer_version" if newer else "other_shape", str(error)[:300])
