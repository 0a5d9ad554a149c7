"""The tree of a query: what search, rules and mutes all understand. `ceasewire.grammar` reads text into it."""

from typing import Literal

import msgspec

Zone = Literal["title", "lede"]
"""title: the headline; lede: the headline or the first three sentences of the text."""
Property = Literal["issue", "actor", "conflict", "lang", "source", "relevance", "mark", "extent"]


class Word(msgspec.Struct, frozen=True, tag=True):
    """A word, matched as a whole word after folding, in any case form of its language; `prefix`: as its beginning."""

    text: str
    prefix: bool = False


class Phrase(msgspec.Struct, frozen=True, tag=True):
    """Words that stand side by side, in this order, in these very forms after folding."""

    text: str


class Has(msgspec.Struct, frozen=True, tag=True):
    """A property: an issue, actor, conflict, language, relevance, mark or extent, or the feed id or outlet (source)."""

    name: Property
    value: str


class And(msgspec.Struct, frozen=True, tag=True):
    """All of the parts."""

    parts: "tuple[Node, ...]"


class Or(msgspec.Struct, frozen=True, tag=True):
    """At least one of the parts."""

    parts: "tuple[Node, ...]"


class Not(msgspec.Struct, frozen=True, tag=True):
    """Not this part."""

    part: "Node"


class In(msgspec.Struct, frozen=True, tag=True):
    """The part, where its words, phrases, issues and actors must stand in the zone."""

    zone: Zone
    part: "Node"


Node = Word | Phrase | Has | And | Or | Not | In
