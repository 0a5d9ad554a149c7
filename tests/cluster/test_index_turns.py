"""The loop of the indexer over a played group: what is committed is in, whenever rows come and it is dealt anew."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from ceasewire.codec import encode
from ceasewire.metrics import Metrics
from indexers.answers import Answer
from indexers.batches import Row
from indexers.documents import Document
from indexers.indexing import Indexing
from indexers.sending import Sending
from tests.store.making import make_tagged


class Group:
    """Gives what it is told to, whether or not it should hold back, and deals anew when it is told."""

    def __init__(self) -> None:
        self.turn = 1
        self.joined = True
        self.given: list[list[Row]] = []
        self.next_turn = False
        self.held = False
        self.committed: dict[tuple[str, int], int] = {}

    def open(self) -> None: ...

    def close(self) -> None: ...

    def missing(self) -> list[str]:
        return []

    def behind(self) -> int:
        return 0

    def hold_back(self, held: bool) -> None:
        self.held = held

    def poll(self, seconds: float) -> list[Row]:
        if self.next_turn:
            self.turn, self.next_turn = self.turn + 1, False
        if self.given:
            return self.given.pop(0)
        time.sleep(min(seconds, 0.02))
        return []

    def commit(self, ends: Mapping[tuple[str, int], int]) -> bool:
        self.committed |= ends
        return True


class Slow:
    """An index that takes a bulk when it is let."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.asked = threading.Event()
        self.ids: list[str] = []

    def bulk(self, documents: Sequence[Document]) -> list[Answer]:
        self.asked.set()
        assert self.may.wait(10)
        self.ids += [one.id for one in documents if one.kind == "items"]
        return [Answer("created", version=one.version) for one in documents]

    def taggings(self, ids: Sequence[str]) -> dict[str, str]:
        return {}


def rows(*numbers: int) -> list[Row]:
    made = [(number, make_tagged(number)) for number in numbers]
    return [Row("tagged", 0, number, one.item.id.encode(), encode(one), time.time()) for number, one in made]


def ids(*numbers: int) -> set[str]:
    return {make_tagged(number).item.id for number in numbers}


@contextmanager
def looping(group: Group, index: Slow) -> Any:
    indexing = Indexing(
        cast("Any", group), Sending(index, cast("Any", None), Metrics()), Metrics(), lambda: datetime.now(UTC)
    )
    stop = threading.Event()
    thread = threading.Thread(target=indexing.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        index.may.set()
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_rows_that_come_though_it_holds_back_are_not_lost() -> None:
    group, index = Group(), Slow()
    with looping(group, index):
        group.given.append(rows(0))
        assert index.asked.wait(10)
        group.given.append(rows(1, 2))
        until(lambda: group.held)
        group.given.append(rows(3))
        until(lambda: not group.given)
        assert not group.committed
        index.may.set()
        until(lambda: group.committed == {("tagged", 0): 4})
        assert set(index.ids) == ids(0, 1, 2, 3)


def test_what_was_read_in_an_earlier_turn_is_not_committed() -> None:
    group, index = Group(), Slow()
    with looping(group, index):
        group.given.append(rows(0))
        assert index.asked.wait(10)
        group.given.append(rows(1))
        until(lambda: group.held)
        group.next_turn = True
        until(lambda: group.turn == 2)
        index.may.set()
        time.sleep(0.3)
        assert not group.committed
        group.given.append(rows(0, 1))
        until(lambda: group.committed == {("tagged", 0): 2})
        assert set(index.ids) >= ids(0, 1)


@pytest.mark.parametrize("count", [1, 5])
def test_what_is_in_is_committed(count: int) -> None:
    group, index = Group(), Slow()
    index.may.set()
    with looping(group, index):
        group.given += [rows(number) for number in range(count)]
        until(lambda: group.committed == {("tagged", 0): count})
    assert set(index.ids) == ids(*range(count))
