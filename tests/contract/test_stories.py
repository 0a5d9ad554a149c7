"""What every reader of stories must give: the store's and the desk's fake."""

import msgspec
import pytest

from ceasewire.stories import Story
from tests.contract.stock import NOON, Reading, Stock, ago, key, make_tagged, story


async def pages(reading: Reading, limit: int) -> list[list[str]]:
    """The ids of every page up to the last."""
    found: list[list[str]] = []
    after = None
    while len(found) < 50:
        page = await reading.stories.stories(after, limit)
        found.append([one.id for one in page.stories])
        after = page.next
        if after is None:
            return found
    raise AssertionError("the pages do not end")


async def test_none_at_all(reading: Reading) -> None:
    page = await reading.stories.stories()
    assert (page.stories, page.next) == ((), None)


@pytest.mark.parametrize("unknown", [key(2), "", "\x00", "\ud800", "a" * 3000])
async def test_an_unknown_one_is_none(reading: Reading, unknown: str) -> None:
    await reading.more(Stock([make_tagged(1)], [story(1)]))
    assert await reading.stories.story(unknown) is None


async def test_the_latest_news_come_first_and_each_story_once(reading: Reading) -> None:
    last = {1: 50, 2: 10, 3: 10, 4: 0, 5: 70, 6: 10, 7: 20}
    await reading.more(Stock(stories=[story(n, last=minutes) for n, minutes in last.items()]))
    order = [key(n) for n in (4, 6, 3, 2, 7, 1, 5)]
    for limit in (1, 2, 3, 6, 7, 8):
        found = await pages(reading, limit)
        assert [one for page in found for one in page] == order
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
        assert found[-1]


async def test_a_story_comes_back_whole(reading: Reading) -> None:
    whole = Story(
        id=key(1), title="Переговори", url="https://wire.example/1", first=NOON - ago(90), last=NOON, items=(key(1),),
        outlets=("A", "B"), languages=("uk",), conflicts=("river_war",), issues=("ceasefire",), actors=("lake_league",),
        causes=("ceasefire|first",), copies={"ceasefire": 2},
    )  # fmt: skip
    await reading.more(Stock([make_tagged(1)], [whole]))
    assert (await reading.stories.stories()).stories == (whole,)
    view = await reading.stories.story(key(1))
    assert view is not None
    assert view.story == whole


async def test_what_comes_between_two_pages_doubles_nothing(reading: Reading) -> None:
    await reading.more(Stock(stories=[story(n, last=n) for n in range(1, 7)]))
    first = await reading.stories.stories(limit=3)
    await reading.more(Stock(stories=[story(20), story(5, last=-1)]))
    second = await reading.stories.stories(first.next, 3)
    assert [one.id for one in first.stories] == [key(n) for n in (1, 2, 3)]
    assert [one.id for one in second.stories] == [key(n) for n in (4, 6)]
    assert second.next is None


async def test_merged_stories_are_not_listed_and_lead_to_where_they_went(reading: Reading) -> None:
    tagged = [make_tagged(n, at=NOON - ago(n)) for n in (1, 2, 3)]
    stories = [story(3, 3, merged_into=2), story(2, 2, 3, merged_into=1), story(1, 1, 2, 3)]
    await reading.more(Stock(tagged, stories))
    assert (await reading.stories.stories()).stories == (stories[2],)
    for number in (1, 2, 3):
        view = await reading.stories.story(key(number))
        assert view is not None
        assert view.story == stories[2]
        assert view.items == tuple(reversed(tagged))


async def test_the_other_stories_of_the_thread_come_latest_first(reading: Reading) -> None:
    began, other = story(1, last=30), story(4, last=5)
    threaded = {
        number: msgspec.structs.replace(story(number, last=last), thread=key(1), follows=key(1))
        for number, last in ((2, 20), (3, 1))
    }
    gone = msgspec.structs.replace(story(5, merged_into=2), thread=key(1))
    await reading.more(Stock([make_tagged(n) for n in range(1, 5)], [began, other, *threaded.values(), gone]))
    threads = {}
    for number in (1, 2, 3, 4):
        view = await reading.stories.story(key(number))
        assert view is not None
        threads[number] = [one.id for one in view.thread]
    assert threads == {1: [key(3), key(2)], 2: [key(3), key(1)], 3: [key(2), key(1)], 4: []}


async def test_items_come_oldest_first_in_their_newest_text_and_gone_ones_are_left_out(reading: Reading) -> None:
    minutes = {1: 5, 2: 30, 3: 1}
    tagged = [make_tagged(n, at=NOON - ago(age)) for n, age in minutes.items()]
    edited = make_tagged(1, "Another title", rev=2, at=NOON - ago(5))
    await reading.more(Stock([*tagged, edited], [story(1, 1, 2, 3, 99)]))
    view = await reading.stories.story(key(1))
    assert view is not None
    assert view.items == (tagged[1], edited, tagged[2])


async def test_at_most_200_items_are_given(reading: Reading) -> None:
    many = range(1, 206)
    await reading.more(Stock([make_tagged(n, at=NOON + ago(n)) for n in many], [story(1, *many)]))
    view = await reading.stories.story(key(1))
    assert view is not None
    assert len(view.items) == 200
    assert len(view.story.items) == 205


ALIEN = ["", "x", "7", "-", "--5.i_1", "-.i_1", "5-.i_1", "9" * 300, "9" * 30 + ".i_1", "\x00", ".", "x.i_1"]


@pytest.mark.parametrize("after", ALIEN)
async def test_an_alien_cursor_starts_at_the_top(reading: Reading, after: str) -> None:
    await reading.more(Stock(stories=[story(n, last=n) for n in (1, 2)]))
    page = await reading.stories.stories(after)
    assert [one.id for one in page.stories] == [key(1), key(2)]
