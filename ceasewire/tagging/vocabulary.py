"""All packs made ready for the tagger: terms numbered for the one scan, patterns by language, names by term."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, TypeVar

from ceasewire.errors import ConfigurationError, Fault
from ceasewire.pack.forms import read_name, surface_forms
from ceasewire.pack.load import TALK_LISTS, Pack, named
from ceasewire.pack.model import PACK_LANGUAGES, Actor
from ceasewire.pack.patterns import Compiler, Pattern
from ceasewire.text.folding import fold

ANY = "any"
_BLOCS = frozenset(("state", "armed movement", "armed group"))
_CARRIERS = frozenset(("envoy", "negotiator", "private mandate"))
_MANY = frozenset(("collective",))
_NO_SIDE = "third"
NameKind = Literal["actor", "place", "document", "ignore"]


Index = Mapping[int, tuple[Pattern, ...]]
"""Patterns by the terms of their first group."""
T = TypeVar("T")


@dataclass(frozen=True)
class Alias:
    """A name of something, by one term."""

    kind: NameKind
    id: str
    pattern: Pattern
    languages: frozenset[str] | None
    """None: in texts of any language."""
    seat: bool = False
    """A metonym: an actor, unless the words tell of a place."""
    short: bool = False


@dataclass(frozen=True)
class Venues:
    """Folded words beside a metonym that tell a place from an actor; `*` at the end stands for any ending."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    unless_after: tuple[str, ...]

    @cached_property
    def _first_looks(self) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """What tells in one call that no word stands there, which is nearly always so."""
        return (
            tuple(f" {word}" for word in self.before),
            tuple(word.rstrip("*") for word in self.after),
            tuple(word.rstrip("*") for word in self.unless_after),
        )

    def tell(self, before: str, after: str) -> bool:
        """Whether the folded text before and after a metonym makes it a place."""
        ends, starts, unless = self._first_looks
        ahead = after.lstrip("'\" ,")
        if ahead.startswith(unless) and any(_starts(ahead, word) for word in self.unless_after):
            return False
        if f" {before.rstrip()}".endswith(ends):
            return True
        return ahead.startswith(starts) and any(_starts(ahead, word) for word in self.after)


def _starts(text: str, word: str) -> bool:
    if word.endswith("*"):
        return text.startswith(word[:-1])
    return text.startswith(word) and not text[len(word) : len(word) + 1].isalnum()


@dataclass
class Vocabulary:
    """What the tagger looks for."""

    compiler: Compiler = field(default_factory=Compiler)
    issues: dict[str, Mapping[int, tuple[tuple[str, Pattern], ...]]] = field(default_factory=dict)
    """By language, then by the terms of the first group: issue id and pattern."""
    process: dict[str, float] = field(default_factory=dict)
    only: dict[str, str] = field(default_factory=dict)
    """The conflict of issues that count in items about it alone."""
    aliases: Mapping[int, tuple[Alias, ...]] = field(default_factory=dict)
    conflicts: dict[str, tuple[frozenset[str], frozenset[str]]] = field(default_factory=dict)
    """What is a conflict's own, and what it shares with others."""
    conflict_words: Index = field(default_factory=dict)
    """Words that only one conflict has; the patterns are named after it."""
    lists: dict[str, dict[str, Index]] = field(default_factory=dict)
    """TALK_LISTS by language."""
    settlement: frozenset[str] = frozenset()
    """Issues that are a matter of a settlement."""
    shared: frozenset[str] = frozenset()
    """Those of them that a party also settles with others than the other party."""
    theatres: frozenset[str] = frozenset()
    """What is one conflict's own: its parties and places."""
    beside: dict[str, frozenset[str]] = field(default_factory=dict)
    """Who fights or talks with the parties of a conflict, or goes between them."""
    carriers: frozenset[str] = frozenset()
    """Persons whose office is to negotiate."""
    sides: dict[str, str] = field(default_factory=dict)
    """The side that an actor belongs to; a state or armed group without one is its own."""
    single_sides: frozenset[str] = frozenset()
    """Sides that one state alone stands for."""
    collectives: frozenset[str] = frozenset()
    """Actors that are many or nameless: no one name bears them out."""
    states: frozenset[str] = frozenset()
    telling: Index = field(default_factory=dict)
    """Patterns of any language that tell of negotiations."""
    parents: dict[str, str] = field(default_factory=dict)
    venues: Venues = field(default_factory=lambda: Venues((), (), ()))

    def tells_of_talks(self, issue: str) -> bool:
        """Whether an issue is one of talks or of a settlement."""
        return issue in self.settlement or self.process.get(issue, 0) > 0


