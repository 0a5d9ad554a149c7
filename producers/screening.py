"""What is looked at before a document may reach a parser: is it a feed at all, and is it safe to read."""

import re
from bisect import bisect_right
from itertools import pairwise
from typing import NamedTuple

from producers.dates import runs_forward
from producers.documents import Remark, Unreadable
from producers.reasons import Reason

MAX_TAG = 65_536
_LONGEST_ENTITY = 1_000

_ROOT = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel)[\s>/]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_ENTRY = re.compile(r"<((?:[\w.-]+:)?(?:item|entry))(?=[\s>/])", re.IGNORECASE)
_ENTRY_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_DATA = re.compile(r"""(=\s*+["'])data:[^"'<>]*+""", re.IGNORECASE)
"""Pictures and fonts within an attribute: long, and nothing to read."""
_PASSAGE = re.compile(
    r"<!\[CDATA\[[^\]]*+(?:\](?!\]>)[^\]]*+)*+|<!--[^-]*+(?:-(?!->)[^-]*+)*+"
    rf"|(<[A-Za-z_:/?][^<>]{{{MAX_TAG}}})"
)
"""What is no tag, and a tag that is too long."""
_DATE = re.compile(r"<(?:[\w.-]+:)?(?:pubDate|published|updated|issued|date)\s*>([^<]{6,100})<", re.IGNORECASE)
_DATED = 10
"""So many entries at either end tell which end of a document is the newer."""
_ENTITY = re.compile(
    r"""<!ENTITY\s+(?:%\s+)?[^\s"'>]{1,200}\s+(?:"([^"]*)"|'([^']*)'|(SYSTEM|PUBLIC)\b)""", re.IGNORECASE
)
_NESTED = re.compile(r"&(?!#)[^\s;&]{1,200};|%[^\s;%]{1,200};")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CHARACTER = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));?")


class Screened(NamedTuple):
    """A document that may be parsed."""

    text: str
    remarks: tuple[Remark, ...] = ()
    dropped: int = 0
    """Entries that were left out."""


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
    text = _DATA.sub(r"\1", _without_leading_comments(text))
    head = text[:20_000]
    root = _ROOT.search(head)
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
        return Unreadable(reason=Reason.NOT_A_FEED)
    page = _PAGE.search(head)
    if page and page.start() < root.start() and page[0].lower().startswith(("<!doctype", "<html")):
        return Unreadable(reason=Reason.WEB_PAGE)
    declaration = text.find("<?xml", 1, root.start())
    if declaration > 0:
        # What a broken server printed before the document would keep every parser from reading it strictly.
        text = text[declaration:]
    slim = _without_long_tags(text)
    if isinstance(slim, Unreadable):
        return slim
    cut = _cut(slim.text, root[1].lower(), limit, whole)
    return cut._replace(dropped=slim.dropped) if isinstance(cut, Screened) else cut


def _without_leading_comments(text: str) -> str:
    """Comments before the root may be long; their line ends stay, since faults are told by line."""
    pieces = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and not _ROOT.search(text, at, start):
        end = text.find("-->", start + 4)
        if end < 0:
            break
        pieces += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*pieces, text[at:]])


def _without_long_tags(text: str) -> Screened | Unreadable:
    """The text without the entries that hold a tag so long that a parser may choke on it."""
    long = [match.start() for match in _PASSAGE.finditer(text) if match[1]]
    if not long:
        return Screened(text)
    starts = [match.start() for match in _ENTRY.finditer(text)]
    spans: list[tuple[int, int]] = []
    for at in long:
        if spans and at < spans[-1][1]:
            continue
        number = bisect_right(starts, at)
        following = starts[number] if number < len(starts) else len(text)
        closing = _ENTRY_END.search(text, at, following)
        end = closing.end() if closing else following
        if not number or end == len(text):
            return Unreadable(reason=Reason.TAG_TOO_LONG, detail=f"line {text.count(chr(10), 0, at) + 1}")
        spans.append((starts[number - 1], end))
    kept = [text[end:start] for (_, end), (start, _) in pairwise([(0, 0), *spans, (len(text), 0)])]
    return Screened("".join(kept), dropped=len(spans))


def _cut(text: str, root: str, limit: int, whole: bool) -> Screened | Unreadable:
    starts = [match.start() for match in _ENTRY.finditer(text)]
    if len(starts) > limit:
        bounds = [*starts, len(text)]
        first = (text[start:end] for start, end in pairwise(bounds[: _DATED + 1]))
        last = (text[start:end] for start, end in pairwise(bounds[-_DATED - 1 :]))
        if runs_forward(map(_dated, first), map(_dated, last)):
            remark = Remark(Reason.TOO_MANY_ENTRIES, f"the last {limit:,} of {len(starts):,}")
            return Screened(text[: starts[0]] + text[starts[-limit] :], (remark,))
        remark = Remark(Reason.TOO_MANY_ENTRIES, f"the first {limit:,} of {len(starts):,}")
        return Screened(text[: starts[limit]] + _closing(text, root), (remark,))
    closed = f"</{root}" in text[-100_000:].lower() or re.search(
        rf"</[\w.-]+:{root}\s*>", text[-100_000:], re.IGNORECASE
    )
    if closed and whole:
        return Screened(text)
    ends = [match.end() for match in _ENTRY_END.finditer(text)]
    if closed:
        return Screened(text, (Remark(Reason.TRUNCATED),))
    if not ends:
        return Unreadable(reason=Reason.CUT_OFF, detail=f"after {len(text):,} characters")
    detail = f"{len(ends)} of {len(starts)} entries are whole"
    return Screened(text[: ends[-1]] + _closing(text, root), (Remark(Reason.TRUNCATED, detail),))


def _dated(entry: str) -> str | None:
    found = _DATE.search(entry, 0, 20_000)
    return found[1] if found else None


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
