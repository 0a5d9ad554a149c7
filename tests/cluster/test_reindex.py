"""A new index beside the one in use, on a real broker and node: nothing is lost, whatever comes or breaks off."""

import threading
from typing import Any

import msgspec
import pytest

from ceasewire import bundled
from ceasewire.codec import encode
from ceasewire.engine import build_engine
from ceasewire.errors import CeasewireError, StoreError
from cluster.reindex.building import Tagging, Wish
from cluster.setup_index import Indices
from indexers.elastic import Elastic
from indexers.templates import KINDS, alias
from tests.cluster.indexes import World, asked, indexing, make_world, news, until
from tests.cluster.reindexing import SAME, STEPS, all_of, leads_to, name_of, put_one_of_each, run
from tests.store.making import make_item, make_tagged

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def world(kafka: str, elasticsearch: str, prefix: str) -> World:
    return make_world(kafka, elasticsearch, prefix)


@pytest.fixture(scope="module")
def tagging() -> Tagging:
    return Tagging(build_engine(bundled.packs(["ukraine_russia"]), (), ()), SAME)


@pytest.mark.parametrize("origin", ["index", "log"])
def test_every_kind_is_built_anew_the_same_and_the_old_one_stays_until_it_is_dropped(
    world: World, tagging: Tagging, origin: Any
) -> None:
    with indexing(world):
        put_one_of_each(world)
        until(lambda: world.left() == 0)
    before = {kind: all_of(world, name_of(world, kind, 1)) for kind in KINDS}
    assert {kind: len(found) for kind, found in before.items()} == dict.fromkeys(KINDS, 1) | {"versions": 2}
    outcome = run(world, tagging, Wish(KINDS, (origin,), anew=True))
    assert not outcome.refusals
    assert {one.kind: (one.had, one.has, one.count.lost) for one in outcome.built} == {
        kind: (len(found), len(found), 0) for kind, found in before.items()
    }
    for kind in KINDS:
        assert leads_to(world, kind) == [name_of(world, kind, 2)]
        found = all_of(world, name_of(world, kind, 2))
        if origin == "log":  # when it was indexed is another time then
            found = {id: (version, {**old, "event": before[kind][id][1].get("event")} if "event" in old else old)
                     for id, (version, old) in found.items()}  # fmt: skip
        assert found == before[kind]
        assert all_of(world, name_of(world, kind, 1)) == before[kind]
    # what is not kept in the source is there to be found
    words = {"query": {"match": {"search.en": "truce"}}}
    assert asked(f"{world.index.url}/{alias(world.index.prefix, 'items')}/_count", words, "POST")["count"] == 1
    assert Indices(world.index).run() == ((), ())
    again = run(world, tagging, Wish(KINDS))
    assert (again.built, len(again.done), again.refusals) == ((), len(KINDS), ())
    dropped = run(world, tagging, Wish(("items", "feeds"), drop_old=True)).dropped
    assert dropped == (name_of(world, "feeds", 1), name_of(world, "items", 1))
    assert leads_to(world, "items") == [name_of(world, "items", 2)]
    assert all_of(world, name_of(world, "alerts", 1)) == before["alerts"]
    assert run(world, tagging, Wish(("items", "feeds"), drop_old=True)).dropped == ()


def test_items_that_come_at_any_point_are_not_lost(world: World, tagging: Tagging) -> None:
    """A live indexer works on; at each step more comes, and is in the old index or the new one before the next."""
    first, good = news(1_500)
    came: dict[str, bool] = dict.fromkeys(STEPS, False)
    start = 10_000

    def tell(words: str) -> None:
        nonlocal start
        for step in STEPS:
            if step in words and not came[step]:
                came[step] = True
                rows, ids = news(60, start=start)
                start += 60
                world.put("tagged", rows)
                good.update(ids)
                until(lambda: world.left() == 0)

    stop = threading.Event()
    more: set[str] = set()

    def write() -> None:
        number = 50_000
        while not stop.wait(0.05):
            rows, ids = news(5, start=number)
            world.put("tagged", rows)
            more.update(ids)
            number += 5

    with indexing(world):
        world.put("tagged", first)
        until(lambda: world.left() == 0)
        writer = threading.Thread(target=write)
        writer.start()
        try:
            outcome = run(world, tagging, Wish(("items", "versions"), anew=True), tell)
        finally:
            stop.set()
            writer.join()
        until(lambda: world.left() == 0)
    assert not outcome.refusals
    assert all(came.values())
    assert len(more) > 20
    assert world.ids() == good | more
    assert world.ids("versions") == {f"{id}:1" for id in good | more}
    assert leads_to(world, "items") == [name_of(world, "items", 2)]


