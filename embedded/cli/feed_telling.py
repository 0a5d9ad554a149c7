"""What commands say about feeds: lists, results of polls, and what a file holds."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.markup import plain_title
from ceasewire.pages import counts_in_words
from ceasewire.polling import FeedState
from ceasewire.views import FeedView
from embedded.cli.output import out
from process.places import Places
from producers.documents import Reading, Unreadable
from producers.parse import Parsers
from producers.reasons import Reason, explain

_STYLES = {"ok": "green", "failing": "red", "waiting": "yellow", "quiet": "yellow", "empty": "yellow"}


async def read_states(places: Places) -> dict[str, FeedState]:
    """The stored states of feeds; none where nothing was ever stored."""
    from embedded.store import read_store

    if not places.store.exists():
        return {}
    store = read_store(places.store, lambda: datetime.now(UTC))
    try:
        return await store.feed_states()
    finally:
        store.close()


def show_list(views: Sequence[FeedView], now: datetime) -> None:
    """A table of feeds, and below it each fault once, in words."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("feed", "outlet", "kind", "state", "last success", "next poll", "a week", "pages"):
        table.add_column(name, justify="right" if name == "a week" else "left", no_wrap=name in ("feed", "state"))
    for one in views:
        health = one.state.health if one.enabled else "off"
        table.add_row(
            one.source.feed,
            Text(one.source.outlet),
            one.source.kind,
            Text(health, style=_STYLES.get(health, "")),
            _ago(one.state.last_success, now),
            _ahead(one.state.next_poll, now) if one.enabled else "",
            f"{one.items_a_week:g}",
            counts_in_words(one.state.pages),
        )
    out.print(table)
    for one in views:
        if one.enabled and one.state.detail:
            out.print(Text(f"{one.source.feed}: {one.state.detail}"))


def _ago(moment: datetime | None, now: datetime) -> str:
    return f"{_span((now - moment).total_seconds())} ago" if moment else "never"


def _ahead(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "at once"
    seconds = (moment - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else "now"


def _span(seconds: float) -> str:
    seconds = max(seconds, 0)
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def show_checked(feed: Feed, state: FeedState) -> None:
    """The result of one poll in a line or two."""
    line = Text(f"{feed.id}: ")
    line.append(state.health, style=_STYLES.get(state.health, ""))
    if state.last_poll and state.last_new == state.last_poll:
        line.append(", something new")
    out.print(line)
    if state.detail:
        out.print(Text(f"  {state.detail}"))
    if state.next_poll and state.health in ("failing", "waiting"):
        out.print(Text(f"  next try at {state.next_poll:%Y-%m-%d %H:%M} UTC"))


async def parse_files(files: Sequence[Path]) -> list[tuple[Path, Reading]]:
    """What the files hold, read in parsing children as from the net, several at a time."""
    settings = PollingSettings()
    parsers = Parsers(settings.parsers)

    async def one(file: Path) -> Reading:
        try:
            body = await asyncio.to_thread(file.read_bytes)
        except OSError as error:
            return Unreadable(reason=Reason.NO_FILE, detail=error.strerror or type(error).__name__)
        if len(body) > settings.max_decoded_mb * 1e6:
            return Unreadable(reason=Reason.TOO_LARGE, detail=f"{len(body) / 1e6:.1f} MB")
        return await parsers.parse(body, None, _address(file), settings.max_entries)

    try:
        return list(zip(files, await asyncio.gather(*(one(file) for file in files)), strict=True))
    finally:
        await parsers.close()


def _address(file: Path) -> str:
    return file.absolute().as_uri()


def row(file: Path, reading: Reading) -> dict[str, Any]:
    """The file's values as it gives them, titles without tags, dates in UTC."""
    if isinstance(reading, Unreadable):
        return {
            "file": str(file),
            "title": None,
            "entries": [],
            "reason": reading.reason.value,
            "detail": explain(reading.reason, reading.detail),
        }
    entries = [
        {
            "id": entry.guid,
            "link": entry.link,
            "title": plain_title(entry.title) or None,
            "published": f"{entry.published:%Y-%m-%dT%H:%M:%SZ}" if entry.published else None,
        }
        for entry in reading.entries
    ]
    return {"file": str(file), "title": plain_title(reading.title or "") or None, "entries": entries}


def show_parsed(file: Path, reading: Reading) -> None:
    """What we read in a file, for a person."""
    out.print(Text(str(file), style="bold"))
    if isinstance(reading, Unreadable):
        out.print(Text(f"  {explain(reading.reason, reading.detail)}", style="red"))
        return
    out.print(Text(f"  {plain_title(reading.title or '') or 'without a title'}, {len(reading.entries)} entries"))
    for remark in reading.remarks:
        out.print(Text(f"  {explain(remark.reason, remark.detail)}", style="yellow"))
    for entry in reading.entries:
        when = f"{entry.published:%Y-%m-%d %H:%M}" if entry.published else "no date         "
        out.print(Text(f"  {when}  {plain_title(entry.title) or '(no title)'}"))
        out.print(Text(f"                    {entry.url or '(no link)'}"))
