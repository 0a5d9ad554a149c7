"""A search over a list: what the store's search must give, in the plainest way."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ceasewire.items import Tagged
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word, Zone
from ceasewire.text.folding import fold
from ceasewire.text.sentences import lede_end
from ceasewire.text.stemming import stems, tokens
from ceasewire.views import Ask, Count, Facets, Found, Hit, Volume


class FakeSearch:
    """Finds in `tagged`, which is in the order in which items came; of one second, the last one is the newest."""

    def __init__(self, tagged: Sequence[Tagged], now: datetime) -> None:
        self.tagged = sorted(tagged, key=lambda one: one.item.at.replace(microsecond=0))
        self._now = now

    async def search(self, ask: Ask) -> Found:
        found = self._matches(ask)
        page = [(n, one) for n, one in found if ask.after is None or n < int(ask.after)]
        shown = page[: ask.limit]
        return Found(
            hits=tuple(Hit(tagged=one) for _, one in shown),
            total=min(len(found), 10_000),
            total_is_least=len(found) > 10_000,
            next=str(shown[-1][0]) if len(page) > ask.limit else None,
        )

    async def facets(self, ask: Ask) -> Facets:
        found = self._matches(ask)
        counted = [one for _, one in found[:2000]]
        days = Counter(one.item.at.astimezone(UTC).date().isoformat() for one in counted)
        return Facets(
            counted=len(counted),
            all_counted=len(found) <= 2000,
            issues=_counts(issue for one in counted for issue in one.issues),
            actors=_counts(actor for one in counted for actor in one.actors),
            languages=_counts(one.language for one in counted),
            sources=_counts(one.item.source.feed for one in counted),
            conflicts=_counts(one.conflict for one in counted if one.conflict),
            days=tuple(Count(day, days[day]) for day in sorted(days, reverse=True)),
        )

    async def volume(self, ask: Ask) -> Volume:
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
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

    def _matches(self, ask: Ask) -> list[tuple[int, Tagged]]:
        languages = {one.language for one in self.tagged}
        return [
            (n, one)
            for n, one in reversed(list(enumerate(self.tagged, 1)))
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
    words = [word for word, _, _ in tokens(text)]
    sought = [word for word, _, _ in tokens(node.text)]
    if not sought:
        return False
    if isinstance(node, Word) and node.prefix:
        return any(word.startswith(sought[-1]) for word in words)
    if isinstance(node, Phrase):
        return _inside(words, sought)
    forms = stems(text, language)
    return any(_inside(forms, stems(node.text, tried)) for tried in {*languages, "und"})


def _inside(whole: list[str], part: list[str]) -> bool:
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))


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
    return node.value == {"conflict": one.conflict, "lang": one.language, "relevance": one.relevance}[node.name]


def _counts(values: object) -> tuple[Count, ...]:
    counted = Counter(values)  # type: ignore[call-overload]
    return tuple(Count(value, counted[value]) for value in sorted(counted, key=lambda value: (-counted[value], value)))
