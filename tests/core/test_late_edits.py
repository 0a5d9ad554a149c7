"""Items that are edited after the window of gathering: no second alert, and no story lost."""

import msgspec
import pytest

from ceasewire.alerts import Reason
from ceasewire.gathering import Gathered, forget, gather
from ceasewire.items import Tagged
from ceasewire.stories import Member, Story
from tests.fakes.gathering import RULES, Desk, reasons
from tests.fakes.stories import START, later, prose, tagged

LONG = prose("alpha")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def stored(desk: Desk, item: Tagged) -> tuple[Member, Story]:
    """What a store keeps of the item, beyond what gathering remembers."""
    member = desk.state.members[item.item.id]
    story = desk.state.story(member.story)
    assert story is not None
    return member, story


def test_a_copy_that_is_edited_after_the_window_raises_no_second_alert(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    copy = tagged("2", "Copy", LONG, feed="b")
    desk(copy)
    kept = stored(desk, copy)
    when = later(hours=97)
    forget(desk.state, when)
    assert desk.state.members == {}
    desk.state.remember(*kept)
    edit = desk(tagged("2", "Copy, edited", LONG, feed="b", seen=when, published=when))
    assert (reasons(edit), edit.alerts) == ([Reason.SAME_STORY], ())
    assert edit.stories[0].id == kept[1].id
    assert len(edit.stories[0].items) == 2


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_founder_that_is_edited_after_the_window_keeps_its_story(desk: Desk, forgotten: bool) -> None:
    first = tagged("1", "Kyiv offers a ceasefire", LONG)
    alerts = desk(first).alerts
    desk(tagged("2", "Copy", LONG, feed="b"))
    member, story = stored(desk, first)
    when = later(hours=120)
    if forgotten:
        forget(desk.state, when)
        desk.state.remember(member, story)
    # a newer story that the new text would go into does not draw the old one in
    other = tagged("3", "Moscow answers", prose("other"), feed="c", seen=when, published=when)
    desk(other)
    edit = desk(tagged("1", "Kyiv answers", prose("other"), seen=when, published=when))
    assert (reasons(edit), edit.alerts) == ([Reason.FIRST], alerts)
    (kept,) = edit.stories
    assert (kept.items, kept.causes, kept.copies) == (story.items, story.causes, story.copies)
    assert desk.story_of(other) == other.item.id


def test_a_story_that_was_merged_since_is_remembered_under_the_name_of_the_older(desk: Desk) -> None:
    first = tagged("1", "Kyiv offers a ceasefire", LONG)
    desk(first)
    member, story = stored(desk, first)
    older = msgspec.structs.replace(story, id="i_older", items=("i_older", *story.items))
    state = Gathered.empty()
    state.remember(member, older)
    when = later(hours=120)
    edit = gather(state, tagged("1", "Kyiv answers", prose("other"), seen=when, published=when), RULES, when)
    assert [(one.id, one.items) for one in edit.stories] == [("i_older", older.items)]
    assert edit.members[0].story == "i_older"


def test_a_late_edit_of_what_a_fold_knows_nothing_of_is_held(desk: Desk) -> None:
    """As in the cluster, where nothing is kept beyond the window: it may have alerted then."""
    when = later(hours=73)
    edit = tagged("1", "Kyiv offers a ceasefire", LONG, seen=when, published=when)
    edit = msgspec.structs.replace(edit, item=msgspec.structs.replace(edit.item, first_seen=START))
    result = desk(edit)
    assert (reasons(result), result.alerts) == ([Reason.LATE_EDIT], ())
    again = tagged("1", "Kyiv offers a long ceasefire", prose("new"), seen=when, published=when, rev=edit.item.rev + 1)
    assert reasons(desk(again)) == [Reason.LATE_EDIT]
    # a copy of it that comes later is news
    assert reasons(desk(tagged("2", "Copy", prose("new"), feed="b", seen=when, published=when))) == [Reason.FIRST]


def test_a_late_edit_that_surely_was_never_gathered_alerts(desk: Desk) -> None:
    when = later(hours=73)
    edit = tagged("1", "Kyiv offers a ceasefire", LONG, seen=when, published=when)
    edit = msgspec.structs.replace(edit, item=msgspec.structs.replace(edit.item, first_seen=START))
    assert reasons(gather(desk.state, edit, RULES, when, ungathered=True)) == [Reason.FIRST]


def test_a_late_edit_that_meets_no_rule_does_not_make_the_next_one_news(desk: Desk) -> None:
    """What its first text caused stays unknown, however often it is edited, also over a restart."""
    for minutes, rules in ((0, ()), (1, ("ceasefire",)), (2, ())):
        now = later(hours=73, minutes=minutes)
        edit = tagged("1", f"Kyiv offers a ceasefire {minutes}", LONG, seen=now, published=now, rules=rules)
        edit = msgspec.structs.replace(edit, item=msgspec.structs.replace(edit.item, first_seen=START))
        result = desk(edit)
        assert (set(reasons(result)), result.alerts) == ({Reason.LATE_EDIT} if minutes else set(), ())
        desk.state = Gathered.restore(desk.state.members.values(), desk.state.stories.values())
