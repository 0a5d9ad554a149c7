"""The status: what waits and for how long, who works, and in words what is wrong."""

import asyncio
import time
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.structs import OffsetAndMetadata

from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.errors import StoreError
from cluster.broker import Outgoing, Place
from cluster.search.counting import Counted
from cluster.status import DeadLine, FeedLine, Finding, Partition, Stage, Status, findings, span
from cluster.status_reading import read_status
from tests.cluster.brokers import asking, make_topics, settings_for, write_at
from tests.store.making import NOON, make_item, make_state

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def names(status: Status) -> list[str]:
    return [one.reason for one in findings(status)]


def stage(*partitions: Partition, workers: tuple[str, ...] = ("w@h",)) -> Stage:
    return Stage(name="tag", partitions=partitions, workers=workers)


def partition(number: int, lag: int, oldest: float | None, worker: str | None = "w@h") -> Partition:
    return Partition(topic="items", partition=number, next=10, end=10 + lag, oldest=oldest, worker=worker)


def status(**said: object) -> Status:
    return msgspec.structs.replace(Status(at=NOW, brokers="b:1"), **said)


def test_nothing_is_wrong_where_all_is_handled_in_time() -> None:
    fine = FeedLine(feed="a", health="ok", last_poll=NOW, next_poll=NOW)
    assert not findings(status(stages=(stage(partition(0, 5, 59.0), partition(1, 0, None)),), feeds=(fine,)))


def test_an_old_row_is_named_by_its_age_not_by_how_many_wait() -> None:
    [found] = findings(status(stages=(stage(partition(0, 3, 61.0), partition(1, 900, 5.0)),)))
    assert str(found) == "behind: tag is behind: 903 rows wait, the oldest for 61 s"


def test_rows_that_nobody_reads_are_named() -> None:
    alone = stage(partition(0, 3, 5.0, None), partition(1, 2, 5.0, None), workers=())
    assert findings(status(stages=(alone,))) == (Finding("no_worker", "nobody works on tag; 5 rows wait"),)
    [found] = findings(status(stages=(stage(partition(0, 3, 5.0), partition(7, 2, 5.0, None)),)))
    assert str(found) == "no_worker: tag: nobody has items/7, though rows wait there"
    assert not findings(status(stages=(stage(partition(0, 0, None, None), workers=()),)))


def test_missing_topics_dead_letters_and_what_could_not_be_asked_are_named() -> None:
    dead = tuple(
        DeadLine(key=f"tag|items|0|{n}", stage="tag", reason="not_an_item", detail="", at=NOW) for n in range(3)
    )
    found = findings(status(missing=("p-dead",), dead=dead, faults=(Finding("index_away", "no"),)))
    assert [str(one) for one in found] == [
        "index_away: no",
        "topic_missing: there is no topic p-dead: ceasewire cluster setup makes it",
        "dead_letters: 3 dead letters (3 tag not_an_item): ceasewire cluster dead list",
    ]


def test_feeds_tell_whether_producers_poll() -> None:
    late, on_time = NOW - timedelta(minutes=6), NOW + timedelta(minutes=1)
    one = FeedLine(feed="a", health="ok", last_poll=late, next_poll=late)
    other = FeedLine(feed="b", health="ok", last_poll=NOW, next_poll=on_time)
    failing = FeedLine(feed="c", health="failing", reason="gone", last_poll=NOW, next_poll=on_time)
    new = FeedLine(feed="d")
    assert names(status(feeds=(other, new))) == []
    assert [str(found) for found in findings(status(feeds=(one, new)))] == [
        "polling_stalled: no producer polls, last 6 min ago: python -m producers"
    ]
    assert names(status(feeds=(one, other))) == ["polls_late"]
    [note] = findings(status(feeds=(other, failing)))
    assert (str(note), note.note) == ("feeds_failing: 1 of 2 feeds fail: c (gone)", True)
    for feeds in ((failing,), (failing, new), (failing, failing, other)):  # most of those that were polled
        assert [(found.reason, found.note) for found in findings(status(feeds=feeds))] == [("feeds_failing", False)]
    assert names(status(feeds=(new,))) == ["never_polled"]


def test_an_index_that_is_not_filled_is_a_note() -> None:
    [note] = findings(status(unfilled=("p-items-v2",)))
    words = "not filled to the end: p-items-v2; where none is at it, ceasewire cluster reindex goes on"
    assert (note.reason, note.words, note.note) == ("index_unfilled", words, True)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (200_000, "2 d")]
)
def test_a_length_of_time_is_read_at_a_glance(seconds: float, words: str) -> None:
    assert span(seconds) == words


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    made = settings_for(kafka, prefix)
    make_topics(made)
    return made


