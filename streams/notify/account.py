"""What an alert tells a person, before it takes the form of a channel: plain values, lengths already cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ceasewire.alerts import WORDS, Alert, Reason
from ceasewire.items import Item, Source, Span, Tagged
from ceasewire.places import country, language
from ceasewire.stories import Story

LONGEST_SENTENCE = 2000
LONGEST_TITLE = 500
LONGEST_URL = 2000
MOST_WORDS = 40
MOST_NAMES = 30
_BEFORE = 200


class Named(Protocol):
    """A rule, as far as an alert tells of it."""

    @property
    def id(self) -> str:
        """The id of the rule."""

    @property
    def name(self) -> str:
        """The name that people gave it."""


class Naming(Protocol):
    """English names of pack ids; an unknown id stands for itself."""

    def issue(self, id: str) -> str:
        """Name of an issue."""

    def actor(self, id: str) -> str:
        """Name of an actor."""

    def conflict(self, id: str) -> str:
        """Name of a conflict."""


@dataclass(frozen=True)
class Name:
    """An id and the name that people read."""

    id: str
    name: str


@dataclass(frozen=True)
class Sentence:
    """The sentence that fired. `words` are [start, end) in `text`, in order, without overlaps."""

    text: str
    words: tuple[tuple[int, int], ...]
    place: Span
    """Where the sentence stands in the item; the text may be cut to less."""

    def pieces(self) -> list[tuple[str, bool]]:
        """The text cut into stretches, each with whether it fired."""
        found, at = [], 0
        for start, end in self.words:
            found += [(self.text[at:start], False), (self.text[start:end], True)]
            at = end
        return [piece for piece in [*found, (self.text[at:], False)] if piece[0]]


@dataclass(frozen=True)
class Account:
    """All that an alert tells."""

    alert: Alert
    rule: Name
    conflict: Name | None
    item: Item
    title: str
    url: str | None
    language: str
    sentence: Sentence
    issues: tuple[Name, ...]
    actors: tuple[Name, ...]
    story: Story
    zone: str
    desk: str | None
    """Address of the alert on the desk."""

    @property
    def outlet(self) -> str:
        """Who says it, from where, in which language."""
        return told(self.item.source, self.language)

    @property
    def reason(self) -> Reason:
        """Why it was sent."""
        return Reason.FIRST if self.alert.cause == "first" else Reason.NEW_FACT

    @property
    def why(self) -> str:
        """The reason in words."""
        return f"{WORDS[self.reason]}: {self.rule.name}" if self.reason == Reason.FIRST else WORDS[self.reason]

    @property
    def published(self) -> str:
        """When the feed says that it was published, with the zone."""
        return moment(self.item.published, self.zone) if self.item.published else "the feed gives no date"

    @property
    def seen(self) -> str:
        """When we fetched it, with the zone."""
        return moment(self.item.seen, self.zone)

    @property
    def elsewhere(self) -> str:
        """Which other outlets tell the same story; empty where none does."""
        others = [outlet for outlet in self.story.outlets if outlet != self.item.source.outlet]
        return listed(others, 5) if others else ""


def account(
    alert: Alert, tagged: Tagged, story: Story, rule: Named, names: Naming, zone: str, public_url: str | None
) -> Account:
    """What the alert tells. `zone` is an IANA name; UTC is always given beside it."""
    item = tagged.item
    return Account(
        alert=alert,
        rule=Name(rule.id, rule.name),
        conflict=Name(alert.conflict, names.conflict(alert.conflict)) if alert.conflict else None,
        item=item,
        title=cut(one_line(item.title), LONGEST_TITLE),
        url=item.url if item.url and len(item.url) <= LONGEST_URL else None,
        language=tagged.language,
        sentence=fired(alert, item),
        issues=tuple(Name(id, names.issue(id)) for id in tagged.issues[:MOST_NAMES]),
        actors=tuple(Name(id, names.actor(id)) for id in tagged.actors[:MOST_NAMES]),
        story=story,
        zone=zone,
        desk=f"{public_url.rstrip('/')}/alerts/{alert.id}" if public_url else None,
    )


def fired(alert: Alert, item: Item) -> Sentence:
    """The sentence of the item that met the rule, with the words that did; cut round the first of them."""
    place = alert.hit.sentence
    whole = item.title if place.field == "title" else item.text
    start, end = max(place.start, 0), min(place.end, len(whole))
    words = _joined([word for word in alert.hit.words if word.field == place.field and start <= word.start < end])
    left, right = start, end
    if end - start > LONGEST_SENTENCE:
        left = max(start, words[0][0] - _BEFORE) if words else start
        right = min(end, left + LONGEST_SENTENCE)
    before, after = "…" if left > start else "", "…" if right < end else ""
    moved = len(before) - left
    kept = tuple((w_start + moved, w_end + moved) for w_start, w_end in words if w_end <= right)
    # Every character but line breaks and tabs keeps its place, so the spans stay true.
    text = before + "".join(" " if char.isspace() else char for char in whole[left:right]) + after
    return Sentence(text=text, words=kept[:MOST_WORDS], place=place)


def _joined(words: Sequence[Span]) -> list[tuple[int, int]]:
    """The spans in order; those that touch or overlap become one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((word.start, word.end) for word in words):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def told(source: Source, tongue: str) -> str:
    """An outlet in words: its name, its kind (state media is marked), its country, the language of the item."""
    kind = "⚠ STATE MEDIA" if source.kind == "state media" else source.kind
    parts = [one_line(source.outlet), kind, country(source.country), language(tongue)]
    return " · ".join(part for part in parts if part)


def moment(at: datetime, zone: str) -> str:
    """A time in the zone, with its name, and in UTC beside it."""
    utc = at.astimezone(UTC)
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):
        # A zone that this system does not know must not keep an alert from going out.
        local = utc
    if local.utcoffset() == utc.utcoffset():
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    day = "" if local.date() == utc.date() else f"{utc:%Y-%m-%d} "
    return f"{local:%Y-%m-%d %H:%M} {zone} ({day}{utc:%H:%M} UTC)"


def listed(names: Sequence[str], most: int) -> str:
    """Names with commas, and how many more there are."""
    rest = len(names) - most
    shown = ", ".join(one_line(name) for name in names[:most])
    return f"{shown} and {rest} more" if rest > 0 else shown


def one_line(text: str) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(text.split())


def cut(text: str, longest: int) -> str:
    """The text, or its beginning with an ellipsis, at most so many characters."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
