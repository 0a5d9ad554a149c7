"""One text with its tags shown: the words marked, and which of them gave what."""

import asyncio
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from rich.text import Text

from ceasewire.config.settings import PollingSettings
from ceasewire.engine import Engine
from ceasewire.errors import CeasewireError
from ceasewire.items import HEADLINE_UNSUPPORTED, Mention, Tagged
from ceasewire.markup import plain, plain_title
from embedded.cli.output import out
from process.config_files import read_settings
from process.places import Places

_STYLES = {"issue": "bold yellow", "actor": "bold cyan", "place": "green", "document": "magenta"}
_LARGEST = 5_000_000
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
_MOST_PLACES = 6
PACK_LANGUAGES = ("en", "uk", "ru", "de", "fr", "es", "pl")
"""What the bundled packs are written in."""


def read_source(source: str, places: Places, environ: Mapping[str, str]) -> tuple[str, str]:
    """Headline and text of a file, an address or the input; raises CeasewireError or OSError.

    An address is fetched as feeds are: as settings.yml and the environment say.
    """
    if source.lower().startswith(("http://", "https://")):
        return _page(source, read_settings(places, environ).polling)
    text = sys.stdin.buffer.read(_LARGEST).decode("utf-8", "replace") if source == "-" else _file(Path(source))
    first, _, rest = text.strip().partition("\n")
    return first.strip(), rest.strip()


def _file(path: Path) -> str:
    try:
        text = path.read_bytes()[:_LARGEST].decode("utf-8", "ignore" if path.stat().st_size > _LARGEST else "strict")
    except UnicodeDecodeError:
        raise CeasewireError(f"{path} is not UTF-8 text") from None
    except OSError as error:
        raise CeasewireError(f"cannot read {path}: {(error.strerror or 'no file').lower()}") from None
    if "\0" in text:
        raise CeasewireError(f"{path} is not text")
    return text


def _page(url: str, polling: PollingSettings) -> tuple[str, str]:
    from producers.charset import decode_page
    from producers.connection import SystemNames
    from producers.fetch import Fetched, Wanted, fetch
    from producers.reasons import Reason
    from producers.reasons import explain as words

    proxy = polling.proxy.get_secret_value() if polling.proxy else None
    wanted = Wanted(url=url, proxy=proxy, allow=polling.allow_private)

    async def get() -> object:
        names = SystemNames()
        try:
            return await fetch(wanted, polling, names)
        finally:
            names.close()

    outcome = asyncio.run(get())
    if not isinstance(outcome, Fetched):
        reason = getattr(outcome, "reason", Reason.WEB_PAGE)
        raise CeasewireError(f"{url}: {words(reason, getattr(outcome, 'detail', ''))}")
    html = decode_page(outcome.body[:_LARGEST], outcome.content_type).text
    title, body = _TITLE.search(html), _BODY.search(html)
    return plain_title(title[1]) if title else url, plain(html[body.start() :] if body else html)


def show(tagged: Tagged, engine: Engine) -> None:
    """Prints the text with its words marked, then each tag with the words and the pattern that gave it."""
    out.print(_marked(tagged, "title", tagged.item.title, "bold"))
    if tagged.item.text:
        out.print(_marked(tagged, "text", tagged.item.text, ""))
    conflict = engine.names.conflict(tagged.conflict) if tagged.conflict else "none"
    out.print()
    covered = tagged.language in (*PACK_LANGUAGES, "und")
    more = "" if covered else f": not covered by the packs ({' '.join(PACK_LANGUAGES)})"
    out.print(Text(f"language {tagged.language}{more}   negotiations: {tagged.relevance}   conflict: {conflict}"))
    named = {"issue": engine.names.issue, "actor": engine.names.actor}
    grouped: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in tagged.mentions:
        grouped[mention.kind, mention.id].append(mention)
    for (kind, id), mentions in sorted(grouped.items(), key=lambda one: (one[0][0] != "issue", one[0])):
        line = Text(f"{kind:8} ")
        line.append(named.get(kind, engine.names.place)(id), style=_STYLES.get(kind, ""))
        found = Counter((_words(tagged, mention), mention.pattern) for mention in mentions)
        words = [
            f'"{said}"{f" {count} times" if count > 1 else ""} ({pattern})'
            for (said, pattern), count in list(found.items())[:_MOST_PLACES]
        ]
        rest = len(found) - len(words)
        line.append(f"  {', '.join(words)}{f' and {rest} more' if rest > 0 else ''}")
        out.print(line)
    for mark in tagged.marks:
        bare = f": {', '.join(tagged.unsupported)}" if mark == HEADLINE_UNSUPPORTED else ""
        out.print(Text(f"mark     {engine.names.mark(mark)}{bare}"))
    for hit in tagged.rules:
        rule = engine.rules[hit.rule]
        field = tagged.item.title if hit.sentence.field == "title" else tagged.item.text
        off = "" if rule.enabled else " (off)"
        sentence = " ".join(field[hit.sentence.start : hit.sentence.end].split())
        out.print(Text(f'rule     {rule.name}{off}: "{sentence}"'))
    if engine.rules and not tagged.rules:
        out.print(Text("rule     none is met"))


def _words(tagged: Tagged, mention: Mention) -> str:
    field = tagged.item.title if mention.field == "title" else tagged.item.text
    return " ".join(field[mention.start : mention.end].split())


def _marked(tagged: Tagged, field: str, text: str, style: str) -> Text:
    marked = Text(text, style=style)
    for mention in tagged.mentions:
        if mention.field == field:
            marked.stylize(_STYLES.get(mention.kind, ""), mention.start, mention.end)
    return marked
