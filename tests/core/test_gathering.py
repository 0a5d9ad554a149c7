"""Stories, merges, repeats, restarts and decisions of gathering."""

from datetime import timedelta

import msgspec
import pytest

from ceasewire.alerts import Action, Reason
from ceasewire.gathering import WINDOW, Gathered, Gathering, forget, gather, window
from ceasewire.identity import alert_id
from tests.fakes.gathering import RULES, Desk, reasons
from tests.fakes.stories import START, later, prose, rule, tagged

LONG = prose("alpha")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_first_item_of_a_story_raises_the_alert(desk: Desk) -> None:
    item = tagged("1", "Kyiv offers a ceasefire", LONG)
    result = desk(item)
    (decision,) = result.decisions
    (alert,) = result.alerts
    assert (decision.action, decision.reason, decision.alert) == (Action.SEND, Reason.FIRST, alert.id)
    assert alert.id == alert_id("ceasefire", item.item.id, "first")
    assert result.stories[0].id == item.item.id
    assert result.stories[0].causes == ("ceasefire|first",)


def test_a_copy_in_another_outlet_is_held_with_the_alert_of_the_first(desk: Desk) -> None:
    first = desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    second = desk(tagged("2", "A ceasefire is on offer", f"LONDON - {LONG} More on our site.", feed="b"))
    assert reasons(second) == [Reason.SAME_STORY]
    assert second.alerts == ()
    assert second.decisions[0].alert == first.alerts[0].id
    (story,) = second.stories
    assert story.copies == {"ceasefire": 1}
    assert story.outlets == ("A", "B")


def test_an_excerpt_joins_its_source(desk: Desk) -> None:
    first = tagged("1", "Kyiv offers a ceasefire", LONG)
    part = tagged("2", "Short: the offer", " ".join(LONG.split()[:45]), feed="b")
    desk(first)
    desk(part)
    assert desk.story_of(part) == desk.story_of(first)


