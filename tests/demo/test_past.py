"""The earlier days: the same each time, in all languages, visibly uneven, and none of them in the day itself."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from ceasewire.identity import item_id
from embedded.demo.documents import guid
from embedded.demo.past import generate_past, read_blocks
from embedded.demo.sample import read_day

_START = datetime(2025, 3, 5, 14, 0, tzinfo=UTC)


def test_same_start_gives_same_items() -> None:
    assert list(generate_past(read_day(), _START)) == list(generate_past(read_day(), _START))


def test_thirty_days_with_a_few_hundred_items_in_all_languages() -> None:
    items = list(generate_past(read_day(), _START))
    assert 600 <= len(items) <= 1500
    days = {item.at.date() for item in items}
    assert len(days) == 30
    assert max(item.at for item in items) < _START - timedelta(hours=12)
    languages = Counter(item.source.language for item in items)
    assert set(languages) == {"en", "uk", "ru", "de", "fr", "es", "pl"}


def test_items_are_oldest_first_and_have_ids_of_their_own() -> None:
    items = list(generate_past(read_day(), _START))
    assert [item.at for item in items] == sorted(item.at for item in items)
    ids = {item.id for item in items}
    assert len(ids) == len(items)
    assert not ids & {item_id(feed.feed, guid(feed.feed, entry.key)) for feed, entry in read_day().entries()}


def test_weekends_are_quiet_and_an_issue_rises() -> None:
    items = list(generate_past(read_day(), _START))
    week = Counter(item.at.weekday() < 5 for item in items)
    assert week[True] / 5 > 1.4 * week[False] / 2
    words = (
        "ceasefire",
        "припинення вогню",
        "прекращени",
        "Waffenruhe",
        "cessez-le-feu",
        "alto el fuego",
        "zawieszeni",
    )
    share = Counter()
    for item in items:
        late = _START - item.at < timedelta(days=6)
        share[late, any(word in item.text for word in words)] += 1
    assert share[True, True] / (share[True, True] + share[True, False]) > 2 * share[False, True] / (
        share[False, True] + share[False, False]
    )


def test_every_slot_of_the_blocks_is_filled_and_feeds_exist() -> None:
    feeds = {feed.feed: feed.language for feed in read_day().feeds}
    for language, blocks in read_blocks().items():
        assert {feeds[feed] for feed in blocks.feeds} == {language}
    for item in generate_past(read_day(), _START):
        assert "{" not in item.title + item.text
        assert item.published == item.at
