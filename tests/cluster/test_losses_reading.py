"""Whoever reads for the index begins anew at what is committed whenever the group deals anew, also where it keeps."""

import time
from collections.abc import Callable

from ceasewire.topics import TAGGED
from cluster.broker import Outgoing
from indexers.consumer import Reading
from tests.cluster.brokers import asking, make_topics, settings_for


def test_what_was_read_and_not_committed_comes_again(kafka: str, prefix: str) -> None:
    settings = settings_for(kafka, prefix, partitions=4)
    make_topics(settings)
    with asking(settings) as broker:
        broker.write([Outgoing(TAGGED, b"%d" % n, b"{}", partition=n % 4) for n in range(400)])
    first, second = Reading(settings), Reading(settings)
    try:
        first.open()
        before = seen(lambda: [first], 400)
        assert first.commit({(TAGGED, 0): 10, (TAGGED, 1): 20, (TAGGED, 3): 30})
        assert len(before) == 400
        second.open()
        after = seen(lambda: [first, second], 340)
        assert after == {place for place in before if place[1] >= {0: 10, 1: 20, 3: 30}.get(place[0], 0)}
        assert first.partitions
        assert second.partitions
    finally:
        first.close()
        second.close()


def seen(readers: Callable[[], list[Reading]], wanted: int) -> set[tuple[int, int]]:
    """Partitions and offsets of the rows that they were given since the group last dealt."""
    found: dict[int, set[tuple[int, int]]] = {}
    turns: dict[int, int] = {}
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for number, reading in enumerate(readers()):
            rows = reading.poll(0.2)
            if turns.get(number) != reading.turn:
                turns[number], found[number] = reading.turn, set()
            found[number] |= {(row.partition, row.offset) for row in rows if row.topic == TAGGED}
        if all(reading.joined for reading in readers()) and sum(map(len, found.values())) >= wanted:
            break
    return set().union(*found.values())
