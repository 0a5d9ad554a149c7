"""The page's text of an entry is gathered as its next text: it may alert only where the entry did not."""

from datetime import timedelta

import msgspec
import pytest

from ceasewire.alerts import Action, Reason
from ceasewire.identity import fingerprint
from ceasewire.items import RuleHit, Span, Tagged
from tests.fakes.gathering import RULES, Desk, reasons
from tests.fakes.stories import later, prose, rule, tagged

LONG = prose("alpha", 300)
LEDE = " ".join(LONG.split()[:30])


@pytest.fixture
def desk() -> Desk:
    return Desk()


def page_of(entry: Tagged, text: str = LONG, minutes: float = 1, rules: tuple[str, ...] = ("ceasefire",)) -> Tagged:
    """The revision that the page of an entry makes, as tagging would give it."""
    seen = entry.item.seen + timedelta(minutes=minutes)
    item = msgspec.structs.replace(
        entry.item,
        rev=entry.item.rev + int(minutes * 60_000),
        fingerprint=fingerprint(entry.item.title, text),
        text=text,
        seen=seen,
        extent="page",
    )
    hits = tuple(RuleHit(rule=name, sentence=Span("text", 0, 20)) for name in rules)
    return msgspec.structs.replace(entry, item=item, rules=hits, relevance="main")


def test_an_entry_that_alerted_keeps_its_alert_and_its_page_raises_none(desk: Desk) -> None:
    entry = tagged("1", "Kyiv offers a ceasefire", LEDE)
    first = desk(entry)
    page = desk(page_of(entry))
    assert reasons(first) == reasons(page) == [Reason.FIRST]
    assert page.decisions == first.decisions
    assert page.alerts == first.alerts
    assert len(set(desk.alerts)) == 1


def test_a_page_that_meets_a_rule_which_its_entry_did_not_raises_the_alert(desk: Desk) -> None:
    entry = tagged("1", "Envoys meet in Geneva", LEDE, rules=())
    assert desk(entry).alerts == ()
    page = page_of(entry)
    (alert,) = desk(page).alerts
    assert (alert.item, alert.rev) == (page.item.id, page.item.rev)
    assert alert.hit.sentence.field == "text"


def test_a_page_alerts_also_where_its_entry_was_not_gathered_at_all(desk: Desk) -> None:
    entry = tagged("1", "News of the day", LEDE, rules=(), relevance="none")
    assert desk(entry).members == ()
    assert [alert.rule for alert in desk(page_of(entry)).alerts] == ["ceasefire"]


def test_each_rule_is_judged_by_itself() -> None:
    desk = Desk(swap=rule("swap"))
    entry = tagged("1", "Kyiv offers a ceasefire", LEDE)
    desk(entry)
    page = desk(page_of(entry, rules=("ceasefire", "swap")))
    assert {(one.rule, one.reason) for one in page.decisions} == {("ceasefire", Reason.FIRST), ("swap", Reason.FIRST)}
    assert len(set(desk.alerts)) == 2


@pytest.mark.parametrize("given", [{"baseline": True}, {"published": later(hours=-30)}])
def test_what_held_the_entry_holds_its_page(desk: Desk, given: dict[str, object]) -> None:
    entry = tagged("1", "Envoys meet in Geneva", LEDE, rules=(), **given)  # type: ignore[arg-type]
    desk(entry)
    (decision,) = desk(page_of(entry)).decisions
    assert decision.action is Action.HOLD
    assert decision.reason in (Reason.BASELINE, Reason.TOO_OLD)


def test_the_page_of_a_copy_is_held_as_the_same_story(desk: Desk) -> None:
    desk(tagged("1", "Kyiv offers a ceasefire", LONG))
    copy = tagged("2", "Envoys meet in Geneva", LEDE, feed="b", rules=())
    desk(copy)
    page = desk(page_of(copy))
    assert reasons(page) == [Reason.SAME_STORY]
    assert page.decisions[0].alert == desk.alerts[0]


def test_pages_that_show_two_entries_to_be_one_story_raise_no_second_alert(desk: Desk) -> None:
    one = tagged("1", "Kyiv offers a ceasefire", "First words of it")
    two = tagged("2", "A truce is on offer", "Other words of it", feed="b")
    alerts = [*desk(one).alerts, *desk(two).alerts]
    desk(page_of(one))
    page = desk(page_of(two, LONG + " and a line more", minutes=2))
    assert len(alerts) == 2
    assert {alert.id for alert in page.alerts} <= {alert.id for alert in alerts}
    assert desk.story_of(one) == desk.story_of(two)


def test_an_entry_that_is_edited_after_its_page_raises_no_second_alert(desk: Desk) -> None:
    entry = tagged("1", "Envoys meet in Geneva", LEDE, rules=())
    desk(entry)
    desk(page_of(entry))
    edited = tagged("1", "Kyiv offers a ceasefire", LEDE, seen=later(minutes=9), rules=("ceasefire",))
    desk(edited)
    desk(page_of(edited, LONG + " updated", minutes=2))
    assert len(set(desk.alerts)) == 1


def test_the_same_log_gives_the_same_again() -> None:
    entry = tagged("1", "Envoys meet in Geneva", LEDE, rules=())
    log = [entry, page_of(entry), tagged("2", "Talks", LEDE, feed="b", seen=later(minutes=3))]
    runs = []
    for _ in range(2):
        desk = Desk()
        runs.append([desk(one) for one in log])
    assert runs[0] == runs[1]
    assert desk.rules == RULES
