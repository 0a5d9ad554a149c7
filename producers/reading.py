"""A document to its entries: charset, screening, and feedparser or the JSON Feed reader. Runs in a parsing child."""

import html
import io
import re
from datetime import datetime
from typing import Any

import feedparser
import msgspec

from ceasewire.items import Entry
from producers.charset import decode
from producers.dates import read_date
from producers.documents import Document, Parsed, Reading, Remark, Unreadable
from producers.json_feed import read_json
from producers.links import base_of, join
from producers.reasons import Reason
from producers.screening import clean, entries_apart, screen

_MAX_TEXT = 256_000
_MAX_TITLE = 4_000
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_PLAIN = "text/plain"


def read(document: Document) -> Reading:
    """What the document holds. May raise MemoryError, or whatever feedparser raises on odd input."""
    if not document.body.strip(b" \t\r\n\0\xef\xbb\xbf"):
        return Unreadable(reason=Reason.EMPTY_BODY)
    decoded = decode(document.body, document.content_type)
    remarks: list[Remark] = []
    if decoded.claimed:
        remarks.append(Remark(Reason.WRONG_CHARSET, f"claims {decoded.claimed}, is {decoded.charset}"))
    start = decoded.text.lstrip("\ufeff \t\r\n")
    if start.startswith("{"):
        reading = read_json(start, document.url, document.limit, document.whole)
    else:
        reading = _read_xml(start, document)
    if isinstance(reading, Parsed) and remarks:
        return msgspec.structs.replace(reading, remarks=(*reading.remarks, *remarks))
    return reading


def _read_xml(text: str, document: Document) -> Reading:
    screened = screen(clean(text), document.limit, document.whole)
    if isinstance(screened, Unreadable):
        return screened
    found, lost = _parse_all(screened.text)
    lost += screened.dropped
    feed = found.feed
    base = base_of(document.url, _get(feed, "link"))
    remarks = list(screened.remarks)
    entries: list[Entry] = []
    given = found.entries[: document.limit]
    for raw in given:
        try:
            entry = _entry(raw, base)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, UnicodeError):
            entry = None
        if entry is not None:
            entries.append(entry)
    skipped = len(given) - len(entries) + lost
    if not found.version and not entries:
        return Unreadable(reason=Reason.NOT_A_FEED, detail="XML, but neither RSS nor Atom")
    if skipped:
        remarks.append(Remark(Reason.ENTRIES_SKIPPED, f"{skipped} of {len(given) + lost}"))
    if found.bozo and not remarks:
        remarks.append(Remark(Reason.FAULTY_XML, _fault(found.get("bozo_exception"))))
    return Parsed(
        title=_get(feed, "title"),
        language=_get(feed, "language"),
        ttl_minutes=_minutes(_get(feed, "ttl")),
        entries=tuple(entries),
        skipped=skipped,
        remarks=tuple(remarks),
    )


def _parse(text: str) -> Any:
    """feedparser's answer; only ever over a stream, since it opens or fetches what else looks like an address."""
    body = _DECLARATION.sub("", text, count=1)
    return feedparser.parse(
        io.BytesIO(b'<?xml version="1.0" encoding="utf-8"?>' + body.encode("utf-8", "replace")),
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _parse_all(text: str) -> tuple[Any, int]:
    """feedparser's answer, and how many entries had to be left out because it fails on them."""
    try:
        return _parse(text), 0
    except MemoryError:
        raise
    except Exception:
        head, pieces, closing = entries_apart(text)
        kept = [piece for piece in pieces if _passes(head + piece + closing)]
        if not kept:
            raise
        return _parse(head + "".join(kept) + closing), len(pieces) - len(kept)


def _passes(text: str) -> bool:
    try:
        _parse(text)
    except MemoryError:
        raise
    except Exception:
        return False
    return True


def _fault(error: Any) -> str:
    line = error.getLineNumber() if hasattr(error, "getLineNumber") else None
    words = " ".join(str(error.getMessage() if hasattr(error, "getMessage") else error).split())[:120]
    return f"line {line}: {words}" if line else words


def _get(raw: Any, name: str) -> str | None:
    """A text field that the document itself holds; feedparser's own look-up maps names onto others."""
    value = dict.get(raw, name)
    return value.strip() or None if isinstance(value, str) else None


def _minutes(value: str | None) -> int | None:
    return int(value[:6]) if value and value.isascii() and value.isdigit() else None


def _entry(raw: Any, base: str) -> Entry | None:
    link = _link(raw)
    title = dict.get(raw, "title") or ""
    body = _body(raw)
    guid = _get(raw, "id")
    if not (title.strip() or body or link):
        return None
    source = dict.get(raw, "source") or {}
    published, created, updated = (_date(raw, name) for name in ("published", "created", "updated"))
    return Entry(
        guid=guid,
        link=link,
        url=join(base, link),
        title=clean(title.strip()[:_MAX_TITLE]),
        html=clean(body[:_MAX_TEXT]),
        published=published or created or updated,
        updated=updated,
        outlet=_get(source, "title"),
        language=_get(dict.get(raw, "title_detail") or {}, "language"),
    )


def _link(raw: Any) -> str | None:
    """The first link to a page; feedparser's own `link` is the last one, also of related entries inside."""
    pages = ("text/html", "application/xhtml+xml", None, "")
    for link in dict.get(raw, "links") or ():
        if dict.get(link, "rel") == "alternate" and dict.get(link, "type") in pages and _get(link, "href"):
            return _get(link, "href")
    return _get(raw, "link")


def _body(raw: Any) -> str:
    """The longest content, else the summary; plain text is escaped, so that it means the same as markup."""
    contents = [part for part in dict.get(raw, "content") or () if isinstance(part.get("value"), str)]
    parts = [(part["value"], part.get("type")) for part in contents if part["value"].strip()]
    summary = dict.get(raw, "summary") or ""
    if not parts and summary.strip():
        parts = [(summary, (dict.get(raw, "summary_detail") or {}).get("type"))]
    if not parts:
        return ""
    value, kind = max(parts, key=lambda part: len(part[0]))
    return html.escape(value, quote=False) if kind == _PLAIN else value


def _date(raw: Any, name: str) -> datetime | None:
    text = dict.get(raw, name)
    return read_date(text, dict.get(raw, f"{name}_parsed")) if isinstance(text, str) else None
