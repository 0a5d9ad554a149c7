"""When a worker counts as one that hangs, and how old its oldest row is."""

from datetime import timedelta

from streams.progress import STILL, Progress
from tests.fakes.stories import START


def test_rows_that_wait_while_nothing_moves() -> None:
    progress = Progress()
    for tick in range(0, 300, 5):
        progress.look({0: 10, 1: 7}, {0: 20, 1: 7}, tick, START)
        assert progress.still(tick) == ([0] if tick > STILL else [])
    progress.look({0: 11, 1: 7}, {0: 20, 1: 7}, 300, START)
    assert progress.still(301) == []


def test_a_partition_that_was_idle_for_long_has_all_its_time() -> None:
    progress = Progress()
    progress.look({0: 10}, {0: 10}, 0, START)
    progress.look({0: 10}, {0: 10}, 995, START)
    progress.look({0: 10}, {0: 12}, 1000, START)
    assert progress.still(1000 + STILL - 10) == []


def test_that_the_brokers_are_away_says_nothing() -> None:
    progress = Progress()
    progress.look({0: 10}, {0: 12}, 0, START)
    progress.unknown(500)
    assert progress.still(510) == []


def test_what_is_not_held_any_more_is_forgotten() -> None:
    progress = Progress()
    progress.look({0: 10}, {0: 12}, 0, START)
    progress.look({}, {}, 5, START)
    assert progress.still(500) == []


def test_the_age_of_the_oldest_row() -> None:
    progress = Progress()
    second = timedelta(seconds=1)
    progress.look({0: 10}, {0: 10}, 0, START)
    assert progress.oldest(START + 9 * second) == 0
    progress.look({0: 10}, {0: 12}, 5, START + 10 * second)
    assert progress.oldest(START + 14 * second) == 4
    progress.handled(0, START + 12 * second)
    assert progress.oldest(START + 14 * second) == 2
    progress.look({0: 12}, {0: 12}, 10, START + 15 * second)
    assert progress.oldest(START + 20 * second) == 0
