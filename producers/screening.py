"""What is looked at before a document may reach a parser: is it a feed at all, and is it safe to read."""

import re
from typing import NamedTuple

from producers.documents import Remark, Unreadable
from producers.reasons import Reason

MAX_TAG = 65_536
_LONGEST_ENTITY = 1_000

_ROOT = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel)[\s>/]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_ENTRY = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_LONG_TAG = re.compile(rf"<(?!!)[^<>]{{{MAX_TAG}}}")
_ENTITY = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?[^\s"'>]{1,200}\s+(?:"([^"]*)"|'([^']*)'|(SYSTEM|PUBLIC)\b)""", re.IGNORECASE
)
_NESTED = re.compile(r"&(?!#)[^\s;&]{1,200};|%[^\s;%]{1,200};")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARACTER = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));?")
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)


class Screened(NamedTuple):
    """A document that may be parsed."""

    text: str
    remarks: tuple[Remark, ...]


def clean(text: str) -> str:
    """Without NULs, other controls and lone surrogates, written plainly or as character references."""
    text = _CONTROLS.sub("\ufffd", text)
    return _CHARACTER.sub(_character, text) if "&#" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    wrong = code > 0x10FFFF or 0xD800 <= code <= 0xDFFF or (code < 32 and code not in (9, 10, 13))
    return "\ufffd" if wrong else match[0]


def screen(text: str, limit: int, whole: bool) -> Screened | Unreadable:
    """The text ready for a parser: cut to `limit` entries and to whole ones; or why it is not read."""
    head = text[:20_000]
    root = _ROOT.search(_COMMENTS.sub(_blanked, head))
    before_root = text[: root.start() if root else 1_000_000]
    for entity in _ENTITY.finditer(before_root):
        value = entity[1] or entity[2] or ""
        if entity[3] or len(value) > _LONGEST_ENTITY or _NESTED.search(value):
            return Unreadable(reason=Reason.ENTITY_BOMB, detail=f"line {text.count(chr(10), 0, entity.start()) + 1}")
    if root is None:
        if "<opml" in head[:5000].lower():
            return Unreadable(reason=Reason.NOT_A_FEED, detail="a list of feeds: ceasewire feeds import FILE")
        if _PAGE.search(head):
            return Unreadable(reason=Reason.WEB_PAGE)
        return Unreadable(reason=Reason.NOT_A_FEED, detail=_beginning(text))
    page = _PAGE.search(head)
    if page and page.start() < root.start() and page[0].lower().startswith(("<!doctype", "<html")):
        return Unreadable(reason=Reason.WEB_PAGE)
    declaration = text.find("<?xml", 1, root.start())
    if declaration > 0:
        # What a broken server printed before the document would keep every parser from reading it strictly.
        text = text[declaration:]
    long = _LONG_TAG.search(text)
    if long:
        return Unreadable(reason=Reason.TAG_TOO_LONG, detail=f"line {text.count(chr(10), 0, long.start()) + 1}")
    return _cut(text, root[1].lower(), limit, whole)


def _blanked(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _beginning(text: str) -> str:
    start = " ".join(text[:200].split())[:40]
    return f"it begins with {start!r}"


def _cut(text: str, root: str, limit: int, whole: bool) -> Screened | Unreadable:
    starts = [match.start() for _, match in zip(range(limit + 1), _ENTRY.finditer(text), strict=False)]
    if len(starts) > limit:
        count = sum(1 for _ in _ENTRY.finditer(text))
        cut = text[: starts[limit]] + _closing(text, root)
        return Screened(cut, (Remark(Reason.TOO_MANY_ENTRIES, f"the first {limit:,} of {count:,}"),))
    closed = f"</{root}" in text[-100_000:].lower() or re.search(
        rf"</[\w.-]+:{root}\s*>", text[-100_000:], re.IGNORECASE
    )
    if closed and whole:
        return Screened(text, ())
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    if closed:
        return Screened(text, (Remark(Reason.TRUNCATED),))
    if not ends:
        return Unreadable(reason=Reason.CUT_OFF, detail=f"after {len(text):,} characters")
    detail = f"{len(ends)} of {len(starts)} entries are whole"
    return Screened(text[: ends[-1]] + _closing(text, root), (Remark(Reason.TRUNCATED, detail),))


def entries_apart(text: str) -> tuple[str, list[str], str]:
    """The document as what stands before its entries, each entry, and the end tags that close it again."""
    root = _ROOT.search(text)
    starts = [match.start() for match in _ENTRY.finditer(text)]
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    if root is None or not starts:
        return text, [], ""
    last = max(ends[-1] if ends else 0, starts[-1])
    bounds = [*starts[1:], last if last > starts[-1] else len(text)]
    pieces = [text[start:end] for start, end in zip(starts, bounds, strict=True)]
    return text[: starts[0]], pieces, _closing(text, root[1].lower())


def _closing(text: str, root: str) -> str:
    """The end tags that a feed cut after an entry lacks, with the prefix that its root has."""
    found = re.search(rf"<((?:[\w.-]+:)?{root})[\s>]", text, re.IGNORECASE)
    name = found[1] if found else root
    channel = "</channel>" if root == "rss" else ""
    return f"{channel}</{name}>"
