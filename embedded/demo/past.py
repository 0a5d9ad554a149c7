"""Thirty earlier days for the charts, generated from the blocks in `earlier/`: the same for the same day and length."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import msgspec
import yaml

from ceasewire.identity import fingerprint, item_id
from ceasewire.items import Item
from embedded.demo.sample import SampleDay

_WEEK = (1.0, 1.1, 1.15, 1.1, 0.95, 0.55, 0.45)
"""Monday to Sunday: how full a news day is."""
_A_DAY = 34
"""Items on an ordinary day."""
_HOURS = range(5, 21)
_NUMBERS = (*range(5, 21), *range(25, 31), *range(35, 41), 60, 75, 90, 110, 150)
"""Numbers after which Slavic languages take the same case."""


class Blocks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of one language; {city} and {n} are filled in."""

    class Issue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
        """Titles and first sentences about one issue."""

        titles: tuple[str, ...]
        leads: tuple[str, ...]

    feeds: tuple[str, ...]
    share: int
    """Of a hundred items."""
    cities: tuple[str, ...]
    """In the form that follows "in"."""
    issues: dict[str, Issue]
    context: tuple[str, ...]


@cache
def read_blocks() -> dict[str, Blocks]:
    """The blocks of each language. Raises msgspec.ValidationError for a fault in their files."""
    folder = files("embedded.demo") / "earlier"
    return {
        part.name.removesuffix(".yml"): msgspec.convert(yaml.safe_load(part.read_text("utf-8")), Blocks)
        for part in sorted(folder.iterdir(), key=lambda part: part.name)
        if part.name.endswith(".yml")
    }


def generate_past(day: SampleDay, start: datetime, days: int = 30) -> Iterator[Item]:
    """Items of the `days` days before `start`, oldest first; none of the last 12 hours, where the sample day begins."""
    sources = {feed.feed: feed for feed in day.feeds}
    languages = read_blocks()
    for back in range(days, 0, -1):
        midnight = datetime(start.year, start.month, start.day, tzinfo=UTC) - timedelta(days=back)
        luck = random.Random(f"ceasewire sample {back}")
        count = round(_A_DAY * _WEEK[midnight.weekday()] * luck.uniform(0.85, 1.15))
        times = sorted(
            midnight + timedelta(hours=luck.choice(_HOURS), minutes=luck.uniform(0, 60)) for _ in range(count)
        )
        for number, at in enumerate(times):
            language = luck.choices(list(languages), [blocks.share for blocks in languages.values()])[0]
            blocks = languages[language]
            title, text = _write(blocks, back, luck)
            feed = sources[luck.choice(blocks.feeds)]
            if at < start - timedelta(hours=12):
                yield _item(feed.feed, f"earlier/{back}/{number}", title, text, at.replace(microsecond=0), day)


def _item(feed: str, key: str, title: str, text: str, at: datetime, day: SampleDay) -> Item:
    return Item(
        id=item_id(feed, key),
        rev=int(at.timestamp() * 1000),
        fingerprint=fingerprint(title, text),
        source=next(sample.source for sample in day.feeds if sample.feed == feed),
        title=title,
        text=text,
        published=at,
        at=at,
        seen=at + timedelta(seconds=90),
        first_seen=at + timedelta(seconds=90),
    )


def _write(blocks: Blocks, back: int, luck: random.Random) -> tuple[str, str]:
    issue = luck.choices(list(blocks.issues), [_weight(issue, back) for issue in blocks.issues])[0]
    parts = blocks.issues[issue]
    fill = {"city": luck.choice(blocks.cities), "n": luck.choice(_NUMBERS)}
    context = luck.sample(blocks.context, 2)
    return luck.choice(parts.titles).format(**fill), " ".join([luck.choice(parts.leads).format(**fill), *context])


def _weight(issue: str, back: int) -> float:
    """How much an issue is talked of `back` days ago: ceasefire rises in the last ten, others have a week."""
    if issue == "ceasefire":
        return 0.7 + max(0, 10 - back) * 0.35
    if issue == "prisoner_exchange":
        return 3.0 if 11 <= back <= 14 else 1.0
    if issue == "energy_infrastructure":
        return 2.6 if 19 <= back <= 24 else 0.9
    return 1.0