def test_rows_that_no_indexer_has_seen_yet_are_in_the_new_index(world: World, tagging: Tagging) -> None:
    rows, good = news(400)
    with indexing(world):
        world.put("tagged", rows[:100])
        until(lambda: world.left() == 0)
    world.put("tagged", rows[100:])
    outcome = run(world, tagging, Wish(("items",), ("index",), anew=True))
    assert [(one.had, one.has) for one in outcome.built] == [(100, 400)]
    assert world.ids() == good
    with indexing(world):
        until(lambda: world.left() == 0)
    assert world.ids() == good
    assert world.value("indexed_total", kind="items", outcome="known") == 300


def test_a_newer_document_is_never_written_over_by_an_older_one(world: World, tagging: Tagging) -> None:
    one = make_tagged(1)
    with indexing(world):
        world.put_tagged([one])
        until(lambda: world.left() == 0)

        def tell(words: str) -> None:
            if "made" in words:
                later = msgspec.structs.replace(one, edition=3, issues=("ceasefire",))
                world.put_tagged([later])
                until(lambda: world.left() == 0)

        run(world, tagging, Wish(("items",), ("index", "log"), anew=True), tell)
    [(version, source)] = all_of(world, name_of(world, "items", 2)).values()
    assert (version, source["issues"]) == (1_003, ["ceasefire"])


def test_a_lost_index_comes_back_from_the_log(world: World, tagging: Tagging) -> None:
    """The node's data are gone: the setup makes empty indices, and the group has committed everything."""
    items = [make_item(number, f"Envoys of Kyiv and Moscow discuss a ceasefire {number}") for number in range(40)]
    with indexing(world):
        put_one_of_each(world)
        until(lambda: world.left() == 0)
    elastic = Elastic(world.index)
    for kind in KINDS:
        elastic.delete_index(name_of(world, kind, 1))
    elastic.close()
    assert not Indices(world.index).run().refusals
    assert world.count() == 0
    world.put("items", [(one.id, encode(one)) for one in items] + [("x", b"\xff")])
    outcome = run(world, tagging, Wish(KINDS, ("log",), anew=True))
    assert not outcome.refusals
    assert {one.kind: one.has for one in outcome.built} == {
        "items": 40, "versions": 41, "stories": 1, "alerts": 1, "decisions": 1, "deliveries": 1, "feeds": 1
    }  # fmt: skip
    [count] = [one.count for one in outcome.built if one.kind == "items"]
    assert (count.lost, count.refused) == (0, 1)
    assert count.why.startswith("items/")
    tagged = [source for _, source in all_of(world, name_of(world, "items", 2)).values()]
    assert sum("ceasefire" in one.get("issues", ()) for one in tagged) >= 39


def test_what_the_log_lacks_keeps_the_alias_where_it_is_until_it_is_agreed_to(world: World, tagging: Tagging) -> None:
    rows, good = news(30)
    with indexing(world):
        world.put("tagged", rows)
        until(lambda: world.left() == 0)
    old = make_tagged(900)
    asked(
        f"{world.index.url}/{name_of(world, 'items', 1)}/_doc/{old.item.id}?version=1001&version_type=external",
        {"tagged": msgspec.to_builtins(old)},
        "PUT",
    )
    wish = Wish(("items",), ("log",), anew=True)
    refused = run(world, tagging, wish)
    assert refused.built == ()
    [words] = refused.refusals
    assert f"was not moved to {name_of(world, 'items', 2)}: that has 30 documents" in words
    assert "has 31; --from index takes over what only that has, --fewer moves it all the same" in words
    assert leads_to(world, "items") == [name_of(world, "items", 1)]
    assert [one.has for one in run(world, tagging, wish._replace(origins=("index",))).built] == [31]
    assert world.ids() == good | {old.item.id}


