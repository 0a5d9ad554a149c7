"""What the indexer makes of answers, batches and silence, without services."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from ceasewire.codec import encode
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from indexers.answers import Answer, of_document, of_request, shortened
from indexers.batches import Batch, Letter, Row
from indexers.documents import Document
from indexers.indexing import STUCK, Indexing
from indexers.sending import Sending
from tests.cluster.indexes import until
from tests.store.making import NOON, make_tagged


def rows(count: int, **changes: Any) -> list[Row]:
    return [Row("tagged", 0, number, b"k", encode(make_tagged(number, **changes)), 0.0) for number in range(count)]


@pytest.mark.parametrize(
    ("said", "outcome", "reason"),
    [
        ({"status": 201, "result": "created"}, "created", ""),
        ({"status": 200, "result": "updated"}, "updated", ""),
        ({"status": 409, "error": {"type": "version_conflict_engine_exception"}}, "known", ""),
        ({"status": 400, "error": {"type": "document_parsing_exception"}}, "refused", "refused"),
        ({"status": 413}, "refused", "refused"),
        ({"status": 429, "error": {"type": "es_rejected_execution_exception"}}, "busy", "overloaded"),
        ({"status": 429, "error": {"type": "cluster_block_exception"}}, "busy", "overloaded"),
        ({"status": 503, "error": {"type": "unavailable_shards_exception"}}, "busy", "server_error"),
        ({"status": 500}, "busy", "server_error"),
        ({"status": 403, "error": {"type": "cluster_block_exception"}}, "shut", "blocked"),
        ({"status": 403, "error": {"type": "security_exception"}}, "shut", "not_let_in"),
        ({"status": 401}, "shut", "not_let_in"),
        ({"status": 404, "error": {"type": "index_not_found_exception"}}, "shut", "no_index"),
        ({}, "shut", "not_understood"),
    ],
)
def test_answers_for_a_document(said: dict[str, Any], outcome: str, reason: str) -> None:
    answer = of_document(said)
    assert (answer.outcome, answer.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        *((status, "refused") for status in (400, 413)),
        *((status, "shut") for status in (401, 403, 404, 406)),
        *((status, "busy") for status in (408, 429, 500, 502, 503, 504)),
    ],
)
def test_answers_for_a_request(status: int, outcome: str) -> None:
    assert of_request(status, "").outcome == outcome


def test_version_that_the_index_has_is_read() -> None:
    reason = "[i_1]: version conflict, current version [7001] is higher or equal to the one provided [7001]"
    assert of_document({"status": 409, "error": {"reason": reason}}).version == 7001


def test_details_hold_nothing_of_the_text() -> None:
    said = "failed to parse field [x] of type [byte] in document with id '1'. Preview of field's value: 'secret talks'"
    assert "secret" not in shortened(said)
    assert len(shortened("x" * 5_000)) == 300


class Shelf:
    """An index that answers as told, in place of Elasticsearch."""

    def __init__(self, answer: Callable[[Document], Answer]) -> None:
        self.answer = answer
        self.sent: list[list[Document]] = []

    def bulk(self, documents: Sequence[Document]) -> list[Answer]:
        self.sent.append(list(documents))
        return [self.answer(one) for one in documents]

    def taggings(self, ids: Sequence[str]) -> dict[str, str]:
        return {}


class Pile:
    """Takes dead letters, in place of the broker; `fails` so many times first."""

    def __init__(self, fails: int = 0) -> None:
        self.fails = fails
        self.letters: list[Letter] = []

    def bury(self, letters: Sequence[Letter]) -> None:
        if self.fails:
            self.fails -= 1
            raise StoreError("away")
        self.letters += letters


def sent(batch: Batch, shelf: Shelf, pile: Pile) -> Sending:
    sending = Sending(shelf, pile, Metrics(), lambda: 0.0)
    assert sending.send(batch, threading.Event())
    return sending


def test_newest_version_goes_first_and_older_ones_not_at_all() -> None:
    batch = Batch([row for rev in (2, 3, 1) for row in rows(1, rev=rev)], NOON)
    shelf, pile = Shelf(lambda _: Answer("created")), Pile()
    sent(batch, shelf, pile)
    assert [one.version for one in shelf.sent[0] if one.kind == "items"] == [3_001]
    assert len(shelf.sent) == 1
    assert not pile.letters


def test_older_version_goes_where_the_newest_is_refused() -> None:
    batch = Batch([row for rev in (1, 2) for row in rows(1, rev=rev)], NOON)
    shelf = Shelf(lambda one: Answer("refused", "refused", "why") if one.version == 2_001 else Answer("created"))
    pile = Pile()
    sent(batch, shelf, pile)
    assert [one.version for part in shelf.sent for one in part if one.kind == "items"] == [2_001, 1_001]
    assert [(letter.row.value, letter.detail) for letter in pile.letters] == [(batch.rows[1].value, "items: why")]


@pytest.mark.parametrize(("count", "refused", "doubt"), [(19, 19, False), (20, 10, False), (20, 11, True)])
def test_over_half_of_twenty(count: int, refused: int, doubt: bool) -> None:
    batch = Batch(rows(count), NOON)
    for number, piece in enumerate(one for one in batch.front() if one.document.kind == "items"):
        if number < refused:
            batch.refuse(piece, "refused", "why")
    assert bool(batch.doubtful()) == doubt
    before = len(batch.front())
    batch.take_back()
    assert len(batch.front()) == before + refused
    assert batch.letters() == []


def test_row_has_one_letter_whatever_of_it_is_refused() -> None:
    batch = Batch(rows(2), NOON)
    pile = Pile(fails=2)
    sending = sent(batch, Shelf(lambda _: Answer("refused", "refused", "why")), pile)
    assert [letter.row.offset for letter in pile.letters] == [0, 1]
    assert sending.trouble == ""


def test_trouble_comes_after_three_tries_and_goes_with_the_first_that_works() -> None:
    told: list[str] = []
    answers = iter([Answer("busy", "overloaded")] * 5)

    def answer(_: Document) -> Answer:
        told.append(sending.trouble.partition(":")[0])
        return next(answers, Answer("created"))

    shelf = Shelf(answer)
    sending = Sending(shelf, Pile(), Metrics(), lambda: 0.0)
    batch = Batch([Row("feeds", 0, 0, b"k", b'{"feed":"wire"}', 0.0)], NOON)
    assert sending.send(batch, threading.Event())
    assert told == ["", "", "", "overloaded", "overloaded", "overloaded"]
    assert sending.trouble == ""


def test_what_is_given_up_is_not_done() -> None:
    given_up = threading.Event()
    given_up.set()
    assert not Sending(Shelf(lambda _: Answer("created")), Pile(), Metrics()).send(Batch(rows(1), NOON), given_up)


class Belt:
    """A source that gives what lies on it, in place of the broker."""

    def __init__(self) -> None:
        self.turn, self.joined, self.held = 0, False, False
        self.waiting: list[list[Row]] = []
        self.committed: list[Mapping[tuple[str, int], int]] = []
        self.unread = 0
        self.away = False
        self.failing = 0
        """How many commits fail, the broker being away."""

    def open(self) -> None:
        self.joined = True

    def poll(self, seconds: float) -> list[Row]:
        threading.Event().wait(min(seconds, 0.02))
        return self.waiting.pop(0) if self.waiting and not self.held else []

    def hold_back(self, held: bool) -> None:
        self.held = held

    def commit(self, ends: Mapping[tuple[str, int], int]) -> bool:
        if self.failing:
            self.failing -= 1
            raise StoreError("broker_away: it does not answer")
        self.committed.append(dict(ends))
        return True

    def behind(self) -> int:
        if self.away:
            raise StoreError("broker_away: it does not answer")
        return self.unread

    def missing(self) -> list[str]:
        return []

    def close(self) -> None:
        self.joined = False


class Watch:
    """A clock that runs as fast as a test wants."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


