"""What counts as handled and as committed is what was done in this deal, whoever says otherwise later."""

from datetime import UTC, datetime

from streams.offsets import Offsets
from streams.stage import Row


def rows(partition: int, *offsets: int) -> list[Row]:
    return [Row("items", partition, offset, b"", b"", datetime.now(UTC)) for offset in offsets]


def test_what_is_handled_is_to_be_committed_until_it_is() -> None:
    offsets = Offsets()
    offsets.begin({0: 5, 1: 0})
    offsets.handle([*rows(0, 5, 6), *rows(1, 0)])
    assert offsets.uncommitted == {0: 7, 1: 1}
    offsets.handle(rows(0, 7))
    offsets.commit({0: 7, 1: 1})
    assert offsets.uncommitted == {0: 8}
    assert offsets.committed == {0: 7, 1: 1}


def test_a_deal_begins_once() -> None:
    offsets = Offsets()
    offsets.begin({0: 5})
    offsets.handle(rows(0, 5))
    offsets.begin({0: 3})
    assert offsets.next(0) == 6


def test_nothing_is_known_of_what_was_dealt_anew() -> None:
    offsets = Offsets()
    offsets.begin({0: 5, 1: 2})
    offsets.handle(rows(0, 5))
    offsets.forget()
    assert not offsets.begun.is_set()
    assert offsets.next(0) is None
    offsets.handle(rows(0, 9))
    offsets.commit({0: 6})
    assert not offsets.uncommitted
    offsets.begin({1: 4})
    offsets.handle(rows(0, 9))
    offsets.commit({0: 6})
    assert not offsets.uncommitted
    assert offsets.committed == {1: 4}


def test_a_repeat_takes_nothing_back() -> None:
    offsets = Offsets()
    offsets.begin({0: 5})
    offsets.handle(rows(0, 5, 6, 7))
    offsets.handle(rows(0, 5))
    offsets.commit({0: 8})
    offsets.commit({0: 6})
    assert offsets.next(0) == 8
    assert offsets.committed == {0: 8}