def test_a_document_that_cannot_be_made_again_is_named_and_given_up_only_where_that_is_agreed_to(
    world: World, tagging: Tagging
) -> None:
    rows, good = news(5)
    with indexing(world):
        world.put("tagged", rows)
        until(lambda: world.left() == 0)
    asked(f"{world.index.url}/{name_of(world, 'items', 1)}/_doc/broken?version=7&version_type=external", {}, "PUT")
    wish = Wish(("items",), ("index",), anew=True)
    [words] = run(world, tagging, wish).refusals
    assert "has 6, of which 1 were not taken over (broken: 'tagged'); --fewer moves it all the same" in words
    [built] = run(world, tagging, wish._replace(fewer=True)).built
    assert (built.had, built.has, built.count.lost) == (6, 5, 1)
    assert world.ids() == good


def test_what_would_hurt_is_refused_and_nothing_is_touched(world: World, tagging: Tagging) -> None:
    elastic, prefix = Elastic(world.index), world.index.prefix
    elastic.create_index(f"{prefix}-elsewhere", [])
    elastic.point(alias(prefix, "items"), f"{prefix}-elsewhere")
    elastic.create_index(name_of(world, "alerts", 2), [alias(prefix, "alerts")])
    elastic.create_index(name_of(world, "stories", 2), [])
    elastic.note(name_of(world, "feeds", 1), {"version": 99, "stemmer": 1})
    elastic.delete_index(name_of(world, "versions", 1))
    indices = f"{world.index.url}/{prefix}-*"
    before = asked(indices)
    outcome = run(world, tagging, Wish(KINDS, anew=True))
    assert outcome.refusals == (
        f"{prefix}-items: leads to {prefix}-elsewhere, which is not one of {prefix}-items-v1, -v2 and so on",
        f"{prefix}-versions: leads nowhere: ceasewire cluster setup makes it",
        f"{prefix}-stories-v2: stands beside {prefix}-stories-v1, which is in use, and is none that this can go on "
        "with: delete it first",
        f"{prefix}-alerts: leads to {prefix}-alerts-v1 and {prefix}-alerts-v2, where it must lead to one",
        f"{prefix}-feeds-v1: was made by a newer version of the program: update the program",
    )
    assert (outcome.built, asked(indices)) == ((), before)
    asked(f"{world.index.url}/_index_template/{alias(prefix, 'items')}", method="DELETE")
    [words] = run(world, tagging, Wish(("decisions",), anew=True)).refusals
    assert words == f"{prefix}-items: the index template is not that of this version: ceasewire cluster setup makes it"
    assert asked(indices) == before
    elastic.close()


def test_tags_of_other_packs_are_refused_before_anything_is_made(world: World, tagging: Tagging) -> None:
    other = tagging._replace(made_of="1" * 32)
    [words] = run(world, other, Wish(("items",), anew=True)).refusals
    assert "are not those of edition 1: ceasewire cluster retag first, or --from index" in words
    assert len(asked(f"{world.index.url}/{world.index.prefix}-items*")) == 1
    assert not run(world, other, Wish(("items",), ("index",), anew=True)).refusals
    assert not run(world, other, Wish(("stories",), ("log",), anew=True)).refusals


def test_an_alias_that_somebody_else_moves_meanwhile_stays_where_it_is(world: World, tagging: Tagging) -> None:
    elsewhere = name_of(world, "items", 7)

    def tell(words: str) -> None:
        if "rows of the indexed topics" in words:
            elastic = Elastic(world.index)
            elastic.create_index(elsewhere, [])
            elastic.point(alias(world.index.prefix, "items"), elsewhere)
            elastic.close()

    with pytest.raises(CeasewireError, match="which somebody else did: nothing was moved"):
        run(world, tagging, Wish(("items", "feeds"), ("index",), anew=True), tell)
    assert leads_to(world, "items") == [elsewhere]
    assert leads_to(world, "feeds") == [name_of(world, "feeds", 1)]


def test_a_node_that_is_away_is_said_in_words(world: World, tagging: Tagging) -> None:
    away = World(world.kafka, world.index.model_copy(update={"url": "http://127.0.0.1:9"}))
    with pytest.raises(StoreError, match="Elasticsearch cannot be reached"):
        run(away, tagging, Wish(KINDS))
