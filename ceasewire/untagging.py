"""Markup without its tags, in one walk from left to right that splits it as the HTML standard does.

No tree is built: a tree of hostile markup, blocks in blocks or formatting that is never closed, takes time and memory
that grow with the square of its size. What comes out is text; whoever shows it escapes it.
"""

import re
from collections.abc import Iterator

_BLOCKS = {
    *("p", "div", "br", "hr", "li", "ul", "ol", "dl", "dt", "dd", "table", "tr", "blockquote", "pre", "section"),
    *("article", "header", "footer", "aside", "nav", "main", "figure", "figcaption", "address", "details", "summary"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "center", "caption"),
}
_GAPS = {"td", "th"}
_RAW = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in ("script", "style", "noscript", "iframe")}
"""Tags that go with what is in them up to their end tag, whatever that looks like."""
_NESTING = {"template", "object", "svg", "math"}
"""Tags that go with what is in them, and may stand in themselves."""

_OPENING = re.compile(r"<(?:(/?)([A-Za-z][^\s/>]*)|!--|[!?/])")
_REST = re.compile(r"""(?:[^>"'=]++|=\s*+(?:"[^"]*"|'[^']*')?|["'])*+>""")
"""The attributes of a tag, whose values may hold `>`, and its end."""
_COMMENT_END = re.compile("--!?>")


def without_tags(markup: str) -> str:
    """The text between the tags, blank lines for those that break it, entities as they are.

    What begins as a tag, a comment or a script and never ends takes the rest with it, as in browsers.
    """
    return "".join(_pieces(markup))


def _pieces(markup: str) -> Iterator[str]:
    at, dropped, depth = 0, "", 0
    while (found := _OPENING.search(markup, at)) is not None:
        if not dropped:
            yield markup[at : found.start()]
        at = _end(markup, found)
        name, closes, empty = (found[2] or "").lower(), bool(found[1]), markup[at - 2 : at] == "/>"
        if name in _RAW and not closes and not (empty and name == "iframe"):
            closing = _RAW[name].search(markup, at)
            at = closing.start() if closing else len(markup)
        elif name == dropped != "":
            depth += -1 if closes else not empty
            dropped = dropped if depth else ""
        elif name in _NESTING and not (dropped or closes or empty):
            dropped, depth = name, 1
        elif not dropped:
            yield "\n\n" if name in _BLOCKS else " " if name in _GAPS else ""
    if not dropped:
        yield markup[at:]


def _end(markup: str, opening: re.Match[str]) -> int:
    """Where the tag or comment ends; the end of all where it does not."""
    if opening[2]:
        rest = _REST.match(markup, opening.end())
    elif opening[0] == "<!--":
        rest = _COMMENT_END.search(markup, opening.end() - 2)
    else:
        return markup.find(">", opening.end()) + 1 or len(markup)
    return rest.end() if rest else len(markup)
