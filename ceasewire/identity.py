"""Ids and keys that never change: each is a hash of what a thing is, never of an offset, a time or chance."""

import re
import unicodedata
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit, urlunsplit

from courlan import normalize_url

from ceasewire.items import Entry

MAX_ADDRESS = 4000
_LONGEST_KEY = 300

_TRACKERS = re.compile(
    r"(?:cmp(?:id)?|ocid|smid|smtyp|ito|spm|_openstat|at_\w+|ns_\w+|wt\.\w+|traffic_source)", re.ASCII
)
"""Names of query parameters, in lower case, that courlan keeps and news sites use to count readers."""


def canonical_url(url: str) -> str | None:
    """The address without fragment, trackers and `..`, its parameters sorted; None for all but http and https."""
    url = url.strip()
    if not url or len(url) > MAX_ADDRESS or any(sign.isspace() or ord(sign) < 32 for sign in url):
        return None
    try:
        parts = urlsplit(url.encode("utf-8", "replace").decode())
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return None
        named, bare = _split_query(parts.query)
        parts = parts._replace(path=_resolve(parts.path), query=named, fragment="")
        # courlan may unescape what it reads, so a second pass can differ from the first: go on until it is still
        once = str(normalize_url(parts, strict=False))
        again = str(normalize_url(once, strict=False))
    except (ValueError, UnicodeError):
        return None
    scheme, host, path, query, _ = urlsplit(again)
    return urlunsplit((scheme, host, path or "/", "&".join(filter(None, (query, *bare))), ""))


def _split_query(query: str) -> tuple[str, list[str]]:
    """The named parameters without trackers, and those without a value, which are often the page's number."""
    named, bare = [], []
    for part in query.split("&"):
        name, equals, value = part.partition("=")
        if equals and value:
            if not _TRACKERS.fullmatch(name.lower()):
                named.append(part)
        elif part:
            bare.append(name)
    return "&".join(named), sorted(set(bare))


def _resolve(path: str) -> str:
    """The path with `.` and `..` worked in, as a browser does."""
    if "/." not in path:
        return path
    steps: list[str] = []
    parts = path.split("/")
    for part in parts:
        if part == "..":
            steps = steps[:-1] or [""]
        elif part != ".":
            steps.append(part)
    if parts[-1] in (".", ".."):
        steps.append("")
    return "/".join(steps)


def normal_text(text: str) -> str:
    """The text as fingerprints see it: one Unicode form, lower case, each run of white space one blank."""
    return " ".join(unicodedata.normalize("NFC", text).lower().split())


def fingerprint(title: str, text: str, published: datetime | None = None) -> str:
    """26 letters that change when title or text change; `published` where the date belongs to the identity."""
    return short_hash(normal_text(title), normal_text(text), *([published.isoformat()] if published else []))


def entry_key(entry: Entry, repeats_guids: bool) -> str:
    """What tells the entry from the others of its feed: guid (with link where guids repeat), else link, else text."""
    link = link_key(entry)
    if entry.guid and entry.guid.strip():
        guid = entry.guid.strip()
        return _short(f"{guid} {link}" if repeats_guids and link else guid)
    if link:
        return _short(link)
    return "text:" + fingerprint(entry.title, entry.html)


def link_key(entry: Entry) -> str:
    """The canonical link without its scheme (a feed may move to https), or empty where there is none."""
    for address in (entry.url, entry.link):
        canonical = canonical_url(address) if address else None
        if canonical:
            return canonical.partition(":")[2]
    return ""


def item_id(feed: str, key: str) -> str:
    """The id of an item: `i_` and 26 letters, from the feed's id and the entry key."""
    return "i_" + short_hash(feed, key)


def alert_id(rule: str, story: str, cause: str) -> str:
    """The id of an alert: `a_` and 26 letters, the same whenever the same rule meets the same story."""
    return "a_" + short_hash(rule, story, cause)


def delivery_id(alert: str, channel: str) -> str:
    """The id of a delivery, which is also its `webhook-id`: `msg_` and 26 letters."""
    return "msg_" + short_hash(alert, channel)


def decision_id(item: str, rule: str, rev: int) -> str:
    """The id of what a rule decided about a text of an item: `d_` and 26 letters."""
    return "d_" + short_hash(item, rule, str(rev))


def _short(key: str) -> str:
    key = key.encode("utf-8", "replace").decode()
    return key if len(key) <= _LONGEST_KEY else "long:" + short_hash(key)


def short_hash(*parts: str) -> str:
    """26 base32 letters (130 bits) of SHA-256 over the parts, joined with NUL."""
    digest = sha256("\0".join(parts).encode("utf-8", "replace")).digest()
    return b32encode(digest).decode().lower()[:26]
