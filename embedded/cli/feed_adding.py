"""Finding feeds and writing them into feeds.yml."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer
from rich.text import Text

from ceasewire.errors import ConfigurationError, Fault
from ceasewire.markup import plain_title
from embedded.cli.output import err, out
from embedded.feed_file import Addition, append, as_written, new_id
from process.config_files import missing, read_settings, starter_text
from process.first_start import write_starter
from process.places import Places
from producers import opml
from producers.connection import SystemNames
from producers.discovery import Candidate, Discovered, discover
from producers.parse import Parsers

_KINDS = ("agency", "outlet", "state media", "institution")


def current(places: Places) -> str:
    """The text of feeds.yml, or of the bundled list where there is no folder. Raises ConfigurationError."""
    path = places.config / "feeds.yml"
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if places.config.exists():
            raise ConfigurationError([missing(path)]) from None
        return starter_text("feeds.yml")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([Fault(str(path), None, f"cannot be read: {error}")]) from None


async def find(places: Places, environ: Mapping[str, str], url: str) -> Discovered:
    """The feeds that the address leads to."""
    settings = read_settings(places, environ).polling
    names = SystemNames()
    parsers = Parsers(1)
    try:
        return await discover(url, settings, names, parsers)
    finally:
        await parsers.close()
        names.close()


def add_found(places: Places, candidates: Sequence[Candidate], given: Mapping[str, str], without_asking: bool) -> None:
    """Previews what was found, lets the user choose, and writes it."""
    for number, candidate in enumerate(candidates, 1):
        _preview(number, candidate)
    chosen = candidates[0]
    asking = sys.stdin.isatty() and not without_asking
    if asking and len(candidates) > 1:
        number = typer.prompt("Which one", default=1, type=int)
        if not 1 <= number <= len(candidates):
            raise typer.Abort
        chosen = candidates[number - 1]
    path = places.config / "feeds.yml"
    text = current(places)
    known = as_written(path, text)
    there = next((feed for feed in known if feed.url == chosen.url), None)
    if there is not None:
        out.print(f"{chosen.url} is in {path} already, as {there.id}", markup=False)
        return
    title = plain_title(chosen.feed.title or "")
    outlet = (given["outlet"] or title or chosen.url)[:120]
    addition = Addition(
        id=given["id"] or new_id(outlet, chosen.url, {feed.id for feed in known}),
        url=chosen.url,
        outlet=outlet,
        kind=given["kind"],
        country=given["country"] or None,
        language=given["language"] or _language(chosen.feed.language),
    )
    if asking and not typer.confirm(f"Add it as {addition.id}?", default=True):
        raise typer.Abort
    _write(places, [addition], text)
    out.print(f"added to {path} as {addition.id}; a running Ceasewire polls it at once", markup=False)


def _language(tag: str | None) -> str | None:
    code = (tag or "").replace("_", "-").split("-")[0].lower()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def _preview(number: int, candidate: Candidate) -> None:
    feed = candidate.feed
    out.print(Text(f"{number}. {plain_title(feed.title or 'without a title')}", style="bold"))
    out.print(Text(f"   {candidate.url}"))
    for entry in feed.entries[:3]:
        when = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date         "
        out.print(Text(f"   {when}  {plain_title(entry.title)[:100]}"))
    if not feed.entries:
        out.print(Text("   it holds no entries now"))


def import_list(places: Places, file: Path) -> tuple[int, int]:
    """Adds what an OPML file lists; gives how many feeds were added and how many were there already."""
    listed = opml.read(file.read_text(encoding="utf-8", errors="replace"))
    path = places.config / "feeds.yml"
    text = current(places)
    known = as_written(path, text)
    urls = {feed.url for feed in known}
    taken = {feed.id for feed in known}
    additions = []
    for one in listed:
        if one.url in urls:
            continue
        addition = _addition(one, taken)
        urls.add(one.url)
        taken.add(addition.id)
        additions.append(addition)
    if additions:
        _write(places, additions, text)
    else:
        err.print("nothing new in it", markup=False)
    return len(additions), len(listed) - len(additions)


def _write(places: Places, additions: Sequence[Addition], text: str) -> None:
    """Adds the feeds to the list; where there is no folder yet, all of it is made first."""
    if not places.config.exists():
        write_starter(places)
        text = current(places)
    append(places.config / "feeds.yml", additions, text)


def _addition(listed: opml.Listed, taken: set[str]) -> Addition:
    """Our own facts from the categories that `export` writes; folders and others go into a comment."""
    facts = {category[0]: category[1] for category in listed.categories if len(category) == 2}
    outlet = (listed.title or listed.url)[:120]
    wanted = facts.get("id", "")
    others = ["/".join(category) for category in listed.categories if category[0] not in ("id", "kind", "country")]
    language = listed.folders[-1] if listed.folders and _language(listed.folders[-1]) == listed.folders[-1] else None
    comment = " ".join(filter(None, ("/".join(listed.folders) if not language else "", ", ".join(others))))
    country = facts.get("country", "")
    return Addition(
        id=wanted if wanted and wanted not in taken else new_id(outlet, listed.url, taken),
        url=listed.url,
        outlet=outlet,
        kind=facts.get("kind", "outlet") if facts.get("kind") in _KINDS else "outlet",
        country=country if len(country) == 2 and country.isascii() and country.isupper() else None,
        language=language,
        comment=comment,
    )