class Loop:
    """The loop at work over a belt and a shelf."""

    def __init__(self, answer: Callable[[Document], Answer]) -> None:
        self.belt, self.watch = Belt(), Watch()
        self.sending = Sending(Shelf(answer), Pile(), Metrics(), lambda: 0.0)
        self.metrics = Metrics()
        self.indexing = Indexing(self.belt, self.sending, self.metrics, lambda: NOON + timedelta(1), self.watch)
        self.stop = threading.Event()
        self._thread = threading.Thread(target=self.indexing.run, args=(self.stop,), daemon=True)

    def handled(self) -> float:
        """How many rows are counted as done."""
        return float(self.metrics.handled.labels("index", "done")._value.get())

    def __enter__(self) -> "Loop":
        self._thread.start()
        until(lambda: not self.indexing.ready(), 5)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(10)
        assert not self._thread.is_alive()


def test_commits_what_is_done_in_order() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        everything = rows(30)
        loop.belt.waiting = [everything[:10], everything[10:20], everything[20:]]
        until(lambda: len(loop.belt.committed) == 3, 10)
    assert loop.belt.committed == [{("tagged", 0): 10}, {("tagged", 0): 20}, {("tagged", 0): 30}]


def test_a_commit_that_fails_is_tried_again_though_no_row_comes() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        loop.belt.failing = 2
        loop.belt.waiting = [rows(10)]
        until(lambda: bool(loop.belt.committed), 10)
        assert loop.belt.failing == 0
        until(lambda: loop.handled() == 10, 5)
    assert loop.belt.committed == [{("tagged", 0): 10}]


