"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

import html
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from ceasewire.items import Entry
from producers.dates import from_text
from producers.documents import Parsed, Reading, Remark, Unreadable
from producers.reasons import Reason
from producers.screening import clean

_MAX_TEXT = 256_000


def read_json(text: str, url: str, limit: int, whole: bool = True) -> Reading:
    """The feed; what is whole of it where the end is missing."""
    remarks = [] if whole else [Remark(Reason.TRUNCATED)]
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        feed = _salvage(text)
        if not feed.get("items"):
            cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(text) - 1
            return Unreadable(reason=Reason.CUT_OFF if cut else Reason.NOT_A_FEED, detail=_words(error))
        remarks = [Remark(Reason.TRUNCATED, f"{len(feed['items'])} entries are whole")]
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not ("jsonfeed.org" in str(feed.get("version", "")) or "title" in feed):
        return Unreadable(reason=Reason.NOT_A_FEED, detail="JSON, but not JSON Feed")
    if len(items) > limit:
        remarks.append(Remark(Reason.TOO_MANY_ENTRIES, f"the first {limit:,} of {len(items):,}"))
    base = urljoin(url, _text(feed.get("home_page_url")) or "")
    entries = []
    skipped = 0
    for item in items[:limit]:
        entry = _entry(item, base) if isinstance(item, dict) else None
        if entry is None:
            skipped += 1
        else:
            entries.append(entry)
    if skipped:
        remarks.append(Remark(Reason.ENTRIES_SKIPPED, f"{skipped} of {len(items[:limit])}"))
    return Parsed(
        title=_text(feed.get("title")),
        language=_text(feed.get("language")),
        entries=tuple(entries),
        skipped=skipped,
        remarks=tuple(remarks),
    )


def _entry(item: dict[str, Any], base: str) -> Entry | None:
    link = _text(item.get("url")) or _text(item.get("external_url"))
    markup = _text(item.get("content_html"))
    plain = _text(item.get("content_text")) or _text(item.get("summary"))
    title = _text(item.get("title")) or ""
    guid = _text(item.get("id"))
    if not (title or markup or plain or link):
        return None
    try:
        url = urljoin(base, link) if link else None
    except ValueError:
        url = None
    return Entry(
        guid=guid,
        link=link,
        url=url,
        title=html.escape(title, quote=False),
        html=(markup or html.escape(plain or "", quote=False))[:_MAX_TEXT],
        published=_date(item.get("date_published")) or _date(item.get("date_modified")),
        updated=_date(item.get("date_modified")),
        language=_text(item.get("language")),
    )


def _text(value: Any) -> str | None:
    """Texts, and numbers where publishers write ids as such."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return clean(str(value)).strip() or None
    except ValueError:
        return None


def _date(value: Any) -> Any:
    return from_text(value) if isinstance(value, str) else None


def _words(error: BaseException) -> str:
    return f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else type(error).__name__


def _salvage(text: str) -> dict[str, Any]:
    """The title and the whole items of a document whose end is missing."""
    start = text.find('"items"')
    opening = text.find("[", start)
    if start < 0 or opening < 0 or "jsonfeed.org" not in text[:2_000]:
        return {}
    decoder = json.JSONDecoder()
    title_at = text.find('"title"', 0, start)
    title = None
    if title_at >= 0:
        try:
            title = decoder.raw_decode(
                text, text.index(":", title_at) + 1 + _blanks(text, text.index(":", title_at) + 1)
            )[0]
        except (ValueError, RecursionError):
            title = None
    return {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": list(_items(text, opening + 1))}


def _items(text: str, position: int) -> Iterator[Any]:
    decoder = json.JSONDecoder()
    while True:
        position += _blanks(text, position)
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return
        yield item
        position += _blanks(text, position)
        if text[position : position + 1] != ",":
            return
        position += 1


def _blanks(text: str, position: int) -> int:
    rest = text[position : position + 10_000]
    return len(rest) - len(rest.lstrip())
