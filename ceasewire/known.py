"""Whether the ids that a query names exist, and which were meant where they do not."""

import difflib
from collections.abc import Collection, Mapping

from ceasewire.grammar import leaves
from ceasewire.query import Has, Node

_NOUNS = {"lang": "language"}
_COUNTRIES = {
    "ua": "uk",
    "cz": "cs",
    "gr": "el",
    "dk": "da",
    "se": "sv",
    "jp": "ja",
    "cn": "zh",
    "us": "en",
    "gb": "en",
}
"""Codes of countries that are taken for those of their languages."""


def unknown(node: Node, known: Mapping[str, Collection[str]]) -> list[str]:
    """Words for each property of the query whose value does not exist, with the nearest that does.

    `known` gives the values of a property, like issue or lang, in lower case; properties that it lacks are not checked.
    """
    found = []
    for leaf in dict.fromkeys(leaves(node)):
        if not isinstance(leaf, Has) or leaf.name not in known or leaf.value.casefold() in known[leaf.name]:
            continue
        found.append(refusal(leaf, meant(leaf, known[leaf.name])))
    return found


def refusal(leaf: Has, near: str) -> str:
    """Words for a property whose value does not exist, with the one that was most likely meant, if any."""
    hint = f'; did you mean "{near}"?' if near else ""
    return f'there is no {_NOUNS.get(leaf.name, leaf.name)} "{leaf.value}"{hint}'


def meant(leaf: Has, known: Collection[str]) -> str:
    """The value of the property that was most likely meant, of those known; empty where none is near."""
    near = nearest(leaf.value.casefold(), known)
    return _COUNTRIES.get(leaf.value, near) if leaf.name == "lang" else near


def nearest(word: str, known: Collection[str]) -> str:
    """The id that was most likely meant, also where only a part of it was written; empty where none is near."""
    parts = {part: one for one in sorted(known, reverse=True) for part in one.split("_") if len(part) > 3}
    if near := difflib.get_close_matches(word, known, n=1):
        return near[0]
    near = difflib.get_close_matches(word, parts, n=1, cutoff=0.75)
    return parts[near[0]] if near else ""
