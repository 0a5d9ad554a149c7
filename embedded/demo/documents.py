"""Writes a feed document in one of four forms: RSS 2.0, Atom, JSON Feed 1.1, RSS 1.0 (RDF)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import unescape
from xml.sax.saxutils import escape

import msgspec

from embedded.demo.sample import Form, SampleFeed

TYPES: dict[Form, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
    "rdf": "application/rdf+xml",
}
_DAY_START = datetime(2000, 1, 1, tzinfo=UTC)


class Shown(msgspec.Struct, frozen=True):
    """An entry as it stands in a document now."""

    key: str
    link: str
    title: str
    html: str
    published: datetime | None
    updated: datetime | None


def write_document(feed: SampleFeed, home: str, shown: Sequence[Shown]) -> bytes:
    """The document of a feed whose entries are `shown`, newest first, in the feed's form and encoding."""
    text = {"rss": _rss, "atom": _atom, "json": _json, "rdf": _rdf}[feed.form](feed, home, shown)
    return text.encode(feed.encoding, "xmlcharrefreplace")


def guid(feed: str, key: str) -> str:
    """The id that an entry carries in its feed, the same in every play."""
    return f"tag:sample.invalid,2025:{feed}/{key}"


def lead(html: str) -> str:
    """The first paragraph of a body that is a sentence, as plain text."""
    for paragraph in re.findall(r"<p[^>]*>(.*?)</p>", html, re.S):
        text = " ".join(unescape(re.sub(r"<[^>]+>", "", paragraph)).split())
        if len(text) > 40:
            return text
    return ""


def _rss(feed: SampleFeed, home: str, shown: Sequence[Shown]) -> str:
    entries = "".join(
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.link)}</link>"
        f'<guid isPermaLink="false">{escape(guid(feed.feed, entry.key))}</guid>'
        + (f"<pubDate>{format_datetime(entry.published)}</pubDate>" if entry.published else "")
        + f"<description>{escape(lead(entry.html))}</description>"
        f"<content:encoded>{escape(entry.html)}</content:encoded></item>\n"
        for entry in shown
    )
    return (
        f'<?xml version="1.0" encoding="{feed.encoding}"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(feed.outlet)}</title><link>{escape(home)}</link>"
        f"<description>Sample feed, invented</description><language>{feed.language}</language>\n"
        f"{entries}</channel></rss>\n"
    )


def _atom(feed: SampleFeed, home: str, shown: Sequence[Shown]) -> str:
    entries = "".join(
        f"<entry><id>{escape(guid(feed.feed, entry.key))}</id><title>{escape(entry.title)}</title>"
        f'<link rel="alternate" href="{escape(entry.link)}"/>'
        + (f"<published>{_rfc3339(entry.published)}</published>" if entry.published else "")
        + f"<updated>{_rfc3339(entry.updated or entry.published)}</updated>"
        f'<content type="html">{escape(entry.html)}</content></entry>\n'
        for entry in shown
    )
    changed = max((entry.updated or entry.published or _DAY_START for entry in shown), default=_DAY_START)
    return (
        f'<?xml version="1.0" encoding="{feed.encoding}"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{feed.language}">'
        f"<id>{escape(guid(feed.feed, ''))}</id><title>{escape(feed.outlet)}</title>"
        f"<subtitle>Sample feed, invented</subtitle><updated>{_rfc3339(changed)}</updated>\n{entries}</feed>\n"
    )


def _json(feed: SampleFeed, home: str, shown: Sequence[Shown]) -> str:
    return msgspec.json.encode(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.outlet,
            "description": "Sample feed, invented",
            "home_page_url": home,
            "language": feed.language,
            "items": [
                {
                    "id": guid(feed.feed, entry.key),
                    "url": entry.link,
                    "title": entry.title,
                    "content_html": entry.html,
                    **({"date_published": _rfc3339(entry.published)} if entry.published else {}),
                    **({"date_modified": _rfc3339(entry.updated)} if entry.updated else {}),
                }
                for entry in shown
            ],
        }
    ).decode()


def _rdf(feed: SampleFeed, home: str, shown: Sequence[Shown]) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{escape(guid(feed.feed, entry.key))}"/>' for entry in shown)
    entries = "".join(
        f'<item rdf:about="{escape(guid(feed.feed, entry.key))}"><title>{escape(entry.title)}</title>'
        f"<link>{escape(entry.link)}</link><description>{escape(entry.html)}</description>"
        + (f"<dc:date>{_rfc3339(entry.published)}</dc:date>" if entry.published else "")
        + "</item>\n"
        for entry in shown
    )
    return (
        f'<?xml version="1.0" encoding="{feed.encoding}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{escape(home)}"><title>{escape(feed.outlet)}</title><link>{escape(home)}</link>'
        f"<description>Sample feed, invented</description><items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
        f"{entries}</rdf:RDF>\n"
    )


def _rfc3339(at: datetime | None) -> str:
    return (at or _DAY_START).astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
