"""What a reindex plans over the indices that there are, and what it does while the node does not take documents."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from ceasewire.errors import StoreError
from ceasewire.text.stemming import STEMMER_VERSION
from cluster.reindex.filling import PATIENCE, TOPICS, Filler
from cluster.reindex.plan import FILLING, Building, Filling, number_of, outdated, plan
from indexers.answers import Answer
from indexers.copies import copy
from indexers.documents import TOPICS as INDEXED
from indexers.documents import Document, Unfit
from indexers.elastic import Stored
from indexers.templates import KINDS, TEMPLATE_VERSION, Kind
from tests.cluster.test_documents import TAGS
from tests.store.making import NOON

NOW = {"version": TEMPLATE_VERSION, "stemmer": STEMMER_VERSION}
BEGUN = Filling("c-items-v1", ("index",), {"tagged/0": 5})


def index(*aliases: str, **meta: Any) -> dict[str, Any]:
    return {"aliases": {alias: {} for alias in aliases}, "mappings": {"_meta": {**NOW, **meta}}}


USED, OLD = index("c-items"), index("c-items", version=0)
BESIDE = index(**{FILLING: msgspec.to_builtins(BEGUN)})


def test_an_index_as_it_should_be_is_left_alone_unless_another_is_wanted() -> None:
    found = {"c-items-v4": USED}
    assert plan("c", ["items"], found).done == ("c-items-v4",)
    new = Building("items", "c-items", "c-items-v4", "c-items-v5")
    assert plan("c", ["items"], found, anew=True).buildings == (new,)
    assert plan("c", ["items"], {"c-items-v4": OLD}).buildings == (new,)
    assert plan("c", ["items"], {"c-items-v4": index("c-items", stemmer=0)}).buildings == (new,)


def test_what_an_earlier_run_began_goes_on() -> None:
    beside = {"c-items-v1": USED, "c-items-v2": BESIDE}
    [one] = plan("c", ["items"], beside).buildings
    assert (one.before, one.after, one.filling, one.moved) == ("c-items-v1", "c-items-v2", BEGUN, False)
    moved = {"c-items-v1": index(), "c-items-v2": index("c-items", **BESIDE["mappings"]["_meta"])}
    [one] = plan("c", ["items"], moved).buildings
    assert (one.before, one.after, one.filling, one.moved) == ("c-items-v1", "c-items-v2", BEGUN, True)


@pytest.mark.parametrize(
    "beside",
    [
        {"c-items-v2": index()},
        {"c-items-v3": BESIDE},
        {"c-items-v2": BESIDE, "c-items-v3": index()},
        {"c-items-v2": index(version=0, **{FILLING: msgspec.to_builtins(BEGUN)})},
        {"c-items-v2": index(**{FILLING: msgspec.to_builtins(msgspec.structs.replace(BEGUN, of="c-items-v0"))})},
    ],
)
def test_an_index_that_it_cannot_go_on_with_is_refused(beside: Mapping[str, Any]) -> None:
    planned = plan("c", ["items"], {"c-items-v1": USED, **beside})
    assert (planned.buildings, len(planned.refusals)) == ((), 1)
    assert "stands beside c-items-v1" in planned.refusals[0]


def test_only_what_a_filled_index_in_use_has_replaced_is_outdated() -> None:
    found = {"c-items-v1": index(), "c-items-v2": index(), "c-items-v3": USED, "c-items-v4": BESIDE}
    assert outdated("c", ["items"], found) == ["c-items-v1", "c-items-v2"]
    unfilled = found | {"c-items-v3": index("c-items", **BESIDE["mappings"]["_meta"])}
    assert outdated("c", ["items"], unfilled) == []
    assert outdated("c", ["items"], found | {"c-items-v1": index("somebodys")}) == ["c-items-v2"]
    assert outdated("c", ["feeds"], found) == []


def test_names_of_indices() -> None:
    assert number_of("c-items", "c-items-v12") == 12
    for other in ("c-items-v0", "c-items-v", "c-items-v1x", "c-items-vault", "c-itemsx-v1", "xc-items-v1", "c-items"):
        assert number_of("c-items", other) is None


def test_every_kind_has_its_topic() -> None:
    assert set(TOPICS) == set(KINDS)
    assert set(TOPICS.values()) == set(INDEXED)


def test_what_a_document_was_made_from_makes_it_again_in_its_version() -> None:
    source = {"tagged": msgspec.to_builtins(TAGS), "event": {"ingested": "2026-03-10T12:01:00Z"}}
    made = copy("items", TAGS.item.id, 77, source, NOON)
    assert isinstance(made, Document)
    assert (made.id, made.version) == (TAGS.item.id, 77)
    assert b'"ingested":"2026-03-10T12:01:00Z"' in made.body
    assert copy("items", "i_2", 1, source, NOON) == Unfit(
        reason="other_id", detail=f"it holds what belongs to {TAGS.item.id}"
    )
    for broken in ({}, {"tagged": 1}, {"tagged": {"v": 99}}):
        assert isinstance(copy("items", TAGS.item.id, 1, broken, NOON), Unfit)
    assert isinstance(copy("versions", "i_1:1", 1, {"whole": {}}, NOON), Unfit)


class Node:
    """Gives the same pages each time, and answers as it is told, the last answers again and again."""

    def __init__(self, *rounds: str) -> None:
        self.rounds = list(rounds)
        self.given: list[int] = []

    def stored(self, index: str, fields: Sequence[str]) -> list[list[Stored]]:
        source = {"tagged": msgspec.to_builtins(TAGS)}
        return [[Stored(TAGS.item.id, version, source) for version in (1, 2, 3)]]

    def bulk(self, documents: Sequence[Document], into: Mapping[Kind, str] | None = None) -> list[Answer]:
        assert into == {"items": "c-items-v2"}
        self.given.append(len(documents))
        words = (self.rounds.pop(0) if len(self.rounds) > 1 else self.rounds[0]).split()
        return [Answer(words[place % len(words)], "overloaded") for place in range(len(documents))]  # type: ignore[arg-type]


def filler(node: Any, waits: list[float]) -> Filler:
    return Filler(node, {"items": "c-items-v2"}, lambda: NOON, waits.append, lambda: sum(waits))


def test_what_the_node_does_not_take_at_once_is_given_to_it_again_and_nothing_else() -> None:
    node, waits = Node("busy created busy", "busy", "known busy", "updated"), list[float]()
    one = filler(node, waits)
    one.copy(node, "items", "c-items-v1", lambda _: None)  # type: ignore[arg-type]
    assert node.given == [3, 2, 2, 1]
    assert (one.counts["items"].written, one.counts["items"].known, one.counts["items"].lost) == (2, 1, 0)
    assert len(waits) == 3


def test_a_node_that_takes_nothing_for_long_or_shuts_us_out_ends_it_in_words() -> None:
    waits: list[float] = []
    busy, shut = Node("busy"), Node("created shut created")
    with pytest.raises(StoreError, match="Elasticsearch is overloaded"):
        filler(busy, waits).copy(busy, "items", "c-items-v1", lambda _: None)  # type: ignore[arg-type]
    assert PATIENCE < sum(waits) < PATIENCE + 20
    with pytest.raises(StoreError):
        filler(shut, waits).copy(shut, "items", "c-items-v1", lambda _: None)  # type: ignore[arg-type]
    assert shut.given == [3]


def test_what_it_refuses_is_counted_with_its_reason() -> None:
    node = Node("refused created known")
    one = filler(node, [])
    one.copy(node, "items", "c-items-v1", lambda _: None)  # type: ignore[arg-type]
    count = one.counts["items"]
    assert (count.written, count.known, count.lost) == (1, 1, 1)
    assert count.why.startswith(TAGS.item.id)
