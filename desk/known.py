"""Queries that name what is not there: an issue, actor, conflict, language or source that nothing carries."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from ceasewire import places
from ceasewire.grammar import leaves, write
from ceasewire.known import meant, refusal
from ceasewire.query import And, Has, In, Node, Not, Or
from ceasewire.views import Ask
from desk.deadline import QUERY_SECONDS, READ_SECONDS, TooSlow, within
from desk.rendering import Desk
from desk.requests import Fault, Question

CHECKED = ("issue", "actor", "conflict", "mark", "lang", "source")
"""The properties whose values are checked."""
MOST = 5
"""Unknown values of a query that are looked for in the store; further ones are not checked."""


async def checked(desk: Desk, question: Question) -> Question:
    """The question, at fault where its query names what no pack or feed knows and no stored item carries either."""
    if question.fault or question.node is None:
        return question
    wanted = [leaf for leaf in dict.fromkeys(leaves(question.node)) if isinstance(leaf, Has) and leaf.name in CHECKED]
    if not wanted:
        return question
    known = await _known(desk)
    strange = [leaf for leaf in wanted if leaf.value.casefold() not in known[leaf.name]][:MOST]
    try:
        carried = await within(QUERY_SECONDS, asyncio.gather(*(_is_carried(desk, leaf) for leaf in strange)))
    except TooSlow:
        return question
    missing = [leaf for leaf, has in zip(strange, carried, strict=True) if not has]
    if not missing:
        return question
    return replace(question, fault=_fault(question, missing[0], known[missing[0].name]))


async def _known(desk: Desk) -> Mapping[str, Mapping[str, str]]:
    """The values of each property, and their names, in lower case, each with the value that a query takes."""
    names = desk.names()
    feeds = [view.source for view in await within(READ_SECONDS, desk.ports.feeds.feeds())]
    return {
        "issue": {one: one for one in names.known_issues()},
        "actor": {one: one for one in names.known_actors()},
        "conflict": {one: one for one in names.known_conflicts()},
        "mark": {one: one for one in names.known_marks()},
        "lang": {one: one for one in places.LANGUAGES},
        "source": {feed.outlet.casefold(): feed.outlet for feed in feeds} | {feed.feed: feed.feed for feed in feeds},
    }


async def _is_carried(desk: Desk, leaf: Has) -> bool:
    return bool((await desk.ports.search.search(Ask(node=leaf, limit=1))).hits)


def _fault(question: Question, leaf: Has, known: Mapping[str, str]) -> Fault:
    assert question.node is not None
    near = known.get(meant(leaf, known), "")
    column = question.query.casefold().find(f"{leaf.name}:{leaf.value}".casefold()) + 1
    mended = write(_replaced(question.node, leaf, Has(leaf.name, near))) if near else ""
    return Fault(refusal(leaf, near), max(1, column), question.query, "Nothing has this name", mended)


def _replaced(node: Node, old: Has, new: Has) -> Node:
    match node:
        case And() | Or():
            return msgspec.structs.replace(node, parts=tuple(_replaced(part, old, new) for part in node.parts))
        case Not() | In():
            return msgspec.structs.replace(node, part=_replaced(node.part, old, new))
    return new if node == old else node
