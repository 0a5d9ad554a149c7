"""What an author of a pack is told beyond what is refused at load: missing examples, doubled words, odd roles."""

import re
from collections.abc import Iterator

from ceasewire.config.lines import Lines
from ceasewire.errors import Fault
from ceasewire.pack.load import Pack
from ceasewire.pack.model import File, Issue

_PAX = re.compile(r"[A-Z][A-Za-z]{1,11}")
"""A category of the PA-X codebook, as SsrGua; whether there is one of that name is not known here."""


def review(pack: Pack) -> list[Fault]:
    """The faults of a pack that loads, each at its line, in the order of its files."""
    found: list[Fault] = []
    for lines, file in zip(pack.lines, pack.files, strict=True):
        for index, issue in enumerate(file.issues):
            found += _codes(lines, index, issue)
            found += _examples(lines, index, issue)
            found += _doubled(lines, index, issue)
        found += _names(lines, file)
    return found


def _codes(lines: Lines, index: int, issue: Issue) -> Iterator[Fault]:
    for number, code in enumerate(issue.pax if issue.pax != "none" else ()):
        if not _PAX.fullmatch(code):
            yield lines.fault(("issues", index, "pax", number), f'"{code}" is no PA-X category, like SsrGua')


def _examples(lines: Lines, index: int, issue: Issue) -> Iterator[Fault]:
    for key, words in (("must", "that has it"), ("must_not", "that sounds like it and is something else")):
        if not any(getattr(issue, key).values()):
            text = f'the issue "{issue.id}" has no example under {key}: a sentence {words}'
            yield lines.fault(("issues", index), text)


def advise(pack: Pack) -> list[Fault]:
    """What would make a pack better and is no fault: languages whose patterns no example shows."""
    return [
        lines.fault(
            ("issues", index, "patterns", language),
            f'the issue "{issue.id}" has patterns in "{language}" and no sentence in it under must',
        )
        for lines, file in zip(pack.lines, pack.files, strict=True)
        for index, issue in enumerate(file.issues)
        for language in issue.patterns
        if language != "any" and language not in issue.must
    ]


def _doubled(lines: Lines, index: int, issue: Issue) -> Iterator[Fault]:
    for language, patterns in issue.patterns.items():
        seen: dict[str, int] = {}
        for number, pattern in enumerate(patterns):
            key = repr(pattern)
            if key in seen:
                first = lines.line(("issues", index, "patterns", language, seen[key]))
                path = ("issues", index, "patterns", language, number)
                yield lines.fault(path, f"this pattern stands already in line {first}")
            seen.setdefault(key, number)


def _names(lines: Lines, file: File) -> Iterator[Fault]:
    for index, actor in enumerate(file.actors):
        for language, names in actor.names.items():
            seen = set()
            for number, name in enumerate(names):
                key = repr(name)
                if key in seen:
                    yield lines.fault(
                        ("actors", index, "names", language, number), f'{key} of "{actor.id}" stands twice'
                    )
                seen.add(key)
