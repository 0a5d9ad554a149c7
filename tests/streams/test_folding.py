"""A gatherer that takes over gives what one gives that ran all the time: the state is a function of the log."""

from datetime import timedelta

import msgspec
import pytest

from ceasewire.alerts import Reason
from ceasewire.items import Tagged
from streams.folding import Folding
from tests.fakes.relevant import News
from tests.fakes.stories import later, prose, rule, tagged
from tests.streams.folds import Fold, Given, Moment, alert_ids, taken_over, undisturbed, verdicts

TEXT = prose("alpha")


def at(minutes: float, made: Tagged) -> Moment:
    return made, later(minutes)


def item(key: str, title: str, text: str = TEXT, *, minutes: float = 0, feed: str = "a", **given: object) -> Tagged:
    return tagged(key, title, text, feed=feed, seen=later(minutes), published=later(minutes), **given)  # type: ignore[arg-type]


def everywhere(rows: list[Moment]) -> list[Given]:
    """What is given undisturbed; a take-over at any row, with any of the rows before it repeated, gives no other."""
    expected = undisturbed(rows)
    for cut in range(len(rows) + 1):
        assert verdicts(taken_over(rows, cut)) == verdicts(expected)
        for uncommitted in range(1, cut + 1):
            assert alert_ids(taken_over(rows, cut, uncommitted)) == alert_ids(expected)
    return expected


def test_an_edit_gives_only_what_is_new() -> None:
    rows = [
        at(0, item("1", "Kyiv offers", rules=())),
        at(5, item("1", "Kyiv offers a ceasefire", minutes=5)),
        at(9, item("1", "Kyiv offers a truce", minutes=9, rules=("ceasefire", "swap"))),
        at(12, item("1", "Kyiv offers talks", minutes=12, rules=())),
    ]
    given = everywhere(rows)
    assert [[alert.rule for alert in alerts] for alerts, _ in given] == [[], ["ceasefire"], ["swap"], []]
    assert [[one.rule for one in decisions] for _, decisions in given] == [[], ["ceasefire"], ["swap"], []]


def test_a_conflict_that_flips_sends_one_alert() -> None:
    first = item("1", "Kyiv offers a ceasefire")
    second = item("1", "Gaza: an offer of a ceasefire", minutes=5)
    flipped = msgspec.structs.replace(second, conflict="gaza")
    back = item("1", "Kyiv offers a ceasefire again", minutes=9)
    given = everywhere([at(0, first), at(5, flipped), at(9, back)])
    assert [len(alerts) for alerts, _ in given] == [1, 0, 0]


def test_a_story_of_two_conflicts_is_one() -> None:
    one = item("1", "Kyiv offers a ceasefire")
    copy = msgspec.structs.replace(item("2", "A ceasefire on offer", feed="b", minutes=3), conflict="gaza")
    third = item("3", "On offer: a ceasefire", feed="c", minutes=6)
    given = everywhere([at(0, one), at(3, copy), at(6, third)])
    assert [len(alerts) for alerts, _ in given] == [1, 0, 0]
    assert {decision.alert for _, decisions in given for decision in decisions} == alert_ids(given)


def test_a_merge_after_the_alerts_went_out_sends_none() -> None:
    middle = prose("mid", 120)
    words = middle.split()
    rows = [
        at(0, item("1", "Kyiv offers a ceasefire", f"{prose('head', 60)} {' '.join(words[:80])}")),
        at(5, item("2", "Another view", f"{' '.join(words[40:])} {prose('tail', 60)}", feed="b", minutes=5)),
        at(10, item("3", "All of it", middle, feed="c", minutes=10)),
        at(15, item("4", "A view of it", f"{' '.join(words[60:])} {prose('tail', 60)}", feed="d", minutes=15)),
        at(20, item("2", "Another view, updated", f"{' '.join(words[40:])} {prose('tail', 70)}", feed="b", minutes=20)),
    ]
    given = everywhere(rows)
    assert [len(alerts) for alerts, _ in given] == [1, 1, 0, 0, 0]
    assert [decisions[0].reason for _, decisions in given[2:4]] == [Reason.SAME_STORY] * 2


