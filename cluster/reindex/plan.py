"""What is to be built for each kind of index, or why it is not touched: from what the node has. Nothing is asked."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from ceasewire.text.stemming import STEMMER_VERSION
from indexers.templates import TEMPLATE_VERSION, Kind, alias, index_name

Made = Mapping[str, Any]
Origin = Literal["index", "log"]
"""What a new index is filled from."""
ORIGINS: tuple[Origin, ...] = ("index", "log")
FILLING = "filling"
"""The field of an index's `_meta` that says that it is not filled yet, and from what; it goes once it is."""


class Filling(msgspec.Struct, frozen=True):
    """What has to be known of a new index to go on with it, whoever began."""

    of: str
    """The index that it takes the place of."""
    origins: tuple[Origin, ...]
    starts: dict[str, int] = {}
    """Before these offsets, each under `topic/partition`, everything was in the old index when this one was made."""


class Building(NamedTuple):
    """An index that is to be built."""

    kind: Kind
    alias: str
    before: str
    """The index in use, or the one that was."""
    after: str
    """The new one."""
    filling: Filling | None = None
    """Where an earlier run has made it."""
    moved: bool = False
    """Whether the alias leads to it already, though it may lack what came last."""


class Plan(NamedTuple):
    """What is to be done, what needs not be, and what is refused. Where anything is refused, nothing is done."""

    buildings: tuple[Building, ...] = ()
    done: tuple[str, ...] = ()
    """Indices in use that are as this version makes them."""
    refusals: tuple[str, ...] = ()


class _Refused(NamedTuple):
    words: str


def plan(prefix: str, kinds: Sequence[Kind], found: Mapping[str, Made], anew: bool = False) -> Plan:
    """The plan for these kinds over the indices that there are; `anew` also where an index is as it should be."""
    outcomes = [_of_kind(prefix, kind, found, anew) for kind in kinds]
    return Plan(
        tuple(one for one in outcomes if isinstance(one, Building)),
        tuple(one for one in outcomes if isinstance(one, str)),
        tuple(one.words for one in outcomes if isinstance(one, _Refused)),
    )


def _of_kind(prefix: str, kind: Kind, found: Mapping[str, Made], anew: bool) -> Building | str | _Refused:
    name = alias(prefix, kind)
    behind = sorted(index for index, about in found.items() if name in about["aliases"])
    if not behind:
        return _Refused(f"{name}: leads nowhere: ceasewire cluster setup makes it")
    if len(behind) > 1:
        return _Refused(f"{name}: leads to {' and '.join(behind)}, where it must lead to one")
    [index] = behind
    number = number_of(name, index)
    if number is None:
        return _Refused(f"{name}: leads to {index}, which is not one of {name}-v1, -v2 and so on")
    meta = meta_of(found[index])
    if _is_newer(meta):
        return _Refused(f"{index}: was made by a newer version of the program: update the program")
    filling = filling_of(meta)
    if filling is not None:
        return Building(kind, name, filling.of, index, filling, moved=True)
    wanted = index_name(prefix, kind, number + 1)
    later = sorted(one for one in found if (number_of(name, one) or 0) > number)
    if later == [wanted]:
        begun = filling_of(meta_of(found[wanted]))
        if begun is not None and begun.of == index and _is_current(meta_of(found[wanted])):
            return Building(kind, name, index, wanted, begun)
    if later:
        words = f"stands beside {index}, which is in use, and is none that this can go on with: delete it first"
        return _Refused(f"{later[0]}: {words}")
    return index if _is_current(meta) and not anew else Building(kind, name, index, wanted)


def outdated(prefix: str, kinds: Sequence[Kind], found: Mapping[str, Made]) -> list[str]:
    """The indices behind no alias that later ones, filled to the end and in use, have taken the place of."""
    old: list[str] = []
    for kind in kinds:
        name = alias(prefix, kind)
        numbers = {index: number for index in found if (number := number_of(name, index)) is not None}
        used = [
            number
            for index, number in numbers.items()
            if name in found[index]["aliases"] and filling_of(meta_of(found[index])) is None
        ]
        old += [
            index
            for index, number in numbers.items()
            if len(used) == 1 and number < used[0] and not found[index]["aliases"]
        ]
    return sorted(old)


def number_of(name: str, index: str) -> int | None:
    """The number in the name of an index of this alias; None where it is not named so."""
    match = re.fullmatch(re.escape(name) + r"-v([1-9][0-9]{0,8})", index)
    return int(match[1]) if match else None


def meta_of(about: Made) -> Made:
    """The `_meta` of an index."""
    meta: Made = about["mappings"].get("_meta", {})
    return meta


def filling_of(meta: Made) -> Filling | None:
    """What an index that is not filled yet says of that; None of all others."""
    return msgspec.convert(meta[FILLING], Filling) if FILLING in meta else None


def _is_current(meta: Made) -> bool:
    return (meta.get("version"), meta.get("stemmer")) == (TEMPLATE_VERSION, STEMMER_VERSION)


def _is_newer(meta: Made) -> bool:
    return bool(meta.get("version", 0) > TEMPLATE_VERSION or meta.get("stemmer", 0) > STEMMER_VERSION)