def test_what_failed_to_be_committed_goes_with_what_arrives_next_or_at_the_end() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        everything = rows(30)
        loop.belt.failing = 1
        loop.belt.waiting = [everything[:10], everything[10:20]]
        until(lambda: loop.handled() == 20, 10)
        assert loop.belt.committed[-1] == {("tagged", 0): 20}
        loop.belt.failing = 10_000
        loop.belt.waiting = [everything[20:]]
        until(lambda: loop.belt.failing < 10_000, 10)
        loop.stop.set()
        loop.belt.failing = 0
    assert loop.belt.committed[-1] == {("tagged", 0): 30}


def test_what_failed_to_be_committed_is_forgotten_where_it_is_dealt_anew() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        loop.belt.failing = 10_000
        loop.belt.waiting = [rows(10)]
        until(lambda: loop.belt.failing < 10_000, 10)
        loop.belt.turn += 1
        until(lambda: loop.indexing._arrived is None, 5)
        loop.belt.failing = 0
    assert loop.belt.committed == []


def test_what_was_dealt_anew_is_not_committed() -> None:
    let = threading.Event()

    def answer(_: Document) -> Answer:
        let.wait(10)
        return Answer("created")

    with Loop(answer) as loop:
        loop.belt.waiting = [rows(1)]
        until(lambda: loop.indexing.oldest() > 0, 5)
        loop.belt.turn += 1
        until(lambda: loop.indexing.oldest() == 0, 5)
        let.set()
        loop.belt.waiting = [[rows(3)[2]]]
        until(lambda: bool(loop.belt.committed), 5)
    assert loop.belt.committed == [{("tagged", 0): 3}]


def test_holds_back_while_the_index_is_away_and_loses_nothing_at_the_end() -> None:
    with Loop(lambda _: Answer("shut", "not_let_in")) as loop:
        everything = rows(30)
        loop.belt.waiting = [everything[:10], everything[10:20], everything[20:]]
        until(lambda: loop.belt.held, 10)
        assert [reason.partition(":")[0] for reason in loop.indexing.ready()] == ["not_let_in"]
        loop.watch.at += 2 * STUCK
        until(lambda: loop.indexing.alive() == (), 5)  # it waits for somebody: a restart would help nothing
    assert loop.belt.committed == []


def test_no_step_though_there_is_work_is_no_life() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        loop.belt.unread = 5
        loop.watch.at += 10
        until(lambda: loop.indexing._behind == 5, 5)
        assert loop.indexing.alive() == ()
        loop.watch.at += STUCK + 1
        until(lambda: bool(loop.indexing.alive()), 5)
        until(lambda: "none was brought to its end" in "".join(loop.indexing.alive()), 5)
        loop.belt.unread = 0
        loop.watch.at += 10
        until(lambda: loop.indexing.alive() == (), 5)


def test_broker_that_is_away_is_said_and_no_reason_to_start_again() -> None:
    with Loop(lambda _: Answer("created")) as loop:
        loop.belt.unread = 5
        loop.watch.at += 10
        until(lambda: loop.indexing._behind == 5, 5)
        loop.belt.away = True
        loop.watch.at += STUCK + 10
        until(lambda: bool(loop.indexing.ready()), 5)
        until(lambda: loop.indexing.alive() == (), 5)
        loop.belt.away = False
        loop.watch.at += 10
        until(lambda: loop.indexing.ready() == (), 5)


def test_loop_that_does_not_turn_is_no_life() -> None:
    loop = Loop(lambda _: Answer("created"))
    loop.watch.at += STUCK + 1
    assert loop.indexing.alive()[0].startswith("stuck: the loop has not turned")