def test_a_repeat_gives_again_what_came_of_the_same_text() -> None:
    first = item("1", "Kyiv offers a ceasefire")
    edit = item("1", "Kyiv offers a truce", minutes=9)
    given = everywhere([at(0, first), at(1, first), at(9, edit), at(10, edit)])
    # the words of the alert are those of the first text, so the repeat of the second gives it no more
    assert [len(alerts) for alerts, _ in given] == [1, 1, 0, 0]
    assert [len(decisions) for _, decisions in given] == [1, 1, 0, 1]


def test_a_late_old_revision_gives_nothing() -> None:
    rows = [
        at(0, item("1", "Kyiv offers talks", rules=())),
        at(9, item("1", "Kyiv offers a truce", minutes=9, rules=())),
        at(10, item("1", "Kyiv offers a ceasefire", minutes=5)),
    ]
    assert everywhere(rows)[2] == ((), ())


@pytest.mark.parametrize("seed", range(3))
def test_weeks_of_news_taken_over_at_any_time(seed: int) -> None:
    rows = list(News(seed, an_hour=4).rows(timedelta(days=16)))
    expected = undisturbed(rows)
    assert len(alert_ids(expected)) > 200
    for cut in (len(rows) // 10, len(rows) * 8 // 10, len(rows) * 9 // 10):
        assert verdicts(taken_over(rows, cut)) == verdicts(expected)
        assert alert_ids(taken_over(rows, cut, uncommitted=30)) == alert_ids(expected)


def test_the_state_of_a_month_is_that_of_a_few_days() -> None:
    fold, sizes = Fold(), []
    for count, (made, moment) in enumerate(News(7, an_hour=12).rows(timedelta(days=31))):
        fold(made, moment)
        if count % 500 == 499:
            sizes.append(_size(fold.folding))
    assert len(sizes) > 15
    settled = sizes[3:]
    for index, name in enumerate(("members", "stories", "hashes", "titles")):
        numbers = [size[index] for size in settled]
        assert max(numbers) < 1.5 * min(numbers), (name, numbers)
    assert max(size[0] for size in settled) < 12 * 24 * 4  # what comes in the window, and the slack


def _size(folding: Folding) -> tuple[int, int, int, int]:
    state = folding.state
    return len(state.members), len(state.stories), len(state.by_hash), len(state.by_title)


def test_a_rule_that_looks_farther_back_waits_until_the_log_is_read_anew() -> None:
    """What it wants to know was let go of: judged without it, a copy would be a story of its own, and alert again."""
    rules = {"ceasefire": rule(max_age="24 h")}
    rows = [
        at(0, item("1", "Kyiv offers a ceasefire")),
        at(80 * 60, item("2", "Another story", prose("other"), minutes=80 * 60)),
    ]
    copy = at(100 * 60, item("3", "On offer: a ceasefire", feed="b", minutes=100 * 60))
    folding = Folding(lambda: rules)
    for row in rows:
        folding.take(folding.judge(*row))
    assert not folding.outdated
    assert not folding.renew()
    assert folding.known(rows[0][0].item.id) is None
    rules = {"ceasefire": rule(max_age="7 d")}
    assert folding.outdated
    assert folding.window == timedelta(hours=72)
    assert [one.reason for one in folding.judge(*copy).decisions] == [Reason.FIRST]
    assert folding.renew()
    assert (folding.outdated, folding.window, folding.state.members) == (False, timedelta(days=7), {})
    for row in rows:
        folding.take(folding.judge(*row))
    assert [one.reason for one in folding.judge(*copy).decisions] == [Reason.SAME_STORY]
    rules = {"ceasefire": rule(max_age="24 h")}
    assert not folding.outdated
    assert folding.judge(*copy).window == folding.window == timedelta(hours=72)


def test_what_was_forgotten_is_held_as_late() -> None:
    """To the minute, so that a worker that has run for long knows no more than one that has read the log."""
    first, hours = item("1", "Kyiv offers a ceasefire"), 72 * 60
    edit = item("1", "Kyiv offers a truce", minutes=hours + 1)
    edit = msgspec.structs.replace(edit, item=msgspec.structs.replace(edit.item, first_seen=first.item.first_seen))
    fold = Fold()
    fold(*at(0, first))
    assert fold.folding.judge(first, later(hours)).again
    assert [one.reason for one in fold(*at(hours + 1, edit))[1]] == [Reason.LATE_EDIT]
