"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not read."""

import html
import json
import re
from typing import Any, NamedTuple

from ceasewire.items import Entry
from producers.dates import from_text, runs_forward
from producers.documents import Parsed, Reading, Remark, Unreadable
from producers.links import base_of, join
from producers.reasons import Reason
from producers.screening import clean

_MAX_TEXT = 256_000
_MOST_DIGITS = 300
_MOST_ITEMS = 20_000
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
"""Where an item may begin behind one that cannot be read."""


def read_json(text: str, url: str, limit: int, whole: bool = True) -> Reading:
    """The feed; what is whole of it where the end is missing."""
    remarks = [] if whole else [Remark(Reason.TRUNCATED)]
    skipped = 0
    try:
        feed = _decoder().decode(text)
    except (ValueError, RecursionError) as error:
        saved = _salvage(text)
        if saved is None or not saved.items:
            cut = isinstance(error, json.JSONDecodeError) and error.pos >= len(text) - 1
            return Unreadable(reason=Reason.CUT_OFF if cut else Reason.NOT_A_FEED, detail=_words(error))
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": saved.title, "items": saved.items}
        skipped = saved.bad
        if not saved.ended:
            remarks = [Remark(Reason.TRUNCATED, f"{len(saved.items)} entries are whole")]
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list) or not ("jsonfeed.org" in str(feed.get("version", "")) or "title" in feed):
        return Unreadable(reason=Reason.NOT_A_FEED, detail="JSON, but not JSON Feed")
    if len(items) > limit:
        forward = runs_forward(map(_dated, items[:10]), map(_dated, items[-10:]))
        which = "last" if forward else "first"
        remarks.append(Remark(Reason.TOO_MANY_ENTRIES, f"the {which} {limit:,} of {len(items):,}"))
        items = items[-limit:] if forward else items[:limit]
    base = base_of(url, _text(feed.get("home_page_url")))
    entries = []
    for item in items:
        entry = _entry(item, base) if isinstance(item, dict) else None
        if entry is None:
            skipped += 1
        else:
            entries.append(entry)
    if skipped:
        remarks.append(Remark(Reason.ENTRIES_SKIPPED, f"{skipped} of {len(entries) + skipped}"))
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
    return Entry(
        guid=guid,
        link=link,
        url=join(base, link),
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


def _dated(item: Any) -> str | None:
    value = item.get("date_published") if isinstance(item, dict) else None
    return value if isinstance(value, str) else None


def _date(value: Any) -> Any:
    return from_text(value) if isinstance(value, str) else None


def _words(error: BaseException) -> str:
    return f"line {error.lineno}: {error.msg}" if isinstance(error, json.JSONDecodeError) else type(error).__name__


def _decoder() -> json.JSONDecoder:
    """Takes line ends and other controls in texts; numbers too long to count with are left as they stand."""
    return json.JSONDecoder(
        strict=False, parse_int=lambda digits: int(digits) if len(digits) < _MOST_DIGITS else digits
    )


class _Saved(NamedTuple):
    """What can be read of a document that is no JSON as a whole."""

    title: Any
    items: list[Any]
    bad: int
    """Items that cannot be read, with whole ones behind them."""
    ended: bool
    """Whether the list of items is there to its end."""


def _salvage(text: str) -> _Saved | None:
    """The title and the whole items of a document with a fault in it, or without its end; None for no JSON Feed."""
    start = text.find('"items"')
    opening = text.find("[", start)
    if start < 0 or opening < 0 or "jsonfeed.org" not in text[:2_000]:
        return None
    title_at = text.find('"title"', 0, start)
    title = None
    if title_at >= 0:
        try:
            at = text.index(":", title_at) + 1
            title = _decoder().raw_decode(text, at + _blanks(text, at))[0]
        except (ValueError, RecursionError):
            title = None
    return _Saved(title, *_items(text, opening + 1))


def _items(text: str, position: int) -> tuple[list[Any], int, bool]:
    """The items from here on, how many had to be passed over, and whether the list has its end."""
    decoder = _decoder()
    items: list[Any] = []
    bad = 0
    lost = False
    for _ in range(_MOST_ITEMS):
        position += _blanks(text, position)
        try:
            item, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            end = position
        # of what stands inside an item that cannot be read, nothing has an id but another item
        if end > position and (not lost or (isinstance(item, dict) and "id" in item)):
            items.append(item)
            bad, lost = bad + lost, False
            position = end + _blanks(text, end)
            if text[position : position + 1] == "]":
                return items, bad, True
            if text[position : position + 1] == ",":
                position += 1
                continue
        following = _NEXT.search(text, position)
        if following is None:
            break
        position, lost = following.end(), True
    return items, bad, False


def _blanks(text: str, position: int) -> int:
    rest = text[position : position + 10_000]
    return len(rest) - len(rest.lstrip())
