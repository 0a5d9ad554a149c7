"""A search over a list: what the store's search must give, in the plainest way."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from ceasewire.items import Field, Span, Tagged
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word, Zone
from ceasewire.text.folding import fold
from ceasewire.text.sentences import lede_end
from ceasewire.text.stemming import stems, tokens
from ceasewire.views import Ask, Count, Facets, Found, Hit, Volume

FACETED = 2_000
_ROOM = 1 << 20


def _bare(one: Tagged) -> Hit:
    return Hit(tagged=one)


class FakeSearch:
    """Finds in what `tagged` gives, in the order in which items came; of one second, the last one is the newest."""

    def __init__(
        self,
        tagged: Callable[[], Sequence[Tagged]],
        now: Callable[[], datetime],
        hit: Callable[[Tagged], Hit] = _bare,
        faceted: int = FACETED,
    ) -> None:
        self._tagged = tagged
        self._now = now
        self._hit = hit
        self._faceted = faceted

    async def search(self, ask: Ask) -> Found:
        found = self._matches(ask)
        after = int(ask.after) if ask.after and ask.after.isdecimal() and len(ask.after) < 19 else None
        page = [(n, one) for n, one in found if after is None or n < after]
        shown = page[: min(max(ask.limit, 1), 1000)]
        words = _shown(ask.node)
        return Found(
            hits=tuple(msgspec.structs.replace(self._hit(one), highlights=_highlights(one, words)) for _, one in shown),
            total=min(len(found), 10_000),
            total_is_least=len(found) > 10_000,
            next=str(shown[-1][0]) if len(page) > len(shown) else None,
        )

    async def facets(self, ask: Ask) -> Facets:
        found = self._matches(ask)
        counted = [one for _, one in found[: self._faceted]]
        days = Counter(one.item.at.astimezone(UTC).date().isoformat() for one in counted)
        return Facets(
            counted=len(counted),
            all_counted=len(found) <= self._faceted,
            issues=_counts(issue for one in counted for issue in one.issues),
            actors=_counts(actor for one in counted for actor in one.actors),
            languages=_counts(one.language for one in counted),
            sources=_counts(one.item.source.feed for one in counted),
            conflicts=_counts(one.conflict for one in counted if one.conflict),
            days=tuple(Count(day, days[day]) for day in sorted(days, reverse=True)),
        )

    async def volume(self, ask: Ask) -> Volume:
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        until = ask.until or midnight
        since = ask.since or until - timedelta(days=30)
        last = (until - timedelta(microseconds=1)).date()
        days = [since.date() + timedelta(days=n) for n in range((last - since.date()).days + 1)]
        found = self._matches(Ask(node=ask.node, since=since, until=until))
        counted = [one for _, one in found if one.counted]
        count = Counter((issue, one.item.at.date()) for one in counted for issue in one.issues)
        every = Counter(issue for one in counted for issue in one.issues)
        return Volume(
            days=tuple(days),
            issues={
                issue: tuple(count[issue, day] for day in days)
                for issue in sorted(every, key=lambda issue: (-every[issue], issue))
            },
            items=tuple(sum(1 for one in counted if one.item.at.date() == day) for day in days),
        )

    def matches(self, ask: Ask) -> list[Hit]:
        """All matches, newest first, whatever page is asked for."""
        return [self._hit(one) for _, one in self._matches(ask)]

    def _matches(self, ask: Ask) -> list[tuple[int, Tagged]]:
        """The matches, newest first, each with a number that later arrivals do not change."""
        stock = self._tagged()
        languages = {one.language for one in stock}
        placed = [(int(one.item.at.timestamp()) * _ROOM + n, one) for n, one in enumerate(stock)]
        return [
            (n, one)
            for n, one in sorted(placed, key=lambda pair: pair[0], reverse=True)
            if (ask.since is None or one.item.at >= ask.since)
            and (ask.until is None or one.item.at < ask.until)
            and (ask.node is None or _meets(one, ask.node, None, languages))
        ]


def _meets(one: Tagged, node: Node, zone: Zone | None, languages: set[str]) -> bool:
    if isinstance(node, And):
        return all(_meets(one, part, zone, languages) for part in node.parts)
    if isinstance(node, Or):
        return any(_meets(one, part, zone, languages) for part in node.parts)
    if isinstance(node, Not):
        return not _meets(one, node.part, zone, languages)
    if isinstance(node, In):
        return _meets(one, node.part, "title" if "title" in (zone, node.zone) else node.zone, languages)
    if isinstance(node, Has):
        return _has(one, node, zone)
    return any(_stands(part, node, one.language, languages) for part in _parts(one, zone))


def _parts(one: Tagged, zone: Zone | None) -> list[str]:
    text = one.item.text
    end = lede_end(text)
    return {None: [one.item.title, text], "lede": [one.item.title, text[:end]], "title": [one.item.title]}[zone]


def _stands(text: str, node: Word | Phrase, language: str, languages: set[str]) -> bool:
    sought = _words(node.text)
    if not sought:
        return False
    if isinstance(node, Word) and node.prefix:
        return any(word.startswith(sought[-1]) for word in _words(text))
    if isinstance(node, Phrase):
        return bool(_places(_words(text), sought))
    forms = _stems(text, language)
    return any(_places(forms, _stems(node.text, tried)) for tried in {*languages, "und"})


def _places(whole: list[str], part: list[str]) -> list[int]:
    return [at for at in range(len(whole) - len(part) + 1) if whole[at : at + len(part)] == part]


def _words(text: str) -> list[str]:
    return [_plain(word) for word, _, _ in tokens(text)]


def _stems(text: str, language: str) -> list[str]:
    return [_plain(stem) for stem in stems(text, language)]


def _plain(word: str) -> str:
    """Without the marks on its Latin letters."""
    return "".join(first if (first := unicodedata.normalize("NFD", sign)[0]).isascii() else sign for sign in word)


def _has(one: Tagged, node: Has, zone: Zone | None) -> bool:
    source = one.item.source
    if node.name in ("issue", "actor"):
        held = one.issues if node.name == "issue" else one.actors
        places = [mention for mention in one.mentions if mention.kind == node.name and mention.id == node.value]
        end = lede_end(one.item.text)
        in_title = any(mention.field == "title" for mention in places)
        in_lede = in_title or any(mention.start < end for mention in places)
        return node.value in held and {None: True, "title": in_title, "lede": in_lede}[zone]
    if node.name == "source":
        return node.value == source.feed or fold(node.value).text == fold(source.outlet).text
    if node.name == "mark":
        return node.value in one.marks
    return (
        node.value
        == {"conflict": one.conflict, "lang": one.language, "relevance": one.relevance, "extent": one.item.extent}[
            node.name
        ]
    )


def _shown(node: Node | None) -> list[Word | Phrase]:
    """The words of a query that are not under a NOT."""
    if isinstance(node, Word | Phrase):
        return [node]
    parts = node.parts if isinstance(node, And | Or) else (node.part,) if isinstance(node, In) else ()
    return [word for part in parts for word in _shown(part)]


def _highlights(one: Tagged, nodes: Sequence[Word | Phrase]) -> tuple[Span, ...]:
    fields: tuple[tuple[Field, str], ...] = (("title", one.item.title), ("text", one.item.text))
    return tuple(span for field, text in fields for span in _marks(field, text, nodes, one.language))


def _marks(field: Field, text: str, nodes: Sequence[Word | Phrase], language: str) -> list[Span]:
    spans = [(start, end) for _, start, end in tokens(text)]
    found: set[tuple[int, int]] = set()
    for node in nodes:
        sought = _words(node.text)
        if not sought:
            continue
        if isinstance(node, Word) and node.prefix:
            found |= {spans[at] for at, word in enumerate(_words(text)) if word.startswith(sought[-1])}
            continue
        exact = isinstance(node, Phrase)
        whole, part = (_words(text), sought) if exact else (_stems(text, language), _stems(node.text, language))
        found |= {(spans[at][0], spans[at + len(part) - 1][1]) for at in _places(whole, part)}
    marks: list[Span] = []
    for start, end in sorted(found):
        if not marks or start >= marks[-1].end:
            marks.append(Span(field, start, end))
    return marks


def _counts(values: object) -> tuple[Count, ...]:
    counted = Counter(values)  # type: ignore[call-overload]
    return tuple(Count(value, counted[value]) for value in sorted(counted, key=lambda value: (-counted[value], value)))
