"""What the tagger says of the labelled samples, counted against the labels."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from benchmarks.labels import SHORT, Label, Sheet
from ceasewire.engine import Engine
from ceasewire.items import Item, Source, Tagged

DAY = datetime(2026, 3, 1, tzinfo=UTC)
ALL = "all"
GROUPS = {"en": "en", "uk": "uk", "ru": "ru"}
"""Languages with a column of their own; the others share one."""
OTHERS = "de fr es pl"
ONE_CONFLICT = "ukraine_russia"


@dataclass
class Count:
    """Right, wrong and missing answers."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    def add(self, said: bool, wanted: bool) -> None:
        """Counts one answer."""
        self.right += said and wanted
        self.wrong += said and not wanted
        self.missing += wanted and not said

    def precision(self) -> float | None:
        """Share of what was said that is right; None where nothing was said."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else None

    def recall(self) -> float | None:
        """Share of what was wanted that was said; None where nothing was wanted."""
        return self.right / (self.right + self.missing) if self.right + self.missing else None


@dataclass
class Scores:
    """Counts by figure and group of languages, and every miss in words."""

    counts: dict[tuple[str, str], Count] = field(default_factory=lambda: defaultdict(Count))
    misses: list[str] = field(default_factory=list)

    def figures(self) -> dict[tuple[str, str], float]:
        """Precision and recall of each count that has one, by figure and group."""
        found = {}
        for (name, group), count in self.counts.items():
            for label, value in (("precision", count.precision()), ("recall", count.recall())):
                if value is not None:
                    found[f"{name}, {label}", group] = value
        return found

    def answer(self, sample: str, name: str, group: str, said: bool, wanted: bool, word: str = "") -> None:
        """Counts one answer for its group and for all; a miss is noted."""
        for one in (group, ALL):
            self.counts[name, one].add(said, wanted)
        if said != wanted:
            self.misses.append(f"{sample:14} {name:10} {'+' if said else '-'} {word or name}")


def make_item(label: Label, short: bool) -> Item:
    """The item of a sample; its text cut to the first characters if `short`."""
    return Item(
        id=label.id,
        rev=1,
        fingerprint=label.id,
        source=Source(feed="samples", outlet="samples"),
        title=label.title,
        text=label.text[:SHORT] if short else label.text,
        at=DAY,
        seen=DAY,
        first_seen=DAY,
    )


def score(engine: Engine, sheets: Iterable[Sheet], short: bool) -> Scores:
    """Tags all samples and counts. The alerts are those of the two bundled rules about ceasefires."""
    scores = Scores()
    for sheet in sheets:
        for label in sheet.texts:
            judge(scores, sheet.language, label, engine.tagger.tag(make_item(label, short)))
    return scores


def judge(scores: Scores, language: str, label: Label, tagged: Tagged) -> None:
    """Counts what was said of one sample."""
    group = GROUPS.get(language, OTHERS)
    if label.about != "unclear":
        scores.answer(label.id, "about", group, tagged.relevance == "main", label.about)
    for name, said, wanted, free in (
        ("issues", set(tagged.issues), label.issues, label.issues_ok),
        ("actors", set(tagged.actors), label.actors, label.actors_also),
    ):
        for id in sorted((said | wanted) - (free - wanted)):
            scores.answer(label.id, name, group, id in said, id in wanted, id)
    rules = {hit.rule for hit in tagged.rules}
    if label.alert_anywhere != 1:
        scores.answer(label.id, "alert anywhere", group, "ceasefire_anywhere" in rules, label.alert_anywhere == 2)
        if label.conflict != "unclear":
            here = label.alert_anywhere == 2 and label.conflict == ONE_CONFLICT
            scores.answer(label.id, "alert here", group, "ceasefire" in rules, here)
    if label.conflict != "unclear":
        conflict = tagged.conflict or "none"
        for id in sorted({conflict, label.conflict} - {"none"}):
            scores.answer(label.id, "conflict", group, id == conflict, id == label.conflict, id)
    right = tagged.language in (language, "und")
    scores.answer(label.id, "language", group, right, True, tagged.language)
