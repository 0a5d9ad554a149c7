"""Taggers on a real broker: killed, joined by others and ended, they lose nothing."""

import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from ceasewire import topics
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.items import Tagged
from cluster.broker import Outgoing
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for
from tests.cluster.workers import (
    TAKEN_OVER,
    committed,
    ends,
    letters,
    lost,
    make_item,
    repeats,
    until,
    until_done,
    workers,
    write_items,
)

TAG = "tag"


def test_what_a_tagger_writes(kafka: str, prefix: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, prefix, partitions=3)
    make_topics(settings)
    items = [*(make_item(n) for n in range(20)), *(make_item(100 + n, story=n) for n in range(5))]
    write_items(settings, items)
    with asking(settings) as broker:
        broker.write([Outgoing(topics.EDITIONS, KEY, encode(Edition(number=7)))])
        broker.write([Outgoing(topics.ITEMS, b"new", b'{"v": 2, "id": "i"}')])
        broker.write([Outgoing(topics.ITEMS, b"odd", b'{"id": 5}'), Outgoing(topics.ITEMS, b"none", b"")])
        broker.write([Outgoing(topics.ITEMS, b"cut", b'{"id": "\xff')])
    with workers(tmp_path, settings) as start:
        tagger = start(TAG).until_ready()
        until_done(settings, TAG, topics.ITEMS, 30, lambda: tagger.said)
        tagged = {row.key: decode(row.value or b"", Tagged) for row in rows_of(settings, topics.TAGGED)}
        assert set(tagged) == {item.id.encode() for item in items}
        assert {one.edition for one in tagged.values()} == {7}
        assert {row.key for row in rows_of(settings, topics.RELEVANT)} == {item.id.encode() for item in items[20:]}
        assert Counter(one.reason for one in letters(settings).values()) == {
            "newer_version": 1,
            "other_shape": 1,
            "empty": 1,
            "not_json": 1,
        }
        [cut] = [row for row in rows_of(settings, topics.DEAD) if row.headers["key"] == b"cut"]
        assert cut.value == b'{"id": "\xff'

        # the edition is followed, and a rule that is switched off is left out of both topics
        with asking(settings) as broker:
            broker.write([Outgoing(topics.EDITIONS, KEY, encode(Edition(number=8)))])
        rule = tmp_path / "config" / "rules" / "harbour.yml"
        rule.write_text(rule.read_text() + "enabled: false\n")
        until(lambda: tagger.said.count("configuration_taken"), 10, lambda: tagger.said)
        until(lambda: '"number":8' in tagger.said, 10, lambda: tagger.said)
        late = make_item(200, story=200)
        write_items(settings, [late])
        until_done(settings, TAG, topics.ITEMS, 10, lambda: tagger.said)
        [row] = [row for row in rows_of(settings, topics.TAGGED) if row.key == late.id.encode()]
        one = decode(row.value or b"", Tagged)
        assert (one.edition, one.rules) == (8, ())
        assert late.id.encode() not in {row.key for row in rows_of(settings, topics.RELEVANT)}
        assert tagger.ask("/live")[0] == 200
        assert 'ceasewire_handled_total{outcome="dead",stage="tag"} 4.0' in tagger.ask("/metrics")[1]
        assert tagger.end()[0] == 0


def test_a_tagger_that_is_killed_twice_loses_nothing(kafka: str, prefix: str, tmp_path: Path) -> None:
    kill_and_count(kafka, prefix, tmp_path, items=1_500, poisoned=15, kills=2)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_tagger_that_is_killed_fifteen_times_loses_nothing(kafka: str, prefix: str, tmp_path: Path) -> None:
    kill_and_count(kafka, prefix, tmp_path, items=20_000, poisoned=200, kills=15)


def kill_and_count(kafka: str, prefix: str, folder: Path, *, items: int, poisoned: int, kills: int) -> None:
    settings = settings_for(kafka, prefix, partitions=3)
    make_topics(settings)
    made = [make_item(number) for number in range(items)]
    write_items(settings, made, poison=poisoned)
    with workers(folder, settings) as start:
        for kill in range(kills):
            tagger = start(TAG)
            wanted = items * (kill + 1) // (kills + 1)
            until(lambda: written(settings) >= wanted, 60, lambda: tagger.said[-3000:], tagger)  # noqa: B023
            tagger.kill()
            assert not lost(settings, TAG, topics.ITEMS, topics.TAGGED)
        last = start(TAG)
        until_done(settings, TAG, topics.ITEMS, 90, lambda: last.said)
    assert {row.key for row in rows_of(settings, topics.TAGGED)} == {item.id.encode() for item in made}
    assert len(letters(settings)) == poisoned
    assert not lost(settings, TAG, topics.ITEMS, topics.TAGGED)


