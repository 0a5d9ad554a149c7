"""How much is in a pack: issues, actors, names by language, patterns, and the terms that come of them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ceasewire.pack.load import Pack
from ceasewire.pack.model import Words
from ceasewire.tagging.matching import Matcher
from ceasewire.tagging.vocabulary import build_vocabulary


def counts(packs: Sequence[Pack]) -> dict[str, Any]:
    """Counts over the packs together; `terms` are spellings after case forms were made, `atoms` what the scan holds."""
    vocabulary = build_vocabulary(packs)
    issues = [issue for pack in packs for issue in pack.issues]
    actors = [actor for pack in packs for actor in pack.actors]
    named = [one for pack in packs for one in (*pack.places, *pack.documents)]
    names: Counter[str] = Counter()
    for words in (
        *(part for one in actors for part in (one.names, one.metonyms, one.short)),
        *(one.names for one in named),
    ):
        names.update(_sizes(words))
    patterns: Counter[str] = Counter()
    for issue in issues:
        patterns.update(_sizes(issue.patterns))
    written = sum(names.values())
    return {
        "packs": {pack.id: pack.head.version for pack in packs},
        "issues": len(issues),
        "issues_with_pax": sum(issue.pax != "none" for issue in issues),
        "issues_with_plover": sum(issue.plover != "none" for issue in issues),
        "examples": sum(len(some) for issue in issues for key in (issue.must, issue.must_not) for some in key.values()),
        "patterns": dict(patterns.most_common()),
        "actors": len(actors),
        "actors_by_type": dict(Counter(actor.type for actor in actors).most_common()),
        "dated_roles": sum(bool(role.since or role.until) for actor in actors for role in actor.roles),
        "places": sum(len(pack.places) for pack in packs),
        "documents": sum(len(pack.documents) for pack in packs),
        "conflicts": sum(len(pack.conflicts) for pack in packs),
        "names": dict(names.most_common()),
        "names_written": written,
        "name_forms": len(vocabulary.aliases),
        "terms": len(vocabulary.compiler.terms),
        "atoms": Matcher(vocabulary.compiler.terms).size,
    }


def _sizes(words: Words) -> dict[str, int]:
    return {language: len(some) for language, some in words.items()}
