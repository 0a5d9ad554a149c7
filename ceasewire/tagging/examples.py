"""The examples that issues bring along, run through the tagger: a pack that fails its own examples is refused."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ceasewire.errors import Fault
from ceasewire.items import Item, Source
from ceasewire.pack.load import Pack
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
                            if (issue.id in tagger.tag_as(_item(text), language).issues) is not wanted:
                                told = "does not find" if wanted else "finds"
                                words = f'the issue "{issue.id}" {told} itself in "{text}", which {key} names'
                                faults.append(lines.fault(("issues", index, key, language, number), words))
    return faults


def _item(text: str) -> Item:
    source = Source(feed="example", outlet="example")
    return Item(id="example", rev=1, fingerprint="", source=source, title=text, at=_DAY, seen=_DAY, first_seen=_DAY)