def test_different_texts_stay_apart(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    result = desk(tagged("2", "Moscow wants a ceasefire too", prose("beta"), feed="b"))
    assert reasons(result) == [Reason.FIRST]


def test_an_equal_headline_of_another_outlet_joins_on_the_same_day(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers Moscow a ceasefire"))
    copy = desk(
        tagged("2", "Kyiv offers Moscow a ceasefire - B", feed="b", seen=later(hours=3), published=later(hours=3))
    )
    assert reasons(copy) == [Reason.SAME_STORY]
    late = tagged("3", "Kyiv offers Moscow a ceasefire", feed="c", seen=later(hours=20), published=later(hours=20))
    assert reasons(desk(late)) == [Reason.FIRST]


def test_a_short_headline_alone_joins_nothing(desk: Desk) -> None:
    desk(tagged("1", "Morning briefing"))
    assert reasons(desk(tagged("2", "Morning briefing", feed="b"))) == [Reason.FIRST]


def test_a_headline_that_one_feed_repeats_stays_many_stories(desk: Desk) -> None:
    """Also where a second feed copies each of them: the copy must not tie the first two together."""
    stories = []
    for hour in range(4):
        for feed in ("a", "b"):
            when = later(hours=hour, minutes=5 * (feed == "b"))
            item = tagged(f"{hour}", "Air raid alert lifted in the region", feed=feed, seen=when, published=when)
            desk(item)
            stories.append(desk.story_of(item))
    assert stories[0::2] == stories[1::2]
    assert len(set(stories)) == 4


def test_a_short_template_of_one_feed_stays_apart_over_hours(desk: Desk) -> None:
    text = "The alert in the region is over, people may leave the shelters and go home with care, the office said today"
    desk(tagged("1", "Alert lifted", text))
    again = tagged("2", "Alert lifted", text, seen=later(hours=2), published=later(hours=2))
    assert reasons(desk(again)) == [Reason.FIRST]
    at_once = tagged("3", "Alert lifted", text, seen=later(hours=2, minutes=4), published=later(hours=2, minutes=4))
    assert reasons(desk(at_once)) == [Reason.SAME_STORY]


def test_a_series_of_numbered_reports_stays_apart(desk: Desk) -> None:
    frame = prose("frame", 200)
    desk(tagged("1", "Assessment of the campaign, March 2", f"{prose('one', 30)} {frame}"))
    second = tagged("2", "Assessment of the campaign, March 3", f"{prose('two', 30)} {frame}", feed="b")
    assert reasons(desk(second)) == [Reason.FIRST]


def test_boilerplate_of_one_feed_joins_nothing(desk: Desk) -> None:
    foot = prose("subscribe", 60)
    desk(tagged("1", "Kyiv offers a ceasefire", f"{prose('one', 50)} {foot}"))
    assert reasons(desk(tagged("2", "Moscow answers the offer", f"{prose('two', 50)} {foot}"))) == [Reason.FIRST]


def test_a_digest_does_not_tie_its_parts_together(desk: Desk) -> None:
    one, two = (
        tagged("1", "Kyiv offers a ceasefire", prose("one")),
        tagged("2", "Talks in Geneva", prose("two"), feed="b"),
    )
    digest = tagged("3", "The day in brief", f"{prose('one')} {prose('two')} {prose('three', 60)}", feed="c")
    for item in (one, digest, two):
        desk(item)
    assert desk.story_of(digest) == desk.story_of(one)
    assert desk.story_of(two) != desk.story_of(one)


def test_a_digest_that_comes_last_does_not_merge_its_parts(desk: Desk) -> None:
    one = tagged("1", "Kyiv offers a ceasefire", prose("one"))
    two = tagged("2", "Talks in Geneva", prose("two"), feed="b")
    for item in (one, two, tagged("3", "The day in brief", f"{prose('one')} {prose('two')}", feed="c")):
        desk(item)
    assert desk.story_of(one) != desk.story_of(two)


def test_an_outlet_that_keeps_two_stories_apart_is_believed_by_a_bridge(desk: Desk) -> None:
    words = prose("mid", 120).split()
    one = tagged("1", "Kyiv offers a ceasefire", f"{prose('head', 60)} {' '.join(words[:80])}", feed="a")
    two = tagged("2", "Another view", f"{' '.join(words[40:])} {prose('tail', 60)}", feed="a")
    for item in (one, two, tagged("3", "All of it", " ".join(words), feed="c")):
        desk(item)
    assert desk.story_of(one) != desk.story_of(two)


def test_an_edit_into_a_copy_joins_where_the_item_was_alone(desk: Desk) -> None:
    first = desk(tagged("1", "Kyiv offers a ceasefire", LONG)).alerts[0].id
    short = tagged("2", "Breaking news from Kyiv", feed="b", seen=later(1), published=later(1), rules=())
    desk(short)
    assert desk.story_of(short) == short.item.id
    edit = desk(tagged("2", "Kyiv offers a truce", LONG, feed="b", seen=later(9), published=later(1)))
    assert (reasons(edit), edit.decisions[0].alert) == ([Reason.SAME_STORY], first)


def test_an_edit_into_another_text_does_not_drag_the_other_items_along(desk: Desk) -> None:
    one, copy = tagged("1", "Kyiv offers", LONG), tagged("2", "Copy", LONG, feed="b")
    other = tagged("3", "Talks in Geneva", prose("geneva"), feed="c")
    for item in (one, copy, other):
        desk(item)
    desk(tagged("2", "Talks in Geneva too", prose("geneva"), feed="b", seen=later(9)))
    assert desk.story_of(other) != desk.story_of(one)


def test_live_blog_entries_at_one_link_are_stories_of_their_own(desk: Desk) -> None:
    results = [desk(tagged(f"live#{n}", "Live: talks in Geneva today", prose(f"part{n}x", 30))) for n in range(3)]
    assert [reasons(result) for result in results] == [[Reason.FIRST]] * 3


def test_a_bridge_merges_two_stories_into_the_older(desk: Desk) -> None:
    head, middle, tail = prose("head", 60), prose("mid", 120), prose("tail", 60)
    words = middle.split()
    older = tagged("1", "Kyiv offers a ceasefire", f"{head} {' '.join(words[:80])}")
    younger = tagged("2", "Another view", f"{' '.join(words[40:])} {tail}", feed="b", seen=later(5), published=later(5))
    first, second = desk(older), desk(younger)
    assert desk.story_of(older) != desk.story_of(younger)
    bridge = desk(tagged("3", "All of it", middle, feed="c", seen=later(10), published=later(10)))
    assert desk.story_of(younger) == older.item.id
    assert reasons(bridge) == [Reason.SAME_STORY]
    assert bridge.decisions[0].alert == first.alerts[0].id
    merged = {story.id: story for story in bridge.stories}
    assert merged[younger.item.id].merged_into == older.item.id
    assert merged[older.item.id].items == (older.item.id, younger.item.id, desk_item("c", bridge))
    assert {member.item for member in bridge.members} >= {younger.item.id}
    # what the younger sent stays sent: a replay gives the same alert under the same id
    assert gather(desk.state, younger, RULES, later(20)).alerts == second.alerts


def desk_item(feed: str, result: Gathering) -> str:
    return next(member.item for member in result.members if member.feed == feed)


def test_a_merge_carries_the_cause_of_the_younger(desk: Desk) -> None:
    middle = prose("mid", 120)
    words = middle.split()
    older = tagged("1", "Kyiv", f"{prose('head', 60)} {' '.join(words[:80])}", rules=())
    younger = tagged(
        "2", "View", f"{' '.join(words[40:])} {prose('tail', 60)}", feed="b", seen=later(5), published=later(5)
    )
    desk(older)
    sent = desk(younger).alerts[0].id
    bridge = desk(tagged("3", "All", middle, feed="c", seen=later(10), published=later(10)))
    assert desk.state.stories[older.item.id].causes == ("ceasefire|first",)
    assert (reasons(bridge), bridge.decisions[0].alert) == ([Reason.SAME_STORY], sent)


def test_equal_and_lower_revisions(desk: Desk) -> None:
    item = tagged("1", "Kyiv offers a ceasefire", LONG, rev=10)
    first = desk(item)
    again = desk(item, hours=1)
    assert again.again
    assert (again.decisions, again.alerts) == (first.decisions, first.alerts)
    newer = desk(tagged("1", "Kyiv offers a  CEASEFIRE", LONG, rev=12), hours=2)
    assert newer.again
    assert newer.decisions == first.decisions
    older = desk(tagged("1", "Kyiv offers nothing", LONG, rev=11), hours=3)
    assert (older.members, older.decisions) == ((), ())


def test_an_edit_sends_no_second_alert_and_counts_no_copy(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    edit = desk(tagged("1", "Kyiv offers a long ceasefire", f"{LONG} and more words at its end", seen=later(9)))
    assert reasons(edit) == [Reason.FIRST]
    assert len(set(desk.alerts)) == 1
    assert edit.stories[0].copies == {}
    assert edit.stories[0].title == "Kyiv offers a long ceasefire"


def test_an_edit_that_newly_meets_a_rule_alerts(desk: Desk) -> None:
    assert desk(tagged("1", "Talks go on", LONG, rules=())).alerts == ()
    edit = desk(tagged("1", "Talks go on: a ceasefire", LONG, seen=later(9)))
    assert reasons(edit) == [Reason.FIRST]


def test_a_baseline_item_that_is_edited_stays_quiet_for_what_it_met_before(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG, baseline=True))
    edit = desk(tagged("1", "Kyiv offers a truce", LONG, seen=later(9)))
    assert reasons(edit) == [Reason.BASELINE]


def test_named_reasons_of_what_is_held() -> None:
    desk = Desk()
    old = START - timedelta(hours=25)
    assert reasons(desk(tagged("1", "One", prose("one"), baseline=True))) == [Reason.BASELINE]
    assert reasons(desk(tagged("2", "Two", prose("two"), published=old))) == [Reason.TOO_OLD]
    assert reasons(desk(tagged("4", "Four", prose("four")), imported=True)) == [Reason.IMPORTED]
    assert desk.alerts == []
    # none of these took the story's one alert
    assert reasons(desk(tagged("5", "Two again", prose("two"), feed="b"))) == [Reason.FIRST]


def test_a_rule_without_age_limit_takes_old_and_undated_items() -> None:
    desk = Desk(ceasefire=rule(max_age=None))
    old = START - timedelta(days=90)
    assert reasons(desk(tagged("1", "One", prose("one"), published=old))) == [Reason.FIRST]
    assert reasons(desk(tagged("2", "Two", prose("two"), published=None))) == [Reason.FIRST]


def test_an_undated_item_is_as_old_as_its_first_sight(desk: Desk) -> None:
    assert reasons(desk(tagged("1", "One", prose("one"), published=None, baseline=True))) == [Reason.BASELINE]
    assert reasons(desk(tagged("2", "Two", prose("two"), published=None))) == [Reason.FIRST]
    assert desk(tagged("3", "Three", prose("three"), published=None, rules=())).decisions == ()
    late = tagged("3", "Three: a ceasefire", prose("three"), published=None, seen=later(hours=25))
    late = msgspec.structs.replace(late, item=msgspec.structs.replace(late.item, first_seen=START))
    assert reasons(desk(late)) == [Reason.TOO_OLD]


def test_a_date_in_the_future_does_not_hold_an_alert(desk: Desk) -> None:
    assert reasons(desk(tagged("1", "One", LONG, published=START + timedelta(days=9000)))) == [Reason.FIRST]


def test_disabled_and_unknown_rules_decide_nothing() -> None:
    desk = Desk(other=rule("other", enabled=False))
    result = desk(tagged("1", "Kyiv", LONG, rules=("other", "gone", "ceasefire")))
    assert [decision.rule for decision in result.decisions] == ["ceasefire"]


def test_two_rules_alert_once_each() -> None:
    desk = Desk(swap=rule("swap", channels=["team"]))
    first = desk(tagged("1", "Kyiv", LONG, rules=("ceasefire", "swap")))
    second = desk(tagged("2", "Kyiv", LONG, feed="b", rules=("ceasefire", "swap")))
    assert [alert.channels for alert in first.alerts] == [(), ("team",)]
    assert reasons(second) == [Reason.SAME_STORY] * 2


def test_items_of_no_interest_leave_no_trace(desk: Desk) -> None:
    result = desk(tagged("1", "Football", LONG, rules=(), relevance="none"))
    assert (result.members, result.stories) == ((), ())


def test_forgetting_bounds_what_is_kept(desk: Desk) -> None:
    for hour in range(200):
        when = later(hours=hour)
        desk(tagged(str(hour), f"Title {prose(f'n{hour}x', 3)}", prose(f"t{hour}x"), seen=when, published=when))
        forget(desk.state, when)
    assert len(desk.state.members) <= 74
    assert set(desk.state.stories) == set(desk.state.members) == set(desk.state.texts)
    assert sum(map(len, desk.state.by_hash.values())) == sum(len(m.shingles) for m in desk.state.members.values())
    forget(desk.state, later(hours=1000))
    assert (desk.state.members, desk.state.stories, desk.state.by_hash, desk.state.by_title) == ({}, {}, {}, {})


def test_the_window_follows_the_longest_rule() -> None:
    assert window(RULES) == WINDOW
    rules = RULES | {"long": rule("long", max_age="7 d"), "off": rule("off", max_age="14 d", enabled=False)}
    assert window(rules) == timedelta(days=7)
    desk = Desk(long=rules["long"])
    desk(tagged("1", "Kyiv offers a ceasefire", LONG, rules=("long",)))
    when = later(hours=100)
    copy = desk(tagged("2", "Copy", LONG, feed="b", seen=when, published=when, rules=("long",)))
    assert reasons(copy) == [Reason.SAME_STORY]
    when = later(hours=300)
    assert reasons(desk(tagged("3", "Copy", LONG, feed="c", seen=when, published=when, rules=("long",)))) == [
        Reason.FIRST
    ]


def test_what_is_out_of_the_window_counts_no_more_forgotten_or_not(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    when = later(hours=73)
    result = desk(tagged("2", "Copy", LONG, feed="b", seen=when, published=when))
    assert reasons(result) == [Reason.FIRST]


def test_a_story_keeps_its_past_when_its_first_item_comes_back_late(desk: Desk) -> None:
    first = tagged("1", "Kyiv offers a ceasefire", LONG)
    desk(first)
    when = later(hours=60)
    desk(tagged("2", "Copy", LONG, feed="b", seen=when, published=when))
    when = later(hours=80)
    forget(desk.state, when)
    assert first.item.id not in desk.state.members
    edit = desk(tagged("1", "Kyiv says something else", prose("other"), seen=when, published=when))
    assert reasons(edit) == [Reason.SAME_STORY]
    assert len(edit.stories[0].items) == 2


def test_a_copy_after_a_restart_is_still_a_copy(desk: Desk) -> None:
    first = desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    state = Gathered.restore(desk.state.members.values(), desk.state.stories.values())
    second = gather(state, tagged("2", "Copy", LONG, feed="b"), RULES, later(5))
    assert reasons(second) == [Reason.SAME_STORY]
    assert second.decisions[0].alert == first.alerts[0].id


def test_an_archive_is_not_kept_in_mind(desk: Desk) -> None:
    old = START - timedelta(days=400)
    for number in range(5):
        desk(tagged(str(number), f"Old {number}", prose(f"n{number}x"), published=old), imported=True)
    forget(desk.state, START)
    assert desk.state.members == {}