def build_vocabulary(packs: Sequence[Pack]) -> Vocabulary:
    """The vocabulary of the packs; raises ConfigurationError for ids that are named but are in no pack."""
    found = Vocabulary()
    compiler = found.compiler
    sets: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for pack in packs:
        for language, some in pack.sets.items():
            sets[language].update(some)
    by_language: dict[str, list[tuple[str, Pattern]]] = defaultdict(list)
    conflict_words: list[Pattern] = []
    sides: dict[str, list[str]] = defaultdict(list)
    for actor in (actor for pack in packs for actor in pack.actors if actor.side):
        sides[str(actor.side)].append(actor.id)
    everyone = [actor for pack in packs for actor in pack.actors]
    found.carriers = frozenset(actor.id for actor in everyone if actor.type in _CARRIERS)
    found.sides = {actor.id: actor.id for actor in everyone if actor.type in _BLOCS}
    found.sides |= {actor.id: actor.side for actor in everyone if actor.side and actor.side != _NO_SIDE}
    found.single_sides = _single_sides(everyone)
    found.collectives = frozenset(actor.id for actor in everyone if actor.type in _MANY)
    found.settlement = frozenset(issue.id for pack in packs for issue in pack.issues if issue.settlement)
    found.shared = frozenset(issue.id for pack in packs for issue in pack.issues if issue.settlement == "shared")
    found.states = frozenset(actor.id for pack in packs for actor in pack.actors if actor.type == "state")
    aliases = [alias for pack in packs for alias in _aliases(found, pack)]
    found.aliases = _by_term((term, alias) for alias in aliases for term in alias.pattern.groups[0])
    for pack in packs:
        for issue in pack.issues:
            found.process[issue.id] = issue.process
            if issue.conflict:
                found.only[issue.id] = issue.conflict
            number = 0
            for language, sources in issue.patterns.items():
                for source in sources:
                    pattern = compiler.pattern(source, named(sets, language), f"{pack.id}/{issue.id}#{number}")
                    war = issue.war if pattern.war is None else pattern.war
                    pattern = replace(pattern, war=war, calm=pattern.calm and issue.calm)
                    by_language[language].append((issue.id, pattern))
                    number += 1
        for conflict in pack.conflicts:
            conflict_words += _patterns(compiler, sets, conflict.words.items(), conflict.id)
            own = {*conflict.own, *(id for side in conflict.own_sides for id in sides.get(side, ()))}
            shared = {*conflict.shared, *(id for side in conflict.shared_sides for id in sides.get(side, ()))}
            beside = {*conflict.beside, *(id for side in conflict.beside_sides for id in sides.get(side, ()))}
            found.beside[conflict.id] = frozenset(beside - own - shared)
            found.conflicts[conflict.id] = (frozenset(own), frozenset(shared - own))
            found.theatres |= own
    found.conflict_words = _index(conflict_words)
    for kind in TALK_LISTS:
        listed: dict[str, list[Any]] = {language: [] for language in (ANY, *PACK_LANGUAGES)}
        for pack in packs:
            for language, source in pack.words(kind):
                listed[language].append(source)
        whole = {key: _patterns(compiler, sets, [(key, _joined(sources))]) for key, sources in listed.items()}
        found.lists[kind] = {key: _index((*whole[key], *whole[ANY])) for key in PACK_LANGUAGES}
        found.lists[kind][ANY] = _index(pattern for patterns in whole.values() for pattern in patterns)
    found.venues = Venues(*(_folded(packs, f"venue_{kind}") for kind in ("before", "after", "unless_after")))
    for language in (*PACK_LANGUAGES, ANY):
        known = by_language if language == ANY else {key: by_language[key] for key in (language, ANY)}
        found.issues[language] = _by_term(
            (term, entry) for entries in known.values() for entry in entries for term in entry[1].groups[0]
        )
    telling = [pattern for entries in by_language.values() for id, pattern in entries if found.process[id]]
    talks = found.lists["talks"][ANY]
    found.telling = _index([*telling, *patterns_in(talks, frozenset(talks))])
    _check_ids(packs)
    return found


def _single_sides(everyone: Iterable[Actor]) -> frozenset[str]:
    """Sides with one state, its own head and at most one ally's: not those that many states share."""
    states, heads = Counter[str](), Counter[str]()
    for actor in everyone:
        if actor.side and actor.side != _NO_SIDE:
            states[actor.side] += actor.type == "state"
            heads[actor.side] += actor.type == "head of state" and any(not role.until for role in actor.roles)
    return frozenset(side for side, count in states.items() if count == 1 and heads[side] <= 2)


