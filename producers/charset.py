"""Bytes to text, whatever character set the document and its server claim."""

import codecs
import re
from typing import NamedTuple

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_META = re.compile(rb"""<meta\s[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_STARTS = ((b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"))
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CYRILLIC = ("windows-1251", "koi8-u", "iso-8859-5", "cp866")
_LATIN = ("windows-1250", "windows-1252")


class Text(NamedTuple):
    """A decoded document."""

    text: str
    charset: str
    claimed: str | None
    """What the document or server claimed, where that was wrong."""


def decode(body: bytes, content_type: str | None) -> Text:
    """The body as text. UTF-8 wins wherever the bytes are UTF-8, since no other text looks so by chance."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return Text(body[len(mark) :].decode(charset, "replace"), charset, None)
    for start, charset in _STARTS:
        if body.startswith(start):
            return Text(body.decode(charset, "replace"), charset, None)
    claims = _claims(body, content_type)
    if b"\x1b" in body and claims and claims[0].startswith("iso2022"):
        return Text(body.decode(claims[0], "replace"), claims[0], None)
    if body.isascii():
        return Text(body.decode("ascii"), "ascii", None)
    foreign = next((claim for claim in claims if claim not in ("utf-8", "ascii")), None)
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if broken * 20 <= sum(not char.isascii() for char in text):
        return Text(text, "utf-8", foreign)
    guess = _guess(body)
    if foreign is None:
        return Text(body.decode(guess, "replace"), guess, claims[0] if claims else "none")
    if guess in _CYRILLIC and foreign in ("iso8859-1", "cp1252"):
        return Text(body.decode(guess, "replace"), guess, foreign)
    charset = "cp1252" if foreign == "iso8859-1" else foreign
    return Text(body.decode(charset, "replace"), charset, None)


def decode_page(body: bytes, content_type: str | None) -> Text:
    """A web page as text: as `decode`, and where the server names no charset the page's own <meta> does."""
    if not _CHARSET.search(content_type or ""):
        named = _META.search(body[:4096])
        if named:
            content_type = f"text/html; charset={named[1].decode()}"
    return decode(body, content_type)


def _claims(body: bytes, content_type: str | None) -> list[str]:
    """The known names of the charsets claimed by the document and then by the server."""
    found = []
    declared = _DECLARED.match(body[:1024])
    served = _CHARSET.search(content_type or "")
    for name in (declared[1].decode() if declared else "", served[1] if served else ""):
        try:
            found.append(codecs.lookup(name).name)
        except (LookupError, ValueError):
            continue
    text = [name for name in found if not name.startswith(("utf-16", "utf-32")) and _is_text(name)]
    return list(dict.fromkeys("gb18030" if name in ("gb2312", "gbk") else name for name in text))


def _is_text(name: str) -> bool:
    """Python names codecs that are no character sets too, like hex and zlib."""
    try:
        return b"<".decode(name) == "<"
    except Exception:
        return False


def _guess(body: bytes) -> str:
    """An 8-bit charset for bytes that claim none: Cyrillic where high bytes stand in runs, else Western or Central."""
    sample = body[:200_000]
    runs = _HIGH_RUN.findall(sample)
    if not runs:
        return "windows-1252"
    if sum(map(len, runs)) / len(runs) >= 2.5:
        return max(_CYRILLIC, key=lambda name: _cyrillic(sample, name))
    return max(_LATIN, key=lambda name: _polish(sample, name))


def _cyrillic(sample: bytes, charset: str) -> float:
    """How much the sample looks like Russian or Ukrainian in this charset: common small letters count."""
    text = "".join(run.decode(charset, "replace") for run in _HIGH_RUN.findall(sample))
    return sum(char in "оеаинтсрвлкідум" for char in text) / max(len(text), 1)


def _polish(sample: bytes, charset: str) -> int:
    """Letters that Polish has in windows-1250, and that windows-1252 has not."""
    text = sample.decode(charset, "replace")
    return sum(text.count(char) for char in ("ąćęłńśźż" if charset == "windows-1250" else "éèàçôêñíóáúäöüß"))
