"""Feed markup to plain, safe text: no tags, scripts, control or direction signs; paragraphs as lines."""

import html
import re

from ceasewire.untagging import without_tags

MAX_TITLE = 1000
MAX_TEXT = 64_000
MAX_MARKUP = 256_000
"""Bytes of UTF-8; markup is counted in characters."""

_REAL_TAG = re.compile(r"</?[A-Za-z!?]")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]*);")
_BREAK = re.compile(r"\n\s*\n")
"""Blanks before the first line end are stripped later: looking for them here takes time with the square of a run."""

_OUT: dict[int, str | None] = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)))
_OUT |= dict.fromkeys((0x09, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x85), " ")
_OUT |= dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF))
_OUT |= dict.fromkeys((0x00, 0xFFFE, 0xFFFF), "\ufffd")
_OUT |= dict.fromkeys((0x0A, 0x2028, 0x2029), "\n")
for _code in range(0x80, 0xA0):
    # bytes of Windows-1252 that were read as Latin-1: what browsers make of them
    if _code != 0x85 and (_sign := bytes([_code]).decode("cp1252", "ignore")):
        _OUT[_code] = _sign
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(markup: str) -> str:
    """The text of markup, at most 64 kB, whitespace folded, one line a paragraph."""
    markup = scrub(markup[:MAX_MARKUP])
    text = _text(markup)
    if not _REAL_TAG.search(markup) and _REAL_TAG.search(text):
        # no tag at all, but escaped ones: the whole body was escaped once more
        text = _text(text)
    return cut(text, MAX_TEXT)


def plain_title(markup: str) -> str:
    """The text of a headline in one line, at most 1 kB; escaped twice or thrice, it comes out right too."""
    text = scrub(markup[: MAX_TITLE * 8])
    for _ in range(3):
        before, text = text, _text(text)
        if before == text or not (_REAL_TAG.search(text) or _ENTITY.search(text)):
            break
    return cut(" ".join(text.split()), MAX_TITLE)


def plain_lines(text: str) -> str:
    """Text that holds no markup, at most 64 kB: scrubbed, whitespace folded, each line a paragraph."""
    lines = (" ".join(line.split()) for line in scrub(text[:MAX_MARKUP]).split("\n"))
    return cut("\n".join(line for line in lines if line), MAX_TEXT)


def scrub(text: str) -> str:
    """The text without control and direction signs; U+FFFD stands for NUL and half surrogates."""
    if _SURROGATE.search(text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text.translate(_OUT)


def cut(text: str, size: int) -> str:
    """At most `size` bytes of the text, cut between letters."""
    if len(text) * 4 <= size:
        return text
    return text.encode("utf-8", "replace")[:size].decode("utf-8", "ignore").rstrip()


def _text(markup: str) -> str:
    """The text of markup that was scrubbed: tags gone, entities resolved, whitespace folded."""
    if "<" in markup:
        if _REAL_TAG.search(markup):
            # a line break in markup is a blank; only tags break paragraphs
            markup = markup.replace("\n", " ")
        markup = without_tags(markup)
    # entities may name the very signs that were taken out before
    return _fold(scrub(html.unescape(markup)))


def _fold(text: str) -> str:
    paragraphs = (" ".join(part.split()) for part in _BREAK.split(text))
    return "\n".join(part for part in paragraphs if part)
