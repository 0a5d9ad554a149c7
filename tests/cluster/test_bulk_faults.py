"""An index that fails in every way that real ones do: nothing is lost, and nothing good is put aside."""

import gc
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ceasewire.codec import decode, encode
from ceasewire.crossings import DeadLetter
from cluster.broker import Outgoing
from cluster.setup_index import Indices
from indexers.consumer import GROUP
from indexers.elastic import Elastic
from indexers.templates import alias, component_templates, index_name
from tests.cluster.brokers import asking
from tests.cluster.indexes import World, asked, indexing, make_world, news, until
from tests.fakes.bulk_proxy import FAULTS, BulkProxy
from tests.store.making import make_tagged

pytestmark = [
    # kafka-python leaves the sockets of failed connections to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What kafka-python left is collected here, not in the test of another module."""
    for library in ("kafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    yield
    for library in ("kafka", "elastic_transport", "elasticsearch"):
        logging.getLogger(library).setLevel(logging.NOTSET)
    gc.collect()


@pytest.fixture
def world(kafka: str, elasticsearch: str, prefix: str) -> World:
    return make_world(kafka, elasticsearch, prefix)


@pytest.mark.timeout(300)
def test_spoiled_requests_and_documents_lose_nothing(world: World) -> None:
    rows, good = news(2_000, poisoned=20)
    proxy = BulkProxy(world.index.url, requests=0.2, documents=0.05)
    with proxy.running(), indexing(world, proxy.url, timeout=1.0):
        with asking(world.kafka) as broker:
            for start in range(0, len(rows), 25):  # many small batches: as many requests to spoil
                broker.write([Outgoing("tagged", key.encode(), value) for key, value in rows[start : start + 25]])
                time.sleep(0.1)
        until(lambda: world.left() == 0, 200)
    assert world.ids() == good
    assert world.count("versions") == len(good)
    letters = world.dead()
    assert len({letter.key for letter in letters}) == 20
    assert {letter.value for letter in letters} == {value for _, value in rows if value.startswith(b"\x00")}
    assert set(FAULTS) < set(proxy.seen)
    assert proxy.seen["documents"] > 50
    assert world.value("retries_total", stage="index", reason="overloaded") > 0


def test_letter_says_where_it_came_from_and_holds_the_untouched_bytes(world: World) -> None:
    world.put("tagged", [("odd", b'{"v": 1,  "broken"')])
    with indexing(world):
        until(lambda: world.left() == 0)
    [letter] = world.dead()
    about = decode(letter.headers["letter"], DeadLetter)
    assert (about.stage, about.topic, about.offset, about.reason) == ("index", "tagged", 0, "undecodable")
    assert letter.key == about.key.encode()
    assert letter.headers["key"] == b"odd"
    assert letter.value == b'{"v": 1,  "broken"'
    assert world.value("dead_letters_total", stage="index", reason="undecodable") == 1
    assert world.value("handled_total", stage="index", outcome="dead") == 1


@pytest.mark.timeout(200)
def test_shut_out_for_longer_than_the_group_waits(world: World) -> None:
    proxy = BulkProxy(world.index.url)
    proxy.locked = True
    rows, good = news(1_200)
    with proxy.running(), indexing(world, proxy.url, poll_within=6.0) as running:
        world.put("tagged", rows)
        until(lambda: running.reasons == ["not_let_in"])
        turn, left = running.reading.turn, world.left()
        end = time.monotonic() + 15
        while time.monotonic() < end:
            assert running.reasons == ["not_let_in"]
            assert running.indexing.alive() == ()
            time.sleep(0.5)
        with asking(world.kafka) as broker:
            assert len(broker.workers(GROUP)) == 1
        assert running.reading.turn == turn
        assert world.left() == left == 1_200
        assert running.indexing.oldest() > 10
        proxy.locked = False
        until(lambda: world.left() == 0, 30)
        assert running.indexing.ready() == ()
        assert running.reading.turn == turn
    assert world.ids() == good
    assert world.dead() == []


@pytest.mark.timeout(200)
def test_missing_index_is_said_and_waited_for(world: World) -> None:
    name = index_name(world.index.prefix, "items")
    asked(f"{world.index.url}/{name}", method="DELETE")
    rows, good = news(30)
    world.put("tagged", rows)
    with indexing(world) as running:
        until(lambda: running.reasons == ["no_index"])
        assert world.left() == 30
        assert not Indices(world.index).run().refusals
        until(lambda: world.left() == 0)
        assert running.indexing.ready() == ()
    assert world.ids() == good
    assert world.dead() == []


def narrow(world: World, field: str) -> None:
    """An index whose field holds -128 to 127 only."""
    name = f"{world.index.prefix}-items-fields"
    made = component_templates(world.index)[name]
    made["template"]["mappings"]["properties"] |= {field: {"type": "byte"}}
    asked(f"{world.index.url}/_component_template/{name}", made, "PUT")
    index = index_name(world.index.prefix, "items")
    asked(f"{world.index.url}/{index}", method="DELETE")
    asked(f"{world.index.url}/{index}", {"aliases": {alias(world.index.prefix, "items"): {}}}, "PUT")


@pytest.mark.timeout(200)
def test_most_being_refused_speaks_against_the_index(world: World) -> None:
    narrow(world, "edition")
    world.put_tagged([_with_edition(number, 500 if number % 4 else 1) for number in range(40)])
    with indexing(world) as running:
        until(lambda: running.reasons == ["most_refused"])
        time.sleep(3)
        assert running.reasons == ["most_refused"]
        assert world.dead() == []
        assert world.left() == 40
        second = index_name(world.index.prefix, "items", 2)
        fields = f"{world.index.prefix}-items-fields"
        asked(f"{world.index.url}/_component_template/{fields}", component_templates(world.index)[fields], "PUT")
        elastic = Elastic(world.index)
        elastic.create_index(second, [])
        elastic.point(alias(world.index.prefix, "items"), second)
        elastic.close()
        until(lambda: world.left() == 0)
    assert world.count() == 40 - 10  # those that were in before stay in the first index
    assert world.dead() == []


def _with_edition(number: int, edition: int) -> Any:
    one = make_tagged(number)
    return type(one)(item=one.item, edition=edition, language="en")


@pytest.mark.timeout(200)
def test_few_being_refused_are_dead_letters(world: World) -> None:
    narrow(world, "edition")
    wanted = [_with_edition(number, 1 if number % 4 else 500) for number in range(40)]
    world.put_tagged(wanted)
    with indexing(world):
        until(lambda: world.left() == 0)
    assert world.ids() == {one.item.id for one in wanted if one.edition == 1}
    letters = world.dead()
    assert {letter.value for letter in letters} == {encode(one) for one in wanted if one.edition == 500}
    about = decode(letters[0].headers["letter"], DeadLetter)
    assert about.reason == "refused"
    assert about.detail.startswith("items: document_parsing_exception")


@pytest.mark.timeout(400)
def test_killed_node_comes_back(kafka: str, prefix: str, own_node: Callable[..., Any]) -> None:
    node = own_node()
    world = make_world(kafka, node.address, prefix)
    rows, good = news(3_000)
    with indexing(world) as running:
        world.put("tagged", rows[:1_500])
        until(lambda: world.value("handled_total", stage="index", outcome="done") > 0)
        node.kill()
        world.put("tagged", rows[1_500:])
        until(lambda: running.reasons in (["unreachable"], ["server_error"]))
        node.start()
        began = time.monotonic()
        until(lambda: not running.reasons, 30)
        until(lambda: world.left() == 0, 100)
        print(f"went on after {time.monotonic() - began:.1f} s")
    assert world.ids() == good
    assert world.dead() == []