def test_the_age_is_that_of_the_row_at_the_committed_offset(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.change("items", {"message.timestamp.type": "CreateTime"})  # for a row of an hour ago
        asyncio.run(write_at(settings, "items", [(b"k", encode(make_item(1)), datetime.now(UTC) - timedelta(hours=1))]))
        broker.write([Outgoing("items", b"k", encode(make_item(n)), partition=0) for n in range(4)])
        broker.write([Outgoing("items", b"k", encode(make_item(5)), partition=1)])
        now = datetime.now(UTC)
        before = read_status(settings, (), now)
        [tag] = [one for one in before.stages if one.name == "tag"]
        assert [one.lag for one in tag.partitions] == [5, 1, 0]
        broker.move("tag", {Place("items", 0): 1, Place("items", 1): 1})
        after = read_status(settings, (), now)
    first, other, empty = tag.partitions
    assert first.oldest is not None
    assert other.oldest is not None
    assert first.oldest - other.oldest == pytest.approx(3600, abs=30)
    assert empty.oldest is None
    [tag] = [one for one in after.stages if one.name == "tag"]
    assert [(one.next, one.lag) for one in tag.partitions] == [(1, 4), (1, 0), (0, 0)]
    assert tag.partitions[0].oldest == pytest.approx(other.oldest, abs=30)
    assert tag.partitions[1].oldest is None
    assert names(after) == ["no_worker"]


def test_workers_are_named_with_what_they_hold(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing("dispatch", b"k", b"v", partition=n) for n in range(3)])
    consumer = KafkaConsumer(
        f"{settings.prefix}dispatch",
        bootstrap_servers=list(settings.bootstrap),
        group_id=f"{settings.prefix}notify",
        client_id="notifier-1",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        metrics_enabled=False,
    )
    try:
        until = time.monotonic() + 20
        while len(consumer.assignment()) < 3:
            consumer.poll(timeout_ms=200)
            assert time.monotonic() < until
        consumer.commit({TopicPartition(f"{settings.prefix}dispatch", 0): OffsetAndMetadata(1, "", -1)})
        found = read_status(settings, (), datetime.now(UTC))
    finally:
        consumer.close(timeout_ms=1_000)
    [notify] = [one for one in found.stages if one.name == "notify"]
    assert notify.workers == ("notifier-1@127.0.0.1",)
    assert {one.worker for one in notify.partitions} == {"notifier-1@127.0.0.1"}
    assert [one.lag for one in notify.partitions] == [0, 1, 1]
    assert names(found) == []


def test_feeds_and_dead_letters_are_read(settings: KafkaSettings) -> None:
    letter = DeadLetter(stage="tag", topic="items", partition=0, offset=3, reason="not_an_item", detail="no JSON")
    old = make_state("morning_wire", health="failing", reason="gone")
    new = make_state("morning_wire", health="ok", last_poll=NOON, next_poll=NOON + timedelta(days=9000))
    with asking(settings) as broker:
        broker.write([Outgoing("feeds", b"morning_wire", encode(state)) for state in (old, new)])
        broker.write([Outgoing("feeds", b"not_configured", encode(make_state("not_configured")))])
        broker.write([Outgoing("feeds", b"broken", b"{")])
        for _ in range(2):  # written twice: one letter
            broker.write([Outgoing("dead", letter.key.encode(), b"\xff", (("letter", encode(letter)), ("key", b"k")))])
    found = read_status(settings, ("morning_wire", "evening_post", "broken"), datetime.now(UTC))
    assert [(one.feed, one.health) for one in found.feeds] == [
        ("morning_wire", "ok"), ("evening_post", "new"), ("broken", "failing")
    ]  # fmt: skip
    assert found.health == {"ok": 1, "new": 1, "failing": 1}
    assert found.edition == 1
    assert [(one.key, one.reason) for one in found.dead] == [("tag|items|0|3", "not_an_item")]
    assert names(found) == ["no_worker", "dead_letters", "feeds_failing"]  # the index reads `feeds` too


def test_missing_topics_are_named(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix)
    with asking(settings) as broker:
        broker.create("items", 3, 1, {})
    found = read_status(settings, ("a",), datetime.now(UTC))
    assert len(found.missing) == 9
    assert names(found) == ["topic_missing"]


def test_what_cannot_be_asked_is_a_finding() -> None:
    def away() -> Counted:
        raise StoreError("Elasticsearch cannot be asked")

    found = read_status(settings_for("127.0.0.1:9", "p-"), ("a",), datetime.now(UTC), away)
    assert names(found) == ["broker_away", "index_away"]
