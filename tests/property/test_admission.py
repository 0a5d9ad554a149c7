"""Whatever a feed lists, nothing is lost, nothing comes twice, and revisions only grow."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ceasewire.admission import admit
from ceasewire.codec import decode, encode
from ceasewire.config.feeds import Feed
from ceasewire.items import Entry, Item
from ceasewire.polling import FeedState

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(id="post", url="https://post.test/rss", outlet="The Post")
NUMBERS = st.integers(0, 9)
GOOD = st.lists(st.tuples(NUMBERS, st.integers(0, 2)), unique_by=lambda one: one[0], max_size=8)
"""A document: entries by number, each with one of three texts."""
ANY = st.lists(
    st.builds(
        Entry,
        guid=st.sampled_from([None, "same", "g1", "g2", "g3", " "]),
        url=st.sampled_from([None, "https://post.test/1", "https://post.test/2?utm_source=x", "javascript:x"]),
        title=st.sampled_from(["", "Air raid alert", "Talks", "<b></b>"]),
        html=st.sampled_from(["", "One", "<p>Two</p>"]),
        published=st.sampled_from([None, NOW, NOW - timedelta(days=1)]),
    ),
    max_size=8,
)


def good(number: int, version: int) -> Entry:
    return Entry(guid=f"g{number}", url=f"https://post.test/{number}", title=f"T{number}", html=f"V{version}")


@settings(deadline=None)
@given(st.lists(GOOD, max_size=8))
def test_a_proper_feed_is_stored_as_it_is(documents: list[list[tuple[int, int]]]) -> None:
    state: FeedState | None = None
    stored: dict[str, Item] = {}
    wanted: dict[str, str] = {}
    for poll, document in enumerate(documents):
        result = admit(FEED, [good(*one) for one in document], state, NOW + timedelta(minutes=5 * poll))
        state = decode(encode(result.state), FeedState)
        for item in result.items:
            assert item.id not in stored or item.rev > stored[item.id].rev
            assert item.id not in stored or item.first_seen == stored[item.id].first_seen
            stored[item.id] = item
        wanted |= {f"T{number}": f"V{version}" for number, version in document}
        assert not state.unstable_ids
    assert sorted((item.title, item.text) for item in stored.values()) == sorted(wanted.items())


@settings(deadline=None)
@given(st.lists(ANY, max_size=6))
def test_of_any_feed_each_text_is_stored_or_refused(documents: list[list[Entry]]) -> None:
    state: FeedState | None = None
    stored: set[str] = set()
    for poll, document in enumerate(documents):
        result = admit(FEED, document, state, NOW + timedelta(minutes=5 * poll))
        assert result.new + result.edited + result.known + sum(result.refused.values()) == len(document)
        assert len({item.id for item in result.items}) == len(result.items) == result.new + result.edited
        stored |= {item.fingerprint for item in result.items}
        texts = admit(FEED, document, None, NOW).items
        assert {item.fingerprint for item in texts} <= stored
        assert all(item.url is None or item.url.startswith("https://post.test/") for item in result.items)
        state = decode(encode(result.state), FeedState)
