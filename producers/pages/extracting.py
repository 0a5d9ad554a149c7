"""A page to its main text, and a robots.txt to what it allows. Runs in a child, with the extra `page` installed."""

import re

import msgspec
import trafilatura
from protego import Protego

from producers.charset import decode_page
from producers.pages.documents import Allowance, Answer, PageDocument, PageText, Request, RobotsDocument, Unread

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false\b', re.IGNORECASE)
_NULS = str.maketrans("", "", "\x00")
_MOST_TEXT = 256_000

_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)


def answer(request: Request) -> Answer:
    """What was asked for; whatever goes wrong in reading is a reason."""
    try:
        return _text(request) if isinstance(request, PageDocument) else _allowance(request)
    except (MemoryError, RecursionError):
        return Unread(reason="too_heavy")
    except Exception:
        return Unread(reason="parser_failed")


def answer_frame(request: bytes) -> bytes:
    """As `answer`, from bytes to bytes."""
    return msgspec.msgpack.encode(answer(_requests.decode(request)))


def _text(page: PageDocument) -> PageText:
    markup = _DECLARATION.sub("", decode_page(page.body, page.content_type).text.translate(_NULS), count=1)
    free = _NOT_FREE.search(markup) is None
    found = trafilatura.extract(markup, url=page.url, fast=True, include_comments=False, include_tables=False)
    return PageText(text=_whole(found or "")[:_MOST_TEXT], free=free)


def _allowance(robots: RobotsDocument) -> Allowance:
    rules = Protego.parse(robots.text)
    pause = rules.crawl_delay(robots.agent) or 0.0
    return Allowance(allowed=bool(rules.can_fetch(robots.url, robots.agent)), pause=float(pause))


def _whole(text: str) -> str:
    """Without half surrogates, which no frame takes."""
    return text.encode("utf-8", "replace").decode()
