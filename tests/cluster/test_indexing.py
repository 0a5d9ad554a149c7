"""The indexer over a real broker and a real node: what comes of which rows, and how it ends, is killed and shares."""

import gc
import json
import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ceasewire.alerts import Action, Alert, Decision, Delivery, Reason, State
from ceasewire.codec import encode
from ceasewire.crossings import Judgement
from ceasewire.identity import decision_id
from ceasewire.items import RuleHit, Span, Tagged
from ceasewire.stories import Story
from cluster.broker import Outgoing
from indexers.elastic import Elastic
from indexers.keeping import delete_old
from indexers.templates import alias
from tests.cluster.brokers import asking
from tests.cluster.indexes import World, asked, indexing, make_world, news, until
from tests.services.service import free_ports
from tests.store.making import NOON, make_state, make_tagged

ROOT = Path(__file__).parents[2]
HIT = RuleHit(rule="ceasefire", sentence=Span("title", 0, 9))
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


def test_everything_that_is_indexed(world: World) -> None:
    tagged = make_tagged(1, "Truce talks", relevance="main")
    story = Story(id=tagged.item.id, title="Truce talks", first=NOON, last=NOON, items=(tagged.item.id,), version=4)
    alert = Alert(
        id="a_1", rule="ceasefire", story=story.id, item=tagged.item.id, rev=1, hit=HIT, at=NOON, channels=("team",)
    )
    decision = Decision(
        item=tagged.item.id, rev=1, rule="ceasefire", story=story.id, action=Action.SEND, reason=Reason.FIRST, at=NOON
    )
    delivery = Delivery(id="msg_1", alert="a_1", channel="team", kind="webhook", created=NOON, due=NOON, body="{}")
    key = decision_id(tagged.item.id, "ceasefire", 1)
    with indexing(world) as running:
        world.put_tagged([tagged])
        world.put("stories", [(story.id, encode(story))])
        world.put("alerts", [("a_1", encode(Judgement(alert=alert, tagged=tagged)))])
        world.put("alerts", [(key, encode(Judgement(decision=decision, title="Truce talks")))])
        world.put("deliveries", [("msg_1", encode(delivery))])
        world.put("feeds", [("wire", encode(make_state("wire", last_poll=NOON)))])
        until(lambda: world.left() == 0)
        assert running.indexing.ready() == running.indexing.alive() == ()
        assert running.indexing.oldest() == 0
    ids = {kind: world.ids(kind) for kind in ("versions", "items", "stories", "alerts", "decisions", "feeds")}
    assert ids == {
        "versions": {f"{tagged.item.id}:1"},
        "items": {tagged.item.id},
        "stories": {tagged.item.id},
        "alerts": {"a_1"},
        "decisions": {key},
        "feeds": {"wire"},
    }
    assert world.ids("deliveries") == {"msg_1"}
    assert world.value("handled_total", stage="index", outcome="done") == 6
    assert world.value("indexed_total", kind="items", outcome="created") == 1
    assert world.value("stage_delay_seconds_count", stage="index") == 6


def shown(world: World) -> Tagged:
    """The one item that is indexed."""
    [found] = world.found()
    return msgspec.convert(found["_source"]["tagged"], Tagged)


def test_only_a_higher_version_counts(world: World) -> None:
    first = make_tagged(1, rev=5)
    later = make_tagged(1, "A later text", rev=6)
    raised = msgspec.structs.replace(later, edition=2)
    with indexing(world):
        for one in (later, first, later, raised, later):
            world.put_tagged([one])
            until(lambda: world.left() == 0)
    assert shown(world) == raised
    assert world.ids("versions") == {f"{first.item.id}:5", f"{first.item.id}:6"}
    assert world.value("indexed_total", kind="items", outcome="known") == 3
    assert world.value("indexed_total", kind="items", outcome="differs") == 0
    assert world.dead() == []


def test_many_versions_in_one_batch(world: World) -> None:
    rows = [make_tagged(1, f"Text {rev}", rev=rev) for rev in (3, 1, 5, 2, 5, 4)]
    world.put_tagged(rows)
    with indexing(world):
        until(lambda: world.left() == 0)
    assert shown(world).item.rev == 5
    assert len(world.ids("versions")) == 5


def test_same_version_with_other_tags_is_counted(world: World) -> None:
    with indexing(world):
        world.put_tagged([make_tagged(1), make_tagged(2)])
        until(lambda: world.left() == 0)
        world.put_tagged([make_tagged(1, issues=["ceasefire"]), make_tagged(2)])
        until(lambda: world.left() == 0)
    assert world.value("indexed_total", kind="items", outcome="differs") == 1
    assert shown_ids_without_issues(world) == 2


def shown_ids_without_issues(world: World) -> int:
    return sum("issues" not in one["_source"] for one in world.found())


def test_row_that_takes_something_away_is_passed_over(world: World) -> None:
    with asking(world.kafka) as broker:
        broker.write([Outgoing("feeds", b"wire", None), Outgoing("stories", b"i_1", None)])
    with indexing(world):
        until(lambda: world.left() == 0)
    assert world.dead() == []
    assert world.value("handled_total", stage="index", outcome="done") == 2


@pytest.mark.timeout(200)
def test_two_share_and_one_takes_over(world: World) -> None:
    rows, good = news(3_000)
    with indexing(world) as first:
        world.put("tagged", rows[:1_000])
        with indexing(world) as second:
            world.put("tagged", rows[1_000:2_000])
            until(lambda: second.reading.partitions > 0)
            until(lambda: first.reading.partitions < 14)
            world.put("tagged", rows[2_000:])
        until(lambda: world.left() == 0)
    assert world.ids() == good
    assert world.dead() == []


