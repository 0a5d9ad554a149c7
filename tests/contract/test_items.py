"""What every reader of items must give: the store's and the desk's fake."""

import pytest

from ceasewire.alerts import Action, Reason, State
from ceasewire.views import Verdict
from tests.contract.stock import (
    HIT,
    NOON,
    RULES,
    Reading,
    Stock,
    ago,
    alert,
    decision,
    delivery,
    key,
    make_state,
    make_tagged,
    story,
)

FIRST = make_tagged(1, "Talks begin", "A pause.", rev=1, relevance="main", rules=(HIT,))
SECOND = make_tagged(1, "Talks go on", "A short pause.", rev=2, relevance="main")
THIRD = make_tagged(1, "Talks break off", "An end.", rev=3, relevance="main", issues=["talks"], rules=(HIT,))


@pytest.mark.parametrize(
    "unknown", ["i_none", "", "\x00", "https://wire.example/none", "https://[", "слово", "\ud800", "a" * 3000]
)
async def test_what_is_not_there_is_none(reading: Reading, unknown: str) -> None:
    await reading.more(Stock([FIRST]))
    assert await reading.items.item(unknown) is None
    assert await reading.items.way(unknown) is None


async def test_an_item_that_stands_alone(reading: Reading) -> None:
    await reading.more(Stock([FIRST, make_tagged(2)]))
    view = await reading.items.item(key(1))
    assert view is not None
    assert view.hit.tagged == FIRST
    assert (view.hit.story, view.hit.story_size, view.hit.versions, view.hit.highlights) == (None, 0, 1, ())
    assert view.versions == (FIRST.item,)


async def test_versions_come_newest_first_whatever_came_late(reading: Reading) -> None:
    await reading.more(Stock([FIRST, SECOND, THIRD, SECOND, FIRST]))
    view, way = await reading.items.item(key(1)), await reading.items.way(key(1))
    assert view is not None
    assert way is not None
    assert view.hit.tagged == way.tagged == THIRD
    assert view.hit.versions == 3
    assert view.versions == way.versions == (THIRD.item, SECOND.item, FIRST.item)


@pytest.mark.parametrize(
    "address",
    ["https://wire.example/talks?id=7", "http://wire.example/talks?id=7", "wire.example/talks?id=7",
     "https://WIRE.example/talks?utm_medium=x&id=7#end"],
)  # fmt: skip
async def test_an_item_is_found_by_any_form_of_its_address(reading: Reading, address: str) -> None:
    one = make_tagged(1, url="https://wire.example/talks?id=7&utm_source=feed")
    await reading.more(Stock([one, make_tagged(2, url="https://wire.example/talks?id=8"), make_tagged(3, url=None)]))
    view, way = await reading.items.item(address), await reading.items.way(address)
    assert view is not None
    assert way is not None
    assert view.hit.tagged == way.tagged == one


async def test_of_two_with_one_address_the_newest_is_found(reading: Reading) -> None:
    url = "https://wire.example/live"
    old, new = make_tagged(1, url=url, at=NOON - ago(9)), make_tagged(2, url=url)
    for stock in ([new, old], [make_tagged(3, url=url)]):
        await reading.more(Stock(stock))
        view = await reading.items.item(url)
        assert view is not None
        assert view.hit.tagged == (new if old in stock else stock[0])


async def test_an_item_of_a_merged_story_belongs_to_the_one_it_went_into(reading: Reading) -> None:
    tagged = [make_tagged(n) for n in (1, 2, 3)]
    stories = [story(3, 3, merged_into=2), story(2, 2, 3, merged_into=1), story(1, 1, 2, 3)]
    await reading.more(Stock(tagged, stories))
    for number in (1, 2, 3):
        view, way = await reading.items.item(key(number)), await reading.items.way(key(number))
        assert view is not None
        assert way is not None
        assert (view.hit.story, view.hit.story_size) == (key(1), 3)
        assert way.story == stories[2]


async def test_the_way_of_an_item_that_raised_an_alert(reading: Reading) -> None:
    sent = decision(1, alert=1, action=Action.SEND, reason=Reason.FIRST)
    deliveries = [delivery(1, "team", State.DELIVERED), delivery(1, "room", State.SUSPENDED)]
    stock = Stock([FIRST, make_tagged(2)], [story(1)], [alert(1, 1)], [sent], deliveries, [make_state(health="ok")])
    await reading.more(stock)
    way = await reading.items.way(key(1))
    assert way is not None
    assert way.feed == make_state(health="ok")
    assert way.story == stock.stories[0]
    assert way.alerts == (alert(1, 1),)
    assert way.deliveries == (deliveries[1], deliveries[0])
    assert way.verdicts == (
        Verdict(rule="ceasefire", met=True, decision=sent),
        Verdict(rule="prisoners", met=False, decision=None),
    )


async def test_the_way_of_a_copy_shows_the_alert_that_it_belongs_to(reading: Reading) -> None:
    held = decision(2, in_story=1, alert=1)
    sent = decision(1, alert=1, action=Action.SEND, reason=Reason.FIRST)
    tagged = [FIRST, make_tagged(2, relevance="main", rules=(HIT,))]
    await reading.more(Stock(tagged, [story(1, 1, 2)], [alert(1, 1)], [sent, held], [delivery(1, "team")]))
    way = await reading.items.way(key(2))
    assert way is not None
    assert way.alerts == (alert(1, 1),)
    assert way.deliveries == (delivery(1, "team"),)
    assert way.verdicts[0] == Verdict(rule="ceasefire", met=True, decision=held)


async def test_of_two_decisions_on_a_rule_the_last_is_told(reading: Reading) -> None:
    first = decision(1, alert=1, action=Action.SEND, reason=Reason.FIRST)
    last = decision(1, rev=3, at=NOON + ago(5))
    old = decision(1, rule="gone", reason=Reason.TOO_OLD)
    await reading.more(Stock([FIRST, THIRD], [story(1)], [alert(1, 1)], [first, old, last]))
    way = await reading.items.way(key(1))
    assert way is not None
    assert [verdict.rule for verdict in way.verdicts] == ["ceasefire", "gone", "prisoners"]
    assert [verdict.decision for verdict in way.verdicts] == [last, old, None]
    assert way.alerts == (alert(1, 1),)


async def test_an_item_of_a_feed_that_is_gone_and_that_no_rule_met(reading: Reading) -> None:
    await reading.more(Stock([make_tagged(1)]))
    way = await reading.items.way(key(1))
    assert way is not None
    assert (way.feed, way.story, way.alerts, way.deliveries) == (None, None, (), ())
    assert [(verdict.rule, verdict.met) for verdict in way.verdicts] == [(rule, False) for rule in RULES]
