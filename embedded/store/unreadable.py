"""Rows that cannot be read: they are passed over, so that they hold up nothing, and noted with the dead letters."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
import structlog

from ceasewire.codec import decode
from ceasewire.errors import CodecError
from embedded.store.times import to_ms

T = TypeVar("T", bound=msgspec.Struct)


def readable(rows: Iterable[tuple[str, bytes]], kind: type[T], unread: dict[str, str]) -> Iterator[T]:
    """The values of the rows (key and value) that can be read; the others go into `unread`, with the reason."""
    for key, value in rows:
        try:
            yield decode(value, kind)
        except CodecError as error:
            unread[key] = str(error)


def read_or_none(key: str, value: bytes, kind: type[T]) -> T | None:
    """The value of one row, or None where it cannot be read, which is logged: it will be written anew."""
    try:
        return decode(value, kind)
    except CodecError as error:
        structlog.get_logger().error("row_unreadable", key=key, reason=str(error))
        return None


def note(connection: sqlite3.Connection, unread: Mapping[str, str], now: datetime) -> None:
    """Notes rows that could not be read as dead letters, each once."""
    connection.executemany(
        "INSERT OR IGNORE INTO dead (stage, item, rev, at, reason) VALUES ('read', ?, 0, ?, ?)",
        [(key, to_ms(now), reason) for key, reason in unread.items()],
    )
