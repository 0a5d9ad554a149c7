"""Items to tagged items. No state: the same item and edition always give the same tags."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import msgspec

from ceasewire.items import HEADLINE_UNSUPPORTED, Item, Mention, MentionKind, Tagged
from ceasewire.pack.load import Pack
from ceasewire.pack.model import PACK_LANGUAGES
from ceasewire.query import Node
from ceasewire.tagging.bearing import unsupported
from ceasewire.tagging.dropped import Dropped, dropped
from ceasewire.tagging.figures import read_figures
from ceasewire.tagging.gist import Gists, build_gists
from ceasewire.tagging.judging import Theatre, find_relevance, find_theatre, is_calm, is_war, may_be_war
from ceasewire.tagging.marks import Marks, build_marks
from ceasewire.tagging.matching import Matcher
from ceasewire.tagging.naming import Naming, find_names
from ceasewire.tagging.reading import Place, Reading, evaluate
from ceasewire.tagging.ruling import Facts, Rules
from ceasewire.tagging.vocabulary import ANY, Vocabulary, build_vocabulary
from ceasewire.text.folding import fold
from ceasewire.text.language import LanguageReader


class Tagger:
    """Tags items by the packs and rules that it was built from."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        rules: Rules,
        matcher: Matcher,
        languages: LanguageReader,
        gists: Gists,
        marks: Marks,
        edition: int,
    ) -> None:
        self._vocabulary = vocabulary
        self._rules = rules
        self._matcher = matcher
        self._languages = languages
        self._gists = gists
        self._marks = marks
        self._edition = edition

    def tag(self, item: Item) -> Tagged:
        """The item with language, mentions, issues, actors, conflict, relevance, marks, figures and rules met."""
        language = self._languages.read(item.title, item.text, item.source.language)
        return self.tag_as(item, language)

    def tag_as(self, item: Item, language: str) -> Tagged:
        """As `tag`, with the language given."""
        tagged = self.judge(item, language)
        return self.with_gist(tagged) if tagged.gathered else tagged

    def judge(self, item: Item, language: str) -> Tagged:
        """As `tag_as`, without the gist."""
        reading = Reading(item.title, item.text, self._matcher)
        names = find_names(self._vocabulary, reading, language)
        theatre = find_theatre(self._vocabulary, reading, language, names)
        issues = self._issues(reading, language, theatre, names)
        conflict = theatre.conflict if theatre.fought or issues else None
        if conflict is None and any(self._vocabulary.tells_of_talks(id) for id, _, _ in issues):
            conflict = theatre.likely
        mentioned = [(id, place) for id, _, place in issues]
        relevance = find_relevance(self._vocabulary, reading, language, mentioned, conflict, theatre.parties, names)
        actors = [name for name in names if name.kind == "actor"]
        mentions = _mentions(issues, names)
        published = item.published.date() if item.published else None
        # a third of the cost of a text that nobody here asks for
        figures = read_figures(reading, language, published) if issues or relevance != "none" else ()
        bare = unsupported(self._vocabulary, reading, mentions, figures, published)
        marks = self._marks.read(item, reading.folded_title) + ((HEADLINE_UNSUPPORTED,) if bare else ())
        facts = Facts(
            item=item,
            reading=reading,
            language=language,
            relevance=relevance,
            conflict=conflict,
            issues=_by_id(mentioned),
            actors=_by_id((name.id, name.place) for name in actors),
            marks=marks,
        )
        return Tagged(
            item=item,
            edition=self._edition,
            language=language,
            relevance=relevance,
            conflict=conflict,
            issues=tuple(facts.issues),
            actors=tuple(facts.actors),
            mentions=mentions,
            rules=self._rules.met(facts),
            marks=marks,
            unsupported=bare,
            figures=figures,
        )

    def dropped(self, tagged: Tagged) -> tuple[Dropped, ...]:
        """The issue patterns whose words the item has and that do not count there, each with the reason."""
        reading = Reading(tagged.item.title, tagged.item.text, self._matcher)
        names = find_names(self._vocabulary, reading, tagged.language)
        theatre = find_theatre(self._vocabulary, reading, tagged.language, names)
        index = self._vocabulary.issues[tagged.language if tagged.language in PACK_LANGUAGES else ANY]
        patterns = {pattern.name: (issue, pattern) for term in reading.terms for issue, pattern in index.get(term, ())}
        shown = theatre.conflict is not None or is_war(self._vocabulary, reading, tagged.language)
        war = shown or may_be_war(self._vocabulary, reading, tagged.language, names)
        found = {mention.pattern for mention in tagged.mentions if mention.kind == "issue"}
        return tuple(sorted(dropped(list(patterns.values()), reading, found, war, shown)))

    def marks(self, item: Item) -> tuple[str, ...]:
        """The marks that the item has by its labels and address."""
        return self._marks.read(item, fold(item.title).text)

    def with_gist(self, tagged: Tagged) -> Tagged:
        """The tagged item with its gist, by which stories are joined to threads."""
        item = tagged.item
        gist = self._gists.read(item.title, item.text, tagged.language, tagged.issues, tagged.actors)
        return msgspec.structs.replace(tagged, gist=gist)

    def _issues(
        self, reading: Reading, language: str, theatre: Theatre, names: Sequence[Naming]
    ) -> list[tuple[str, str, Place]]:
        """Issue, pattern and place of each mention, in order; of one issue's mentions that overlap the longest."""
        index = self._vocabulary.issues[language if language in PACK_LANGUAGES else ANY]
        patterns = {(issue, pattern.name): pattern for term in reading.terms for issue, pattern in index.get(term, ())}
        shown = theatre.conflict is not None
        war = shown or (
            any(pattern.war for pattern in patterns.values()) and may_be_war(self._vocabulary, reading, language, names)
        )
        if not shown and any(pattern.shown for pattern in patterns.values()):
            shown = is_war(self._vocabulary, reading, language)
        calm = (
            theatre.conflict is None
            and any(not pattern.calm for pattern in patterns.values())
            and is_calm(self._vocabulary, reading, language)
        )
        here = theatre.likely or ""
        found = [
            (issue, name, place)
            for (issue, name), pattern in patterns.items()
            if (war or not pattern.war)
            and (shown or not pattern.shown)
            and (pattern.calm or not calm)
            and self._vocabulary.only.get(issue, here) == here
            for place in evaluate(pattern, reading)
        ]
        found.sort(key=lambda one: (one[0], one[2].field, one[2].start, -one[2].end))
        kept: list[tuple[str, str, Place]] = []
        for one in found:
            before = kept[-1] if kept else None
            if before and before[0] == one[0] and before[2].field == one[2].field and one[2].start < before[2].end:
                continue
            kept.append(one)
        return sorted(kept, key=lambda one: one[2])


