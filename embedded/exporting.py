"""Items to a file: JSON lines with every tag, or a table for a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Literal, Protocol

import msgspec

from ceasewire.codec import encode
from ceasewire.items import Tagged
from ceasewire.views import Ask, Found

Form = Literal["jsonl", "csv"]
COLUMNS = (
    "id", "published", "seen", "outlet", "feed", "kind", "country", "language", "title", "url", "extent", "relevance",
    "conflict", "issues", "actors", "marks", "text",
)  # fmt: skip
PAGE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run at the beginning of a cell."""


class Finds(Protocol):
    """The part of `ports.Search` that an export needs."""

    async def search(self, ask: Ask) -> Found:
        """A page of matches."""


async def export(search: Finds, ask: Ask, form: Form) -> AsyncIterator[bytes]:
    """The matches as lines of UTF-8, newest first; `ask.limit` is that of the whole (0 = all)."""
    if form == "csv":
        yield cells(COLUMNS)
    left = ask.limit or 1 << 62
    after = ask.after
    while left > 0:
        found = await search.search(msgspec.structs.replace(ask, after=after, limit=min(left, PAGE)))
        for hit in found.hits:
            yield encode(hit.tagged) + b"\n" if form == "jsonl" else cells(_row(hit.tagged))
        left -= len(found.hits)
        after = found.next
        if after is None:
            return


def _row(tagged: Tagged) -> tuple[str, ...]:
    item, source = tagged.item, tagged.item.source
    return (
        item.id,
        item.published.isoformat() if item.published else "",
        item.seen.isoformat(),
        source.outlet,
        source.feed,
        source.kind,
        source.country or "",
        tagged.language,
        item.title,
        item.url or "",
        item.extent,
        tagged.relevance,
        tagged.conflict or "",
        " ".join(tagged.issues),
        " ".join(tagged.actors),
        " ".join(tagged.marks),
        item.text,
    )


def cells(row: Iterable[str]) -> bytes:
    """A row of CSV; what a spreadsheet would run is made plain text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        ["'" + cell if cell.startswith(_FORMULA) else cell for cell in row]
    )
    return line.getvalue().encode()
