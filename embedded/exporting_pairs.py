"""Pairs to a file: one row for each sentence that names an actor and an issue together, week by week."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import date
from itertools import groupby

import msgspec

from ceasewire.codec import encode
from ceasewire.pair_views import Naming, sentence_of, week_of
from ceasewire.ports import Pairs
from ceasewire.views import Ask
from embedded.exporting import PAGE, Form, cells


class PairRow(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence that names a pair, with how often the pair is named in its week."""

    week: date
    """The Monday (UTC)."""
    actor: str
    issue: str
    stories: int
    items: int
    sentence: str
    item: str
    start: int
    end: int
    field: str
    """Where `start` and `end` count: title or text."""
    story: str
    outlet: str
    language: str
    published: str
    title: str
    url: str


COLUMNS = PairRow.__struct_fields__


async def export_pairs(pairs: Pairs, ask: Ask, form: Form, page: int = PAGE) -> AsyncIterator[bytes]:
    """The rows as lines of UTF-8, latest week first; `ask.limit` is of items (0 = all).

    Stories and items are counted over what is exported; `page` items are read at a time.
    """
    if form == "csv":
        yield cells(COLUMNS)
    async for week in _weeks(pairs, ask, page):
        for row in _rows(week):
            yield encode(row) + b"\n" if form == "jsonl" else cells(_texts(row))


async def _weeks(pairs: Pairs, ask: Ask, size: int) -> AsyncIterator[list[Naming]]:
    """What was named in each week; a page is in the order of dates, so a week is whole once another begins."""
    held: list[Naming] = []
    left = ask.limit or 1 << 62
    after = ask.after
    while left > 0:
        page = await pairs.sentences(msgspec.structs.replace(ask, after=after, limit=min(left, size)))
        for naming in page.found:
            if held and _week(naming) != _week(held[0]):
                yield held
                held = []
            held.append(naming)
        left -= len(page.found)
        after = page.next
        if after is None:
            break
    if held:
        yield held


def _week(naming: Naming) -> date:
    return week_of(naming.hit.tagged.item.at)


def _rows(week: Sequence[Naming]) -> Iterator[PairRow]:
    """By actor and issue, the latest first."""
    named = [(pair, naming) for naming in week for pair in naming.pairs]
    named.sort(key=lambda one: (one[0].actor, one[0].issue))
    for (actor, issue), group in groupby(named, key=lambda one: (one[0].actor, one[0].issue)):
        told = list(group)
        items = {naming.hit.tagged.item.id for _, naming in told}
        stories = {_story(naming) for _, naming in told}
        for pair, naming in told:
            tagged = naming.hit.tagged
            yield PairRow(
                week=_week(naming),
                actor=actor,
                issue=issue,
                stories=len(stories),
                items=len(items),
                sentence=sentence_of(tagged, pair),
                item=tagged.item.id,
                start=pair.sentence.start,
                end=pair.sentence.end,
                field=pair.sentence.field,
                story=_story(naming),
                outlet=tagged.item.source.outlet,
                language=tagged.language,
                published=tagged.item.published.isoformat() if tagged.item.published else "",
                title=tagged.item.title,
                url=tagged.item.url or "",
            )


def _story(naming: Naming) -> str:
    return naming.hit.story or naming.hit.tagged.item.id


def _texts(row: PairRow) -> Iterable[str]:
    return (str(getattr(row, name)) for name in COLUMNS)
