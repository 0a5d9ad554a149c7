"""Feeds whose entries link to pages of the same server, and those pages."""

from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.fakes.feed_server import Answer, FeedServer

HTML = {"Content-Type": "text/html; charset=utf-8"}
RSS = {"Content-Type": "application/rss+xml"}


def markup(title: str, *paragraphs: str, head: str = "", body: str = "") -> bytes:
    """A page of an outlet, with what stands around its text on all of them."""
    text = "".join(f"<p>{escape(one)}</p>" for one in paragraphs)
    return (
        f"<!doctype html><html><head><title>{escape(title)} | River Post</title>{head}</head><body>"
        '<nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>'
        f"<main><article><h1>{escape(title)}</h1>{text}</article>{body}</main>"
        "<footer><p>We and our partners use cookies.</p></footer></body></html>"
    ).encode()


def told(subject: str, count: int = 8) -> tuple[str, ...]:
    """Paragraphs of a story, each of them another sentence."""
    return tuple(
        f"Of {subject} the envoys said on day {number} that chapter {number} of the draft was agreed line by line."
        for number in range(1, count + 1)
    )


def list_entries(server: FeedServer, path: str, *entries: tuple[str, str, str], at: datetime | None = None) -> str:
    """Serves a feed of entries (title, summary, address of the page) and gives its address."""
    date = f"<pubDate>{format_datetime(at.astimezone(UTC))}</pubDate>" if at else ""
    items = "".join(
        f"<item><guid>{escape(link)}</guid><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<description>{escape(summary)}</description>{date}</item>"
        for title, summary, link in entries
    )
    text = f'<?xml version="1.0"?><rss version="2.0"><channel><title>River Post</title>{items}</channel></rss>'
    server.routes[path] = Answer(text.encode(), headers=RSS)
    return server.url(path)


def serve_page(server: FeedServer, path: str, *paragraphs: str, title: str = "Ceasefire talks") -> str:
    """Serves a page and gives its address."""
    server.routes[path] = Answer(markup(title, *paragraphs), headers=HTML)
    return server.url(path)
