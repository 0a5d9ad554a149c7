"""What every reader of alerts and decisions must give: the store's and the desk's fake."""

import msgspec
import pytest

from ceasewire.alerts import Action, Decision, Reason, State
from tests.contract.stock import (
    HIT,
    NOON,
    Reading,
    Stock,
    ago,
    alert,
    decision,
    delivery,
    make_tagged,
    story,
)


async def alert_pages(reading: Reading, limit: int) -> list[list[str]]:
    """The ids of every page of alerts up to the last."""
    found: list[list[str]] = []
    after = None
    while len(found) < 50:
        page = await reading.alerts.alerts(after, limit)
        found.append([view.alert.id for view in page.alerts])
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


async def decision_pages(reading: Reading, limit: int) -> list[list[tuple[Decision, str]]]:
    """Every page of decisions up to the last."""
    found: list[list[tuple[Decision, str]]] = []
    after = None
    while len(found) < 50:
        page = await reading.alerts.decisions(after, limit)
        found.append(list(page.decisions))
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


async def test_none_at_all(reading: Reading) -> None:
    alerts, decisions = await reading.alerts.alerts(), await reading.alerts.decisions()
    assert (alerts.alerts, alerts.next) == ((), None)
    assert (decisions.decisions, decisions.next) == ((), None)


@pytest.mark.parametrize("unknown", ["a_9", "", "\x00", "\ud800", "a" * 3000])
async def test_an_unknown_one_is_none(reading: Reading, unknown: str) -> None:
    await reading.more(Stock([make_tagged(1)], [story(1)], [alert(1, 1)]))
    assert await reading.alerts.alert(unknown) is None


async def test_alerts_come_newest_first_and_each_once(reading: Reading) -> None:
    numbers = range(1, 8)
    await reading.more(
        Stock([make_tagged(n) for n in numbers], [story(n) for n in numbers], [alert(n, n) for n in numbers])
    )
    order = [f"a_{n}" for n in reversed(numbers)]
    for limit in (1, 2, 3, 6, 7, 8):
        found = await alert_pages(reading, limit)
        assert [one for page in found for one in page] == order
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1]


async def test_what_comes_between_two_pages_doubles_nothing(reading: Reading) -> None:
    tagged = [make_tagged(n) for n in range(1, 6)]
    decisions = [decision(n, at=NOON + ago(n)) for n in range(1, 5)]
    await reading.more(Stock(tagged, alerts=[alert(n, n) for n in range(1, 5)], decisions=decisions))
    first, ruled = await reading.alerts.alerts(limit=2), await reading.alerts.decisions(limit=2)
    await reading.more(Stock(alerts=[alert(5, 5)], decisions=[decision(5, at=NOON + ago(5))]))
    second, rest = await reading.alerts.alerts(first.next, 2), await reading.alerts.decisions(ruled.next, 2)
    assert [view.alert.id for view in (*first.alerts, *second.alerts)] == ["a_4", "a_3", "a_2", "a_1"]
    assert [one for one, _ in (*ruled.decisions, *rest.decisions)] == decisions[::-1]
    assert (second.next, rest.next) == (None, None)


async def test_an_alert_with_its_deliveries_in_every_state_and_the_decisions_of_its_story(reading: Reading) -> None:
    sent = decision(1, alert=1, action=Action.SEND, reason=Reason.FIRST)
    copy = decision(2, in_story=1, alert=1, at=NOON + ago(3))
    before_merging = decision(3, alert=None, reason=Reason.TOO_OLD, at=NOON + ago(4))
    others = [decision(1, rule="prisoners"), decision(4)]
    deliveries = [delivery(1, f"c{place}", state) for place, state in enumerate(State)]
    await reading.more(
        Stock(
            [make_tagged(1, "Ceasefire holds", rules=(HIT,)), *(make_tagged(n) for n in (2, 3, 4))],
            [story(3, 3, merged_into=1), story(1, 1, 2, 3), story(4)],
            [alert(1, 1), alert(2, 4)],
            [sent, *others, copy, before_merging],
            [*reversed(deliveries), delivery(2, "c0")],
        )
    )
    view = await reading.alerts.alert("a_1")
    assert view is not None
    assert view.alert == alert(1, 1)
    assert view.tagged.item.title == "Ceasefire holds"
    assert view.decisions == (before_merging, copy, sent)
    assert view.deliveries == tuple(deliveries)
    assert view == (await reading.alerts.alerts()).alerts[1]


