"""Finding feeds and writing them into feeds.yml."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import typer
from pydantic import TypeAdapter, ValidationError
from rich.text import Text

from ceasewire.config.kinds import Network
from ceasewire.errors import CeasewireError, ConfigurationError, Fault
from ceasewire.guard import EVERYWHERE, url_refusal
from ceasewire.markup import plain_title
from embedded.cli.output import out, print_json
from embedded.feed_file import Addition, append, as_written, is_id, new_id, with_additions
from process.config_files import missing, read_settings, starter_text
from process.first_start import write_starter
from process.logs import show_address
from process.places import Places
from producers import opml
from producers.charset import decode
from producers.connection import SystemNames
from producers.discovery import Candidate, Discovered, discover
from producers.parse import Parsers

_NETWORKS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[Network, ...])
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


def networks(given: Sequence[str]) -> tuple[str, ...]:
    """The networks as feeds.yml has them; raises CeasewireError for what is none."""
    try:
        return _NETWORKS.validate_python(given)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        raise CeasewireError(
            f"--allow-private {fault['input']}: {fault['msg'].removeprefix('Value error, ')}"
        ) from None


async def find(places: Places, environ: Mapping[str, str], url: str, allow: Sequence[str] = ()) -> Discovered:
    """The feeds that the address leads to; `allow` are private networks that may be asked."""
    settings = read_settings(places, environ).polling
    names = SystemNames()
    parsers = Parsers(1)
    try:
        return await discover(url, settings, names, parsers, allow)
    finally:
        await parsers.close()
        names.close()


def add_found(
    places: Places,
    candidates: Sequence[Candidate],
    given: Mapping[str, str],
    without_asking: bool,
    json: bool = False,
    allow: tuple[str, ...] = (),
) -> None:
    """Previews what was found, lets the user choose, and writes it; with `json` it takes the first and says so."""
    for number, candidate in enumerate(() if json else candidates, 1):
        _preview(number, candidate)
    chosen = candidates[0]
    asking = sys.stdin.isatty() and not without_asking and not json
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
        if json:
            print_json(_result(there.id, False, candidates))
        else:
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
        allow_private=allow,
    )
    if asking and not typer.confirm(f"Add it as {addition.id}?", default=True):
        raise typer.Abort
    _write(places, [addition], text)
    if json:
        print_json(_result(addition.id, True, candidates))
    else:
        out.print(f"added to {path} as {addition.id}; a running Ceasewire polls it at once", markup=False)


def _result(feed: str, added: bool, candidates: Sequence[Candidate]) -> dict[str, Any]:
    found = [
        {"url": one.url, "title": plain_title(one.feed.title or "") or None, "entries": len(one.feed.entries)}
        for one in candidates
    ]
    return {"id": feed, "added": added, "found": found}


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


class Skipped(msgspec.Struct, frozen=True):
    """A feed of a list that was left out."""

    feed: str
    reason: str


class Imported(msgspec.Struct, frozen=True):
    """What became of the feeds of a list."""

    added: list[str]
    """Their ids."""
    known: int
    """Feeds that were there already."""
    skipped: list[Skipped]


def import_list(places: Places, file: Path) -> Imported:
    """Adds what an OPML file lists. What could never be polled is left out, and hinders no other.

    Raises OSError, ValueError and ConfigurationError.
    """
    listed = opml.read(decode(file.read_bytes(), None).text)
    path = places.config / "feeds.yml"
    text = current(places)
    known = as_written(path, text)
    urls = {feed.url for feed in known}
    taken = {feed.id for feed in known}
    additions: list[Addition] = []
    skipped: list[Skipped] = []
    for one in listed:
        if one.url in urls:
            continue
        addition = _addition(one, taken)
        refused = _refusal(addition)
        if refused:
            skipped.append(Skipped(addition.outlet if one.title else show_address(one.url), refused))
            continue
        urls.add(one.url)
        taken.add(addition.id)
        additions.append(addition)
    if additions:
        _write(places, additions, text)
    return Imported([one.id for one in additions], len(listed) - len(additions) - len(skipped), skipped)


def _refusal(addition: Addition) -> str | None:
    """Why the feed can never be polled; a private network is not refused here, since settings may allow it."""
    refused = url_refusal(addition.url, EVERYWHERE)
    if refused:
        return refused
    try:
        with_additions("", [addition], "it")
    except ConfigurationError as error:
        return error.faults[0].text
    return None


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
        id=wanted if is_id(wanted) and wanted not in taken else new_id(outlet, listed.url, taken),
        url=listed.url,
        outlet=outlet,
        kind=facts.get("kind", "outlet") if facts.get("kind") in _KINDS else "outlet",
        country=country if len(country) == 2 and country.isascii() and country.isupper() else None,
        language=language,
        comment=comment,
    )
