"""YAML files to a pack, with every fault of every file at its line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ceasewire.config.lines import Lines, read_yaml
from ceasewire.config.nodes import Path
from ceasewire.errors import ConfigurationError, Fault
from ceasewire.garbage import uncollected
from ceasewire.pack.forms import read_name
from ceasewire.pack.labels import read_label
from ceasewire.pack.model import Actor, Conflict, File, Head, Issue, Mark, Named
from ceasewire.pack.patterns import Compiler, PatternError, read_term

HEAD = "pack.yml"
TALK_LISTS = ("talks", "war", "other_talks", "envoys", "settling", "contacts", "stances", "violence", "other_matters")
"""Word lists that hold patterns."""
_WORD_LISTS = ("ignore", *TALK_LISTS)
Sets = Mapping[str, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, eq=False)
class Pack:
    """The issues, actors and conflicts of a field of news; equal to itself alone, so that it is quickly compared."""

    head: Head
    files: tuple[File, ...]
    lines: tuple[Lines, ...] = field(default=(), repr=False)
    """Where the keys of each file stand, for faults that show later."""

    @property
    def id(self) -> str:
        """The name of the pack."""
        return self.head.id

    @property
    def issues(self) -> tuple[Issue, ...]:
        """All issues, in the order of the files."""
        return tuple(issue for file in self.files for issue in file.issues)

    @property
    def actors(self) -> tuple[Actor, ...]:
        """All actors, in the order of the files."""
        return tuple(actor for file in self.files for actor in file.actors)

    @property
    def places(self) -> tuple[Named, ...]:
        """All places."""
        return tuple(place for file in self.files for place in file.places)

    @property
    def documents(self) -> tuple[Named, ...]:
        """All documents."""
        return tuple(document for file in self.files for document in file.documents)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """All conflicts."""
        return tuple(conflict for file in self.files for conflict in file.conflicts)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All marks, in the order of the files."""
        return tuple(mark for file in self.files for mark in file.marks)

    @property
    def sets(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The named word lists by language."""
        joined: dict[str, dict[str, tuple[str, ...]]] = {}
        for file in self.files:
            for language, sets in file.sets.items():
                joined.setdefault(language, {}).update(sets)
        return joined

    def words(self, kind: str) -> Iterator[tuple[str, Any]]:
        """The language and source of each entry of a word list: ignore, war, other_talks, venue_before ..."""
        for file in self.files:
            for language, sources in getattr(file, kind).items():
                yield from ((language, source) for source in sources)


@uncollected()
def load_pack(files: Mapping[str, str]) -> Pack:
    """The pack that the files (name to YAML text) hold; raises ConfigurationError with all faults of all files."""
    faults: list[Fault] = []
    head: Head | None = None
    read: list[tuple[Lines, File]] = []
    for name in sorted(files):
        try:
            lines = read_yaml(files[name], name)
            if name.rpartition("/")[2] == HEAD:
                head = lines.check(Head)
            else:
                read.append((lines, lines.check(File)))
        except ConfigurationError as error:
            faults += error.faults
    if head is None and not faults:
        faults.append(Fault(HEAD, None, "the pack has no such file; it gives id, name and version"))
    if head is not None:
        pack = Pack(head, tuple(file for _, file in read), tuple(lines.over(None) for lines, _ in read))
        faults += _check(pack, read)
        if not faults:
            return pack
    raise ConfigurationError(faults)


def _check(pack: Pack, read: Sequence[tuple[Lines, File]]) -> list[Fault]:
    faults: list[Fault] = []
    known: dict[tuple[str, str], tuple[Lines, int]] = {}
    sets = pack.sets
    for lines, file in read:
        for kind in ("issues", "actors", "places", "documents", "conflicts", "marks"):
            for index, one in enumerate(getattr(file, kind)):
                there, at = known.setdefault((kind, one.id), (lines, index))
                if (there, at) != (lines, index):
                    first = f"{there.file}:{there.line((kind, at))}"
                    faults.append(lines.fault((kind, index), f'the id "{one.id}" stands already at {first}'))
        faults += _patterns(lines, file, sets)
        faults += _names(lines, file)
        faults += _labels(lines, file)
    return faults


def _patterns(lines: Lines, file: File, sets: Sets) -> Iterator[Fault]:
    compiler = Compiler()
    sources: list[tuple[Path, str, Any]] = []
    for index, issue in enumerate(file.issues):
        for language, patterns in issue.patterns.items():
            sources += ((("issues", index, "patterns", language, n), language, one) for n, one in enumerate(patterns))
    for kind in _WORD_LISTS:
        for key, listed in getattr(file, kind).items():
            sources += (((kind, key, n), key, one) for n, one in enumerate(listed))
    for index, conflict in enumerate(file.conflicts):
        for language, patterns in conflict.words.items():
            sources += ((("conflicts", index, "words", language, n), language, one) for n, one in enumerate(patterns))
    for path, where, source in sources:
        try:
            compiler.pattern(source, named(sets, where))
        except PatternError as error:
            yield lines.fault(path, str(error))


def _names(lines: Lines, file: File) -> Iterator[Fault]:
    for kind in ("actors", "places", "documents"):
        for index, one in enumerate(getattr(file, kind)):
            for key in ("names", "metonyms", "short"):
                for language, names in getattr(one, key, {}).items():
                    for n, source in enumerate(names):
                        try:
                            name = read_name(source)
                            for text in (name.text, *name.not_before, *name.not_after):
                                read_term(text)
                        except (PatternError, ValidationError) as error:
                            yield lines.fault((kind, index, key, language, n), _words(error))


def _labels(lines: Lines, file: File) -> Iterator[Fault]:
    for index, mark in enumerate(file.marks):
        if not (mark.labels or mark.titles or mark.lines or mark.paths):
            yield lines.fault(("marks", index), f'the mark "{mark.id}" has no words and no path')
        for key in ("labels", "titles", "lines"):
            for language, labels in getattr(mark, key).items():
                for n, source in enumerate(labels):
                    try:
                        read_label(source)
                    except PatternError as error:
                        yield lines.fault(("marks", index, key, language, n), str(error))
        for n, part in enumerate(mark.paths):
            if not part or part != part.lower() or "/" in part:
                words = f'"{part}": one folder of a path is wanted, in lower case, without slashes'
                yield lines.fault(("marks", index, "paths", n), words)


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"a name is text, or a mapping with is, inflect, not_before, not_after: {first['msg'].lower()}"
    return str(error)


def named(sets: Sets, language: str) -> dict[str, tuple[str, ...]]:
    """The sets that a pattern of the language may name: those of the language and of `any`."""
    return {**sets.get("any", {}), **sets.get(language, {})}