async def test_an_alert_of_a_merged_story_has_the_decisions_of_where_it_went(reading: Reading) -> None:
    early = decision(2, alert=2, action=Action.SEND, reason=Reason.FIRST)
    late = decision(3, in_story=1, alert=1)
    tagged = [make_tagged(n) for n in (1, 2, 3)]
    stories = [story(2, 2, merged_into=1), story(1, 1, 2, 3)]
    await reading.more(Stock(tagged, stories, [alert(2, 2)], [early, late]))
    view = await reading.alerts.alert("a_2")
    assert view is not None
    assert view.decisions == (late, early)


async def test_an_alert_keeps_the_text_that_raised_it(reading: Reading) -> None:
    old = make_tagged(1, "Ceasefire holds", "As agreed.", rev=1, issues=["ceasefire"], rules=(HIT,), relevance="main")
    new = make_tagged(1, "It holds no more", "Shots fell.", rev=2, issues=["shots"], relevance="main")
    await reading.more(Stock([old, new], [story(1)], [alert(1, 1), alert(2, 1, rev=2, cause="new")]))
    first, second = await reading.alerts.alert("a_1"), await reading.alerts.alert("a_2")
    assert first is not None
    assert second is not None
    assert first.tagged.item == old.item
    assert first.tagged.rules == (HIT,)
    # mentions of the later text may not be shown in the earlier one
    assert first.tagged.mentions in ((), old.mentions)
    assert second.tagged == new


async def test_an_alert_whose_item_was_removed_is_none_and_ends_no_page(reading: Reading) -> None:
    await reading.more(Stock([make_tagged(1), make_tagged(3)], alerts=[alert(1, 1), alert(2, 2), alert(3, 3)]))
    assert await reading.alerts.alert("a_2") is None
    assert [one for page in await alert_pages(reading, 1) for one in page] == ["a_3", "a_1"]


async def test_all_decisions_with_titles_newest_first_and_each_once(reading: Reading) -> None:
    made = [
        decision(1, alert=1, action=Action.SEND, reason=Reason.FIRST),
        decision(1, rule="prisoners", reason=Reason.MUTED),
        decision(2, in_story=1, alert=1),
        decision(9, reason=Reason.BASELINE),
        decision(1, rev=2, alert=1, action=Action.UPDATE, reason=Reason.NEW_FACT),
    ]
    made = [msgspec.structs.replace(one, at=NOON + ago(n)) for n, one in enumerate(made)]
    tagged = [make_tagged(1, "Talks begin"), make_tagged(2, "Talks, again"), make_tagged(1, "Talks end", rev=2)]
    await reading.more(Stock(tagged, decisions=made))
    titles = ["Talks end", "", "Talks, again", "Talks end", "Talks end"]
    for limit in (1, 2, 4, 5, 6):
        found = await decision_pages(reading, limit)
        assert [one for page in found for one in page] == list(zip(reversed(made), titles, strict=True))
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1]


@pytest.mark.parametrize("after", ["", "x", "9" * 300, "-1", "\x00"])
async def test_an_alien_cursor_starts_at_the_top(reading: Reading, after: str) -> None:
    numbers = (1, 2)
    await reading.more(
        Stock([make_tagged(n) for n in numbers], (), [alert(n, n) for n in numbers], [decision(n) for n in numbers])
    )
    assert len((await reading.alerts.alerts(after)).alerts) == 2
    assert len((await reading.alerts.decisions(after)).decisions) == 2
