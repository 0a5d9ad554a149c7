"""Additions to feeds.yml that leave the rest of the text as the user wrote it."""

import json
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ceasewire.config.feeds import Feed, read_feeds
from ceasewire.config.lines import read_yaml
from ceasewire.errors import ConfigurationError, Fault

_PLAIN = re.compile(r"[^\W_][\w ./()&+-]*", re.UNICODE)
_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_WORDS = frozenset(("true", "false", "null"))
_ENTRY = re.compile(r"^( *)- ", re.MULTILINE)
_EMPTY = re.compile(r"^feeds:[ \t]*(\[\s*\]|~|null)?[ \t]*(#.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Addition:
    """A feed to be written, with a comment above it."""

    id: str
    url: str
    outlet: str
    kind: str = "outlet"
    country: str | None = None
    language: str | None = None
    allow_private: tuple[str, ...] = ()
    comment: str = ""


def is_id(text: str) -> bool:
    """Whether a feed may have it as its id."""
    return bool(_ID.fullmatch(text)) and text not in _WORDS


def new_id(outlet: str, url: str, taken: Collection[str]) -> str:
    """A free id from the outlet's name, or from the host where the name has no Latin letters."""
    host = (urlsplit(url).hostname or "feed").removeprefix("www.").removeprefix("rss.").removeprefix("feeds.")
    for text in (outlet, host):
        word = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_").lstrip("0123456789_")[:40].strip("_")
        if len(word) >= 2 and is_id(word):
            break
    else:
        word = "feed"
    if word not in taken:
        return word
    return next(name for number in range(2, 100_000) if (name := f"{word}_{number}") not in taken)


def block(addition: Addition, indent: str) -> str:
    """The feed as YAML lines."""
    lines = [f"{indent}# {' '.join(addition.comment.split())[:160]}"] if addition.comment else []
    lines += [f"{indent}- id: {addition.id}", f"{indent}  url: {_spell(addition.url)}"]
    lines.append(f"{indent}  outlet: {_spell(addition.outlet)}")
    if addition.kind != "outlet":
        lines.append(f"{indent}  kind: {addition.kind}")
    for name in ("country", "language"):
        value = getattr(addition, name)
        if value:
            lines.append(f"{indent}  {name}: {value}")
    if addition.allow_private:
        lines.append(f"{indent}  allow_private: [{', '.join(addition.allow_private)}]")
    return "\n".join(lines) + "\n"


def _spell(text: str) -> str:
    safe = _PLAIN.fullmatch(text) or re.fullmatch(r"https?://[\w./?=&%~+:;,@!*-]+", text, re.ASCII)
    plain = safe and text.lower() not in _WORDS and not text.endswith((" ", ":"))
    return text if plain and not re.fullmatch(r"[\d.+-]+", text) else json.dumps(text, ensure_ascii=False)


def with_additions(text: str, additions: Sequence[Addition], file: str) -> str:
    """The text with the feeds at its end, checked; raises ConfigurationError where it would not be valid."""
    if not text.strip():
        text = "feeds:\n"
    found = _ENTRY.search(text)
    indent = found[1] if found else "  "
    if not found:
        if not _EMPTY.search(text):
            raise ConfigurationError([Fault(file, None, "the list is written in brackets; put one feed on each line")])
        text = _EMPTY.sub("feeds:", text, count=1)
    whole = text.rstrip("\n") + "\n" + "".join(block(addition, indent) for addition in additions)
    read_feeds(read_yaml(whole, file))
    return whole


def append(path: Path, additions: Sequence[Addition], before: str) -> None:
    """Writes the feeds behind `before`, which is the text of the file; the file changes at once or not at all."""
    whole = with_additions(before, additions, str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(whole, encoding="utf-8")
    if path.exists():
        os.chmod(draft, path.stat().st_mode & 0o777)
    os.replace(draft, path)


def as_written(path: Path, text: str) -> tuple[Feed, ...]:
    """The feeds of the text with `${NAME}` left as it is, so that no secret is shown or exported."""
    return read_feeds(read_yaml(text, str(path)))
