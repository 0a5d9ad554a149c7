"""Items from a file: JSON lines as `ceasewire export` writes them, or simple rows of title, text, url and date."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import msgspec

from ceasewire.codec import decode
from ceasewire.errors import CodecError
from ceasewire.identity import canonical_url, entry_key, fingerprint, item_id
from ceasewire.items import Entry, Item, Source, Tagged
from ceasewire.markup import MAX_TEXT, MAX_TITLE, cut, scrub

FEED = "imported"
"""The feed id of simple rows."""
LARGEST_LINE = 1_000_000
"""Bytes of a line that is read."""
CHUNK = 500
"""Items that go into the store at a time."""


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """A simple row. A date without a zone is UTC; `source` is the outlet's name."""

    title: str
    text: str = ""
    url: str | None = None
    published: str | None = None
    source: str = FEED
    language: str | None = None


class BadLine(msgspec.Struct, frozen=True):
    """A line that could not be read, and why."""

    line: int
    reason: str


def read_lines(lines: Iterable[bytes], now: datetime) -> Iterator[Item | BadLine]:
    """Each line as an item or as what is wrong with it; empty lines are passed over."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _read(line, now)
        except (CodecError, ValueError) as error:
            yield BadLine(number, str(error))


def _read(line: bytes, now: datetime) -> Item:
    if len(line) > LARGEST_LINE:
        raise ValueError(f"the line is longer than {LARGEST_LINE:,} bytes")
    try:
        value = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"not JSON: {error}") from None
    if not isinstance(value, dict):
        raise ValueError("an object is wanted, like {...}")
    if "item" in value:
        return _clean(decode(line, Tagged).item, now)
    if "id" in value and "rev" in value:
        return _clean(decode(line, Item), now)
    try:
        return _item(msgspec.convert(value, Row), now)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def _item(row: Row, now: datetime) -> Item:
    title, text = _title(row.title), cut(scrub(row.text), MAX_TEXT)
    if not title and not text.strip():
        raise ValueError("a title or a text is wanted")
    url = canonical_url(row.url) if row.url else None
    if row.url and url is None:
        raise ValueError(f"not an http or https address: {row.url[:100]}")
    published = _date(row.published)
    key = entry_key(Entry(link=row.url, url=row.url, title=title, html=text), repeats_guids=False)
    outlet = _title(row.source) or FEED
    return Item(
        id=item_id(f"{FEED} {outlet}", key),
        rev=_rev(now),
        fingerprint=fingerprint(title, text),
        source=Source(feed=FEED, outlet=outlet, language=row.language),
        url=row.url,
        title=title,
        text=text,
        published=published,
        at=min(published or now, now),
        seen=now,
        first_seen=now,
        baseline=True,
    )


def _clean(item: Item, now: datetime) -> Item:
    """An item from a file, made as safe as one from a feed."""
    # a rev from the future would make every later edit look outdated
    if not 0 <= item.rev <= _rev(now):
        raise ValueError(f"rev: milliseconds since 1970 are wanted, not in the future, not {item.rev}")
    if not item.id or any(moment.tzinfo is None for moment in (item.at, item.seen, item.first_seen)):
        raise ValueError("an item needs an id, and times with a zone")
    return msgspec.structs.replace(
        item,
        url=item.url if item.url and canonical_url(item.url) else None,
        title=_title(item.title),
        text=cut(scrub(item.text), MAX_TEXT),
        baseline=True,
    )


def _rev(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _title(text: str) -> str:
    return cut(" ".join(scrub(text).split()), MAX_TITLE)


def _date(value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"published: a date like 2026-03-01T12:00:00Z is wanted, not {value[:60]!r}") from None