@contextmanager
def process(world: World, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m indexers` by its environment, without a folder of configuration."""
    environ = {
        "PATH": os.environ["PATH"],
        "CEASEWIRE_CONFIG": "no-such-folder",
        "CEASEWIRE_KAFKA__BOOTSTRAP": json.dumps(list(world.kafka.bootstrap)),
        "CEASEWIRE_KAFKA__PREFIX": world.kafka.prefix,
        "CEASEWIRE_ELASTICSEARCH__URL": world.index.url,
        "CEASEWIRE_ELASTICSEARCH__PREFIX": world.index.prefix,
    }
    running = subprocess.Popen(
        [sys.executable, "-m", "indexers", "--port", str(port)], cwd=ROOT, env=environ, stderr=subprocess.PIPE
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate(timeout=20)


@pytest.mark.timeout(300)
def test_killed_twice_loses_and_doubles_nothing(world: World) -> None:
    rows, good = news(2_000, poisoned=20)
    for start, end in ((0, 700), (700, 1_400)):
        with process(world, *free_ports(1)) as running:
            before = world.count()
            world.put("tagged", rows[start:end])
            until(lambda before=before: world.count() > before)  # type: ignore[misc]
            running.send_signal(signal.SIGKILL)
            assert running.wait(10) == -signal.SIGKILL
    with process(world, *free_ports(1)):
        world.put("tagged", rows[1_400:])
        until(lambda: world.left() == 0, 100)
    assert world.ids() == good
    letters = world.dead()
    assert len({letter.key for letter in letters}) == 20
    assert {letter.value for letter in letters} == {value for _, value in rows if value.startswith(b"\x00")}


def probe(port: int, name: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


@pytest.mark.timeout(200)
def test_told_to_stop_it_ends_in_time_with_all_committed(world: World) -> None:
    rows, _ = news(1_500)
    [port] = free_ports(1)
    with process(world, port) as running:
        until(lambda: probe(port, "ready")[0] == 200)
        assert probe(port, "live")[0] == 200
        world.put("tagged", rows)
        until(lambda: 'ceasewire_handled_total{outcome="done",stage="index"}' in probe(port, "metrics")[1])
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert running.wait(15) == 0
        assert time.monotonic() - began < 10
    # what was committed is in, and hardly anything more: the batch on its way was brought to its end
    assert world.count() == 1_500 - world.left()


@pytest.mark.timeout(300)
def test_broker_that_is_away_and_comes_back(own_broker: Callable[..., Any], elasticsearch: str, prefix: str) -> None:
    broker = own_broker()
    world = make_world(broker.address, elasticsearch, prefix)
    rows, good = news(400, poisoned=4)
    with indexing(world) as running:
        world.put("tagged", rows[:200])
        until(lambda: world.left() == 0)
        broker.kill()
        until(lambda: running.reasons == ["broker_away"])
        assert running.indexing.alive() == ()
        broker.start()
        world.put("tagged", rows[200:])
        until(lambda: world.left() == 0)
        until(lambda: running.reasons == [])
    assert world.ids() == good
    assert len({letter.key for letter in world.dead()}) == 4


def test_topics_that_are_missing_are_named(kafka: str, elasticsearch: str, prefix: str) -> None:
    world = make_world(kafka, elasticsearch, prefix)
    elsewhere = World(world.kafka.model_copy(update={"prefix": f"{prefix}x-"}), world.index)
    with indexing(elsewhere) as running:
        until(lambda: running.reasons == ["topic_missing"])
        assert f"{prefix}x-tagged" in running.indexing.ready()[0]


def test_old_is_deleted_by_kind(world: World) -> None:
    old, young = NOON - timedelta(days=40), NOON
    archive = make_tagged(3, at=NOON - timedelta(days=3_000), seen=NOON, first_seen=NOON)
    done = Delivery(
        id="msg_done", alert="a", channel="c", kind="slack", created=old, due=old, body="{}", state=State.DELIVERED
    )
    waiting = msgspec.structs.replace(done, id="msg_waiting", state=State.RETRY)
    with indexing(world):
        world.put_tagged([make_tagged(1, at=old), make_tagged(2, at=young), archive])
        world.put("deliveries", [(one.id, encode(one)) for one in (done, waiting)])
        for number, last in ((1, old), (2, young)):
            story = Story(id=f"i_{number}", title="t", first=old, last=last, items=(f"i_{number}",), version=1)
            world.put("stories", [(story.id, encode(story))])
        until(lambda: world.left() == 0)
        world.count()
        elastic = Elastic(world.index)
        for kind in ("versions", "stories", "deliveries"):
            asked(f"{world.index.url}/{alias(world.index.prefix, kind)}/_refresh", method="POST")
        gone = delete_old(elastic, timedelta(days=30), NOON)
        elastic.close()
        assert gone == {"items": 1, "versions": 1, "stories": 1, "deliveries": 1}
        assert {id[-1] for id in world.ids()} == {"2", "3"}
        assert world.ids("stories") == {"i_2"}
        assert world.ids("deliveries") == {"msg_waiting"}
        # what is deleted may come again, as any item
        world.put_tagged([make_tagged(1, at=old)])
        until(lambda: world.left() == 0)
    assert world.dead() == []