def written(settings: KafkaSettings) -> int:
    return sum(ends(settings, topics.TAGGED).values())


def test_join_leave_and_kill_with_a_queue(kafka: str, prefix: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, prefix, partitions=6)
    make_topics(settings)
    made = [make_item(number) for number in range(5_000)]
    write_items(settings, made, poison=10)
    with workers(tmp_path, settings) as start:
        first = start(TAG)
        until(lambda: written(settings) > 300, 60, lambda: first.said[-3000:], first)
        second, third = start(TAG), start(TAG)
        until(lambda: second.ask("/ready")[0] == third.ask("/ready")[0] == 200, 30, lambda: second.said[-3000:])
        assert not lost(settings, TAG, topics.ITEMS, topics.TAGGED)
        assert third.end()[0] == 0
        write_items(settings, more := [make_item(number) for number in range(5_000, 5_600)])
        second.kill()
        killed, at = time.monotonic(), committed(settings, TAG)
        until(
            lambda: all(offset > at.get(place, 0) or offset == end for place, offset, end in standing(settings)),
            TAKEN_OVER + 5,
            lambda: f"{at} {standing(settings)}",
        )
        took = time.monotonic() - killed
        until_done(settings, TAG, topics.ITEMS, 60, lambda: first.said)
        print(f"partitions of the killed tagger went on after {took:.1f} s")
        assert took < TAKEN_OVER
    assert not lost(settings, TAG, topics.ITEMS, topics.TAGGED)
    assert {row.key for row in rows_of(settings, topics.TAGGED)} == {item.id.encode() for item in (*made, *more)}
    assert len(letters(settings)) == 10


def standing(settings: KafkaSettings) -> list[tuple[int, int, int]]:
    done, there = committed(settings, TAG), ends(settings, topics.ITEMS)
    return [(partition, done.get(partition, 0), end) for partition, end in there.items()]


def test_joins_and_leaves_while_items_come(kafka: str, prefix: str, tmp_path: Path) -> None:
    join_and_leave(kafka, prefix, tmp_path, times=2)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_twenty_joins_and_leaves_while_items_come(kafka: str, prefix: str, tmp_path: Path) -> None:
    join_and_leave(kafka, prefix, tmp_path, times=20)


def join_and_leave(kafka: str, prefix: str, folder: Path, *, times: int) -> None:
    settings = settings_for(kafka, prefix, partitions=6)
    make_topics(settings)
    stop, count = threading.Event(), [0]

    def write() -> None:  # about 100 a second
        while not stop.is_set():
            write_items(settings, [make_item(number) for number in range(count[0], count[0] + 50)])
            count[0] += 50
            stop.wait(0.5)

    with workers(folder, settings) as start:
        first = start(TAG).until_ready()
        writing = threading.Thread(target=write)
        writing.start()
        try:
            before = committed(settings, TAG)
            for _ in range(times):
                second = start(TAG).until_ready()
                time.sleep(1.0)
                assert second.end()[0] == 0
                after = committed(settings, TAG)
                assert all(offset > before.get(partition, 0) for partition, offset in after.items()), (before, after)
                before = after
        finally:
            stop.set()
            writing.join()
        until_done(settings, TAG, topics.ITEMS, 60, lambda: first.said)
        assert first.end()[0] == 0
    assert not lost(settings, TAG, topics.ITEMS, topics.TAGGED)
    assert len({row.key for row in rows_of(settings, topics.TAGGED)}) == count[0]
    assert repeats(settings, topics.TAGGED) == 0


def test_a_tagger_that_is_ended_repeats_nothing(kafka: str, prefix: str, tmp_path: Path) -> None:
    settings = settings_for(kafka, prefix, partitions=3)
    make_topics(settings)
    made = [make_item(number) for number in range(3_000)]
    write_items(settings, made)
    with workers(tmp_path, settings) as start:
        for wanted in (300, 1_200):
            tagger = start(TAG)
            until(lambda: written(settings) > wanted, 60, lambda: tagger.said[-3000:], tagger)  # noqa: B023
            code, seconds = tagger.end()
            assert code == 0
            print(f"ended in {seconds:.1f} s")
            assert sum(committed(settings, TAG).values()) == written(settings) < len(made)
        last = start(TAG)
        until_done(settings, TAG, topics.ITEMS, 60, lambda: last.said)
        assert last.end()[0] == 0
    assert repeats(settings, topics.TAGGED) == 0
    assert {row.key for row in rows_of(settings, topics.TAGGED)} == {item.id.encode() for item in made}
