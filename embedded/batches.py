"""Texts from JSON lines through the tagger or into stories, without a store or a clock."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from dateutil import parser as dates

from ceasewire.engine import Engine
from ceasewire.errors import CeasewireError
from ceasewire.gathering import Gathered, apply, gather
from ceasewire.identity import fingerprint
from ceasewire.items import Item, Mention, Source
from process.configuration import read_configuration
from process.places import Places

BEGIN = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the time of texts without one."""
LARGEST_LINE = 10_000_000


class Row(msgspec.Struct, frozen=True):
    """A text of a batch; keys that are not known are passed over."""

    id: str
    title: str | None = None
    text: str | None = None
    source: str | None = None
    published: str | None = None


def engine(places: Places, environ: Mapping[str, str]) -> Engine:
    """The engine of the configuration, which needs no secrets; without a folder, of what the program brings."""
    return read_configuration(places, environ, sends=False).engine


def read_rows(file: str) -> Iterator[Row]:
    """The rows of a file, or of the input for "-"; raises CeasewireError that names the line of one that is none."""
    with nullcontext(sys.stdin.buffer) if file == "-" else open(file, "rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            if len(line) > LARGEST_LINE:
                raise CeasewireError(f"{file}:{number}: longer than {LARGEST_LINE:,} bytes")
            try:
                yield msgspec.json.decode(line, type=Row)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise CeasewireError(f"{file}:{number}: not a row with id, title and text: {error}") from None


def make_item(id: str, title: str, text: str, source: str | None = None, published: str | None = None) -> Item:
    """An item of a batch, its text untouched so that spans fit it."""
    when = read_date(published)
    at = when or BEGIN
    origin = source or "batch"
    return Item(
        id=id,
        rev=1,
        fingerprint=fingerprint(title, text),
        source=Source(feed=origin, outlet=origin),
        title=title,
        text=text,
        published=when,
        at=at,
        seen=at,
        first_seen=at,
    )


def read_date(text: str | None) -> datetime | None:
    """The date that a text means, in UTC; None where it means none."""
    if not text:
        return None
    try:
        when = dates.parse(text.strip()[:80])
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def tagged_row(engine: Engine, row: Row, every_rule: bool) -> dict[str, Any]:
    """What is said of a row: language, relevance, conflict, issues, actors, rules, mentions, marks, dates, numbers."""
    tagged = engine.tagger.tag(make_item(row.id, row.title or "", row.text or "", row.source, row.published))
    rules = [hit.rule for hit in tagged.rules if every_rule or engine.rules[hit.rule].enabled]
    mentions = [{"kind": one.kind, **_place(one)} for one in tagged.mentions]
    return {
        "id": row.id,
        "language": tagged.language,
        "relevance": tagged.relevance,
        "conflict": tagged.conflict,
        "issues": tagged.issues,
        "actors": tagged.actors,
        "rules": rules,
        "mentions": mentions,
        "marks": tagged.marks,
        "unsupported": tagged.unsupported,
        "dates": [_place(one) for one in tagged.figures if one.kind == "date"],
        "numbers": [_place(one) for one in tagged.figures if one.kind == "number"],
    }


def _place(one: Mention) -> dict[str, Any]:
    return {"id": one.id, "field": one.field, "start": one.start, "end": one.end}


def story_rows(engine: Engine, rows: Iterable[Row]) -> Iterator[dict[str, str | None]]:
    """The thread of stories of each row in their order, named by its first text.

    Every text is gathered whatever it is about, one second after the other.
    """
    state = Gathered.empty()
    now = BEGIN
    ids: list[str] = []
    for number, row in enumerate(rows):
        key = f"{number}"
        item = make_item(key, row.title or "", row.text or "", row.source or key, row.published)
        tagged = msgspec.structs.replace(engine.tagger.with_gist(engine.tagger.tag(item)), relevance="main")
        now = BEGIN + timedelta(seconds=number)
        apply(state, gather(state, tagged, engine.rules, now))
        ids.append(row.id)
    for number, id in enumerate(ids):
        member = state.members.get(str(number))
        story = state.story(member.story) if member else None
        yield {"id": id, "story": ids[int(story.began)] if story else None}
