"""Many alerts as one Slack message, for a flood that would else drip in for minutes at one a second."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from streams.notify.account import one_line
from streams.notify.slack_blocks import as_json, escaped, section

MOST = 20
"""Alerts in one digest, and the length of a queue up to which none is made. With a section each: 21 of 50 blocks."""
_EACH = 560
"""Characters of each alert: the whole stays under Slack's 12,000."""


def digest(bodies: Sequence[str]) -> str:
    """The JSON text of one message that tells of all these alerts, each as far as it fits, in their order."""
    told: list[dict[str, Any]] = [msgspec.json.decode(body) for body in bodies]
    heading = f"{len(told)} alerts at once"
    titles = " · ".join(_plain(one) for one in told)
    return as_json(f"{heading}: {titles}", [section(f"*{heading}*"), *(section(_brief(one)) for one in told)])


def _brief(told: dict[str, Any]) -> str:
    """The alert's heading and headline with its link, then what else of it fits, line by line."""
    first, *rest = [*_lines(told), ""]
    found = first if 0 < len(first) <= _EACH else escaped(_plain(told), _EACH)
    for line in rest:
        # A line is taken whole or not at all: a link or bold word that is cut in two would show its marks.
        if line and len(found) + 1 + len(line) <= _EACH:
            found += f"\n{line}"
    return found


def _lines(told: dict[str, Any]) -> Iterator[str]:
    for block in told.get("blocks", []):
        if "text" in block:
            yield block["text"]["text"]
        else:
            yield " · ".join(element["text"] for element in block.get("elements", []))


def _plain(told: dict[str, Any]) -> str:
    """The alert's plain text without Slack's escapes."""
    text = one_line(told.get("text", "")).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return text or "(no text)"