def _joined(sources: Sequence[Any]) -> list[Any]:
    """The same list with all plain words as one pattern: which of them stands there is not asked."""
    plain = [source for source in sources if isinstance(source, str)]
    return [{"any": plain}, *(source for source in sources if source not in plain)] if plain else list(sources)


def _patterns(
    compiler: Compiler,
    sets: Mapping[str, dict[str, tuple[str, ...]]],
    sources: Iterable[tuple[str, Iterable[Any]]],
    name: str = "",
) -> tuple[Pattern, ...]:
    return tuple(compiler.pattern(source, named(sets, language), name) for language, many in sources for source in many)


def _index(patterns: Iterable[Pattern]) -> Index:
    return _by_term((term, pattern) for pattern in patterns for term in pattern.groups[0])


def _by_term(entries: Iterable[tuple[int, T]]) -> dict[int, tuple[T, ...]]:
    """The entries of each term. Most terms of a pattern lead to it alone, and share what they lead to."""
    listed: dict[int, list[T]] = defaultdict(list)
    for term, entry in entries:
        listed[term].append(entry)
    shared: dict[tuple[int, ...], tuple[T, ...]] = {}
    return {term: shared.setdefault(tuple(map(id, some)), tuple(some)) for term, some in listed.items()}


def patterns_in(index: Index, terms: frozenset[int]) -> list[Pattern]:
    """The patterns that may stand where these terms stand, each once."""
    found = {id(pattern): pattern for term in terms & index.keys() for pattern in index[term]}
    return list(found.values())


def _folded(packs: Iterable[Pack], kind: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fold(source).text for pack in packs for _, source in pack.words(kind)))


def _aliases(found: Vocabulary, pack: Pack) -> Iterator[Alias]:
    for actor in pack.actors:
        if actor.parent:
            found.parents[actor.id] = actor.parent
        for key in ("names", "metonyms", "short"):
            yield from _names(found.compiler, "actor", actor, key)
    for place in pack.places:
        yield from _names(found.compiler, "place", place, "names")
    for document in pack.documents:
        yield from _names(found.compiler, "document", document, "names")
    for language, source in pack.words("ignore"):
        # "Hungary Today" is a newspaper, "Hungary today ..." is news of Hungary
        titled = isinstance(source, str) and "*" not in source and any(word[0].isupper() for word in source.split()[1:])
        pattern = found.compiler.phrase(source) if titled else found.compiler.pattern(source, {})
        yield Alias("ignore", "", pattern, _languages(language))


def _names(compiler: Compiler, kind: NameKind, one: Actor | Any, key: str) -> Iterator[Alias]:
    for language, sources in getattr(one, key).items():
        for number, source in enumerate(sources):
            name = read_name(source)
            forms = surface_forms(name, language)
            terms = frozenset(term for form in forms for term in compiler.spellings(form))
            pattern = Pattern(
                (terms,),
                f"{kind}/{one.id}/{'' if key == 'names' else f'{key}/'}{language}#{number}",
                not_before=frozenset(compiler.term(text) for text in name.not_before),
                not_after=frozenset(compiler.term(text) for text in name.not_after),
            )
            yield Alias(kind, one.id, pattern, _languages(language), key == "metonyms", key == "short")


def _languages(language: str) -> frozenset[str] | None:
    """Names in Cyrillic letters hold for texts of any language: the letters keep others apart."""
    return None if language in (ANY, "uk", "ru") else frozenset((language,))


def _check_ids(packs: Sequence[Pack]) -> None:
    actors = {actor.id for pack in packs for actor in pack.actors}
    known = actors | {place.id for pack in packs for place in pack.places}
    sides = {actor.side for pack in packs for actor in pack.actors if actor.side}
    faults: list[Fault] = []
    for lines, file in ((lines, file) for pack in packs for lines, file in zip(pack.lines, pack.files, strict=True)):
        for index, actor in enumerate(file.actors):
            if actor.parent and actor.parent not in actors:
                text = f'the parent "{actor.parent}" of the actor "{actor.id}" is in no pack'
                faults.append(lines.fault(("actors", index, "parent"), text))
        for index, conflict in enumerate(file.conflicts):
            for key in ("own", "shared", "beside"):
                for number, id in enumerate(getattr(conflict, key)):
                    if id not in known:
                        text = f'"{id}" of the conflict "{conflict.id}" is neither an actor nor a place'
                        faults.append(lines.fault(("conflicts", index, key, number), text))
                for number, side in enumerate(getattr(conflict, f"{key}_sides")):
                    if side not in sides:
                        text = f'no actor is on the side "{side}" of the conflict "{conflict.id}"'
                        faults.append(lines.fault(("conflicts", index, f"{key}_sides", number), text))
    if faults:
        raise ConfigurationError(faults)
