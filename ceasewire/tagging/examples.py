"""The examples of issues and marks, run through the tagger: a pack that fails its own examples is refused."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ceasewire.config.lines import Lines
from ceasewire.errors import Fault
from ceasewire.items import Item, Source
from ceasewire.pack.load import Pack
from ceasewire.pack.model import File, MarkExample
from ceasewire.tagging.tagger import Tagger

_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""Tagging does not look at dates."""


def check_examples(packs: Iterable[Pack], tagger: Tagger) -> list[Fault]:
    """A fault, at the line of the example, for each one that the tagger judges otherwise."""
    faults = []
    for pack in packs:
        for lines, file in zip(pack.lines, pack.files, strict=True):
            for index, issue in enumerate(file.issues):
                for key, wanted in (("must", True), ("must_not", False)):
                    for language, texts in getattr(issue, key).items():
                        for number, text in enumerate(texts):
                            if (issue.id in tagger.judge(_item(text), language).issues) is not wanted:
                                told = "does not find" if wanted else "finds"
                                words = f'the issue "{issue.id}" {told} itself in "{text}", which {key} names'
                                faults.append(lines.fault(("issues", index, key, language, number), words))
            faults += _mark_faults(lines, file, tagger)
    return faults


def _mark_faults(lines: Lines, file: File, tagger: Tagger) -> Iterable[Fault]:
    for index, mark in enumerate(file.marks):
        for key, wanted in (("must", True), ("must_not", False)):
            for language, examples in getattr(mark, key).items():
                for number, example in enumerate(examples):
                    one = MarkExample(title=example) if isinstance(example, str) else example
                    item = _item(one.title, one.text, one.url)
                    if (mark.id in tagger.marks(item)) is not wanted:
                        told = "is not found in" if wanted else "is found in"
                        words = f'the mark "{mark.id}" {told} "{item.title}", which {key} names'
                        yield lines.fault(("marks", index, key, language, number), words)


def _item(title: str, text: str = "", url: str | None = None) -> Item:
    return Item(
        id="example",
        rev=1,
        fingerprint="",
        source=Source(feed="example", outlet="example"),
        url=url,
        title=title,
        text=text,
        at=_DAY,
        seen=_DAY,
        first_seen=_DAY,
    )