def build_tagger(
    packs: Sequence[Pack], rules: Mapping[str, Node], edition: int, known: Vocabulary | None = None
) -> Tagger:
    """The tagger of packs and rules; loads the language model where it is not loaded yet.

    `known` is the vocabulary of the packs, where it has been built before; it stays as it is.
    """
    vocabulary = replace(known, compiler=known.compiler.copied()) if known else build_vocabulary(packs)
    asked = Rules(rules, vocabulary.compiler)
    gists = build_gists(packs, (term.text for term in vocabulary.compiler.terms))
    matcher = Matcher(vocabulary.compiler.terms)
    return Tagger(vocabulary, asked, matcher, LanguageReader(), gists, build_marks(packs), edition)


def _by_id(found: Iterable[tuple[str, Place]]) -> dict[str, tuple[Place, ...]]:
    places: dict[str, list[Place]] = {}
    for id, place in found:
        places.setdefault(id, []).append(place)
    return {id: tuple(some) for id, some in places.items()}


_KINDS: dict[str, MentionKind] = {"actor": "actor", "place": "place", "document": "document", "venue": "place"}


def _mentions(issues: Sequence[tuple[str, str, Place]], names: Sequence[Naming]) -> tuple[Mention, ...]:
    found: list[tuple[Place, MentionKind, str, str]] = [(place, "issue", id, pattern) for id, pattern, place in issues]
    found += [(name.place, _KINDS[name.kind], name.id, name.pattern) for name in names]
    found.sort(key=lambda one: one[0])
    return tuple(
        Mention(kind=kind, id=id, field=place.span.field, start=place.start, end=place.end, pattern=pattern)
        for place, kind, id, pattern in found
    )
