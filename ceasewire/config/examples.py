"""The examples that a rule brings along, run through the tagger: a rule that fails its own examples is refused."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

from ceasewire.config.lines import Lines
from ceasewire.config.rules import Example, Rule
from ceasewire.errors import Fault
from ceasewire.identity import fingerprint, item_id
from ceasewire.items import Item, Source, Tagged

_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Examples know no now: tagging does not look at dates."""


class Tags(Protocol):
    """What tags an item, as `ceasewire.tagging.tagger.Tagger`."""

    def tag(self, item: Item) -> Tagged:
        """The item with all that is said of it."""


class HasTagger(Protocol):
    """The part of `ceasewire.engine.Engine` that examples need."""

    @property
    def tagger(self) -> Tags:
        """With the rule in it."""


def check_examples(rule: Rule, engine: HasTagger, lines: Lines | None = None) -> list[Fault]:
    """A fault, with the file and line of the example, for each one that the engine's tagger judges otherwise."""
    lines = lines or Lines(f"{rule.id}.yml", None)
    return [
        *_check(rule, engine, lines, "must_match", rule.must_match, wanted=True),
        *_check(rule, engine, lines, "must_not_match", rule.must_not_match, wanted=False),
    ]


def _check(
    rule: Rule, engine: HasTagger, lines: Lines, key: str, examples: Iterable[Example], wanted: bool
) -> list[Fault]:
    faults = []
    for index, example in enumerate(examples):
        met = any(hit.rule == rule.id for hit in engine.tagger.tag(_item(example)).rules)
        if met is not wanted:
            says = "does not meet" if wanted else "meets"
            words = f'the rule {says} "{example.title}", as {key} {"says" if wanted else "denies"}'
            faults.append(lines.fault((key, index), words))
    return faults


def _item(example: Example) -> Item:
    source = example.source or "example"
    return Item(
        id=item_id(source, example.title),
        rev=1,
        fingerprint=fingerprint(example.title, example.text),
        source=Source(feed=source, outlet=source),
        title=example.title,
        text=example.text,
        at=_DAY,
        seen=_DAY,
        first_seen=_DAY,
    )
