"""The sample day as written down in `day/`: feeds, their entries, and what the program must make of each."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from ceasewire.items import Kind, Source

Form = Literal["rss", "atom", "json", "rdf"]
Fate = Literal["sent", "same_story", "baseline", "too_old", "nothing"]
"""What the rule `ceasefire` must come to for an entry: an alert, a hold with that reason, or not met at all."""


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A later text of an entry; what it does not name stays as it was."""

    step: int
    title: str | None = None
    html: str | None = None
    issues: tuple[str, ...] | None = None
    rule: Fate | None = None


class SampleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of a sample feed, with what must come of it."""

    key: str
    step: int
    """The step of the day in which it appears; 0 = it stands there before the first poll."""
    title: str
    html: str
    age: int | None = None
    """How many minutes before its appearance it was published; None = the entry gives no date."""
    issues: tuple[str, ...] = ()
    """Issues that must be tagged; others may be."""
    not_issues: tuple[str, ...] = ()
    """Issues that must not be tagged."""
    conflict: bool | None = None
    """Whether it is about the conflict of the pack; None = either will do."""
    rule: Fate = "nothing"
    story: str | None = None
    """Entries with the same word here are one story; all others are stories of their own."""
    edits: tuple[Edit, ...] = ()

    def at(self, step: int) -> "SampleEntry | None":
        """The entry as it stands at a step of the day, or None before it appears."""
        if step < self.step:
            return None
        entry = self
        for edit in self.edits:
            if edit.step <= step:
                changes = {name: value for name, value in msgspec.structs.asdict(edit).items() if value is not None}
                changes.pop("step")
                entry = msgspec.structs.replace(entry, **changes)
        return entry


class SampleFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sample feed with its entries in the order of the day."""

    feed: str
    outlet: str
    kind: Kind
    country: str
    language: str
    form: Form
    entries: tuple[SampleEntry, ...]
    links: Literal["absolute", "relative"] = "absolute"
    encoding: str = "utf-8"
    """The encoding of the bytes, which the document states."""
    claims: str | None = None
    """The charset that the server's header claims, where it is another."""
    fails_before: int = 0
    """The server answers 500 before this step; 99 = all day."""

    @property
    def source(self) -> Source:
        """The outlet as items carry it."""
        return Source(feed=self.feed, outlet=self.outlet, kind=self.kind, country=self.country, language=self.language)


class SampleDay(msgspec.Struct, frozen=True):
    """All sample feeds."""

    feeds: tuple[SampleFeed, ...]

    @property
    def steps(self) -> int:
        """How many steps the day has, step 0 included."""
        return 1 + max(max((entry.step, *(edit.step for edit in entry.edits))) for _, entry in self.entries())

    def entries(self) -> Iterator[tuple[SampleFeed, SampleEntry]]:
        """Every entry with its feed."""
        for feed in self.feeds:
            for entry in feed.entries:
                yield feed, entry


@cache
def read_day() -> SampleDay:
    """The sample day of the package. Raises msgspec.ValidationError for a fault in its files."""
    folder = files("embedded.demo") / "day"
    return SampleDay(
        tuple(
            msgspec.convert(yaml.safe_load(part.read_text("utf-8")), SampleFeed)
            for part in sorted(folder.iterdir(), key=lambda part: part.name)
            if part.name.endswith(".yml")
        )
    )
