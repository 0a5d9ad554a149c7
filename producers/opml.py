"""Lists of feeds as other readers keep them (OPML 2.0), in and out."""

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import listparser
import msgspec

from ceasewire.config.feeds import Feed

_LARGEST = 5_000_000


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A feed of a list, with the folders that it stands in and its other categories."""

    url: str
    title: str
    folders: tuple[str, ...] = ()
    """Outermost first."""
    categories: tuple[tuple[str, ...], ...] = ()


def read(text: str) -> list[Listed]:
    """The feeds of an OPML list in its order, each address once; raises ValueError in words where it is none."""
    if len(text) > _LARGEST:
        raise ValueError(f"longer than {_LARGEST:,} characters")
    if "<opml" not in text[:5000].lower():
        raise ValueError("not OPML: there is no <opml> at its beginning")
    if "<!ENTITY" in text:
        raise ValueError("it defines entities, which lists of feeds have no need of")
    found: dict[str, Listed] = {}
    # where lxml is there, listparser reads by it, and that takes what names no encoding for Latin-1
    plain = text[text.lower().index("<opml") :].encode("ascii", "xmlcharrefreplace")
    for feed in listparser.parse(plain).feeds:
        url = feed.url.strip()
        if not url.lower().startswith(("http://", "https://")) or url in found:
            continue
        given = [tuple(part for part in category if part) for category in feed.get("categories", [])]
        folders = _folders(text, given)
        others = tuple(category for category in given if category and category != folders)
        found[url] = Listed(url=url, title=feed.get("title", "").strip(), folders=folders, categories=others)
    return list(found.values())


def _folders(text: str, categories: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """listparser puts the folders last, behind the `category` attribute; only folders are outline texts."""
    last = categories[-1] if categories else ()
    return last if last and all(_is_outline(text, part) for part in last) else ()


def _is_outline(text: str, name: str) -> bool:
    quoted = quoteattr(name)
    return f"text={quoted}" in text or f"title={quoted}" in text or f"text='{name}'" in text


def write(feeds: Sequence[Feed]) -> str:
    """The feeds as OPML, in folders by language, with kind, country and our id as categories."""
    languages = list(dict.fromkeys(feed.language or "" for feed in feeds))
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += ["  <head><title>Feeds of Ceasewire</title></head>", "  <body>"]
    for language in languages:
        lines.append(f"    <outline text={quoteattr(language or 'other')}>")
        lines += [_outline(feed) for feed in feeds if (feed.language or "") == language]
        lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def _outline(feed: Feed) -> str:
    facts = [f"/id/{feed.id}", f"/kind/{feed.kind}", f"/country/{feed.country}" if feed.country else ""]
    category = ",".join(fact for fact in facts if fact)
    return (
        f'      <outline type="rss" text={quoteattr(feed.outlet)} title={quoteattr(feed.outlet)}'
        f" xmlUrl={quoteattr(feed.url)} category={quoteattr(category)}/>"
    )
