"""An alert as a Slack message: Block Kit within its limits, nothing of a feed can mention, link or hide.

Limits of Slack: a section 3,000 characters, 50 blocks, the whole about 12,000; counted after escaping.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from slack_sdk.models.blocks import Block, ContextBlock, MarkdownTextObject, SectionBlock

from streams.notify.account import Account, listed, one_line

SECTION = 2900
FALLBACK = 700
"""Of the plain text for where no blocks are shown; a digest is full already, and this counts into the whole."""
_URL = 1200
_BREAK = "\u200b"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "*": "∗", "`": "ʼ"}
# A star or backtick of a feed would end our bold or begin code; Slack knows no escape for them.


def body(account: Account) -> str:
    """The JSON text of the alert for an incoming webhook."""
    heading = account.rule.name + (f" · {account.conflict.name}" if account.conflict else "")
    title = account.title or "(no title)"
    first = f"*{escaped(heading, 300)}*"
    if one_line(account.sentence.text) == title:
        blocks: list[Block] = [section(first), section(_marked(account))]
    else:
        blocks = [section(f"{first}\n{_link(account.url, title, 1000)}"), section(f"> {_marked(account)}")]
    blocks.append(
        _context(
            escaped(account.outlet, 300),
            f"published {escaped(account.published, 100)}",
            f"seen {escaped(account.seen, 100)}",
        )
    )
    tags = [
        f"{label}: {escaped(listed([name.name for name in names], 10), 600)}"
        for label, names in (("Issues", account.issues), ("Actors", account.actors))
        if names
    ]
    if tags:
        blocks.append(_context(*tags))
    why = [f"Why: {escaped(account.why, 300)}"]
    if account.alert.follows:
        why.append("Follows an earlier alert of this thread")
    if account.elsewhere:
        why.append(f"Also told by {escaped(account.elsewhere, 300)}")
    blocks.append(_context(*why))
    links = [_link(account.url, "At the source", 100)] if account.url else []
    links += [_link(account.desk, "On the desk", 100)] if account.desk else []
    if links:
        blocks.append(section(" · ".join(links)))
    return as_json(f"{title} ({account.outlet}): {heading}", blocks)


def trial(channel: str, now: datetime) -> str:
    """The JSON text of a test alert."""
    told = f"Test alert of Ceasewire for the channel {channel}. Nothing happened."
    return as_json(told, [section(f"*TEST* · {escaped(told, 300)}"), _context(f"{now:%Y-%m-%d %H:%M} UTC")])


def repeated(text: str) -> str:
    """The same message with a note that it may have come before."""
    told: dict[str, Any] = msgspec.json.decode(text)
    note = _context("(possible repeat: an earlier try broke off and may have arrived)").to_dict()
    told["blocks"] = [*told.get("blocks", []), note]
    return msgspec.json.encode(told).decode()


def escaped(text: str, longest: int) -> str:
    """The text on one line, made harmless for Slack, at most so many characters after escaping."""
    found: list[str] = []
    length = 0
    for char in one_line(text):
        piece = _ESCAPES.get(char, char)
        if length + len(piece) > longest - 1:
            return "".join(found).rstrip() + "…"
        found.append(piece)
        length += len(piece)
    return "".join(found)


def _marked(account: Account) -> str:
    """The sentence with the words that fired in bold; Slack shows bold only beside no letter, hence the blanks."""
    found: list[str] = []
    left = SECTION - 100
    pieces = account.sentence.pieces()
    for index, (text, bold) in enumerate(pieces):
        lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        core = text.strip()
        if not core:
            found.append(" ")
            continue
        piece = escaped(core, max(left - 8, 2))
        if bold:
            before, after = _neighbours(pieces, index)
            piece = f"{_BREAK if before.isalnum() else ''}*{piece}*{_BREAK if after.isalnum() else ''}"
        found.append(f"{' ' if lead else ''}{piece}{' ' if trail else ''}")
        left -= len(found[-1])
        if left < 50:
            break
    return re.sub(r" +", " ", "".join(found)).strip() or "…"


def _neighbours(pieces: list[tuple[str, bool]], index: int) -> tuple[str, str]:
    before = pieces[index - 1][0][-1:] if index else ""
    after = pieces[index + 1][0][:1] if index + 1 < len(pieces) else ""
    return before, after


def _link(url: str | None, text: str, longest: int) -> str:
    """A link; the bold text alone where there is none, or where it is too long or of another scheme."""
    shown = escaped(text, longest)
    if not url or not url.startswith(("http://", "https://")):
        return f"*{shown}*"
    safe = re.sub(r"[<>|\s\"`*\\^{}]", lambda hit: f"%{ord(hit[0]):02X}" if ord(hit[0]) < 128 else "", url)
    safe = safe.replace("&", "&amp;")
    return f"<{safe}|{shown}>" if len(safe) <= _URL else f"*{shown}*"


def section(text: str) -> SectionBlock:
    """A section of text that is escaped already; Slack finds no links or names in it."""
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True))


def _context(*texts: str) -> ContextBlock:
    return ContextBlock(elements=[MarkdownTextObject(text=text, verbatim=True) for text in texts])


def as_json(text: str, blocks: Sequence[Block]) -> str:
    """The JSON text of a message; `text` is what shows where blocks do not, and is escaped here."""
    told = {
        "text": escaped(text, FALLBACK),
        "blocks": [block.to_dict() for block in blocks],
        "unfurl_links": False,
        "unfurl_media": False,
    }
    return msgspec.json.encode(told).decode()
