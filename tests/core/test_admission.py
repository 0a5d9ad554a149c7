"""What becomes of the entries of a poll, over many polls and with feeds that misbehave."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ceasewire.admission import FORGET, MAX_ENTRIES, Admission, admit
from ceasewire.codec import decode, encode
from ceasewire.config.feeds import Feed
from ceasewire.items import Entry, Item
from ceasewire.polling import FeedState, Seen

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(id="post", url="https://post.test/rss", outlet="The Post", kind="state media", country="RU", language="en")


class Polls:
    """Polls one feed again and again, five minutes apart, the state going through the codec as in a store."""

    def __init__(self, feed: Feed = FEED) -> None:
        self.feed = feed
        self.now = NOW
        self.state: FeedState | None = None
        self.items: dict[str, Item] = {}

    def __call__(self, *entries: Entry, minutes: float = 5) -> Admission:
        self.now += timedelta(minutes=minutes) if self.state else timedelta()
        result = admit(self.feed, entries, self.state, self.now)
        self.state = decode(encode(result.state), FeedState)
        self.items |= {item.id: item for item in result.items}
        return result


@pytest.fixture
def poll() -> Polls:
    return Polls()


def entry(key: str, title: str | None = None, text: str = "", hours: float | None = 2, **given: str | None) -> Entry:
    """An entry with guid, link and date (`hours` before NOW)."""
    values = {"guid": f"tag:{key}", "url": f"https://post.test/{key}"} | given
    return Entry(
        title=f"Title {key}" if title is None else title,
        html=text or f"<p>Text of {key}</p>",
        published=None if hours is None else NOW - timedelta(hours=hours),
        **values,
    )


def counts(result: Admission) -> tuple[int, int, int]:
    return result.new, result.edited, result.known


def titles(items: Sequence[Item]) -> list[str]:
    return [item.title for item in items]


def test_an_entry_becomes_an_item(poll: Polls) -> None:
    (item,) = poll(entry("1", "<b>Talks</b> &amp; more", "<p>One.</p><p>Two.</p>")).items
    assert (item.title, item.text) == ("Talks & more", "One.\nTwo.")
    assert item.id.startswith("i_")
    assert item.rev == int(NOW.timestamp() * 1000)
    assert (item.source.outlet, item.source.kind, item.source.country) == ("The Post", "state media", "RU")
    assert item.url == "https://post.test/1"
    assert item.at == item.published == NOW - timedelta(hours=2)
    assert item.seen == item.first_seen == NOW


def test_the_same_document_again_brings_nothing(poll: Polls) -> None:
    entries = [entry(str(n)) for n in range(5)]
    assert counts(poll(*entries)) == (5, 0, 0)
    assert counts(poll(*entries)) == (0, 0, 5)
    assert counts(poll(*reversed(entries))) == (0, 0, 5)
    assert poll.state is not None
    assert not poll.state.unstable_ids


def test_items_come_oldest_first(poll: Polls) -> None:
    assert titles(poll(entry("c", hours=1), entry("a", hours=3), entry("b", hours=2)).items) == [
        "Title a",
        "Title b",
        "Title c",
    ]
    undated = poll(entry("z", hours=None), entry("y", hours=None), entry("x", hours=None))
    assert titles(undated.items) == ["Title x", "Title y", "Title z"]


def test_an_edit_keeps_the_id_and_raises_the_revision(poll: Polls) -> None:
    first = poll(entry("1")).items[0]
    assert counts(poll(entry("1", "Title  1"))) == (0, 0, 1)
    edit = poll(entry("1", "Another title"))
    assert counts(edit) == (0, 1, 0)
    second = edit.items[0]
    assert second.id == first.id
    assert second.rev > first.rev
    assert second.first_seen == NOW < second.seen
    assert not second.baseline


def test_the_revision_grows_when_the_clock_goes_back(poll: Polls) -> None:
    first = poll(entry("1")).items[0]
    second = poll(entry("1", "Another title"), minutes=-600).items[0]
    assert second.rev == first.rev + 1


def test_a_lost_state_gives_the_same_ids_and_a_higher_revision(poll: Polls) -> None:
    first = poll(entry("1")).items[0]
    again = admit(FEED, [entry("1")], None, NOW + timedelta(hours=5)).items[0]
    assert again.id == first.id
    assert again.rev > first.rev


def test_at_the_first_poll_only_the_last_hour_may_alert(poll: Polls) -> None:
    first = poll(
        entry("old", hours=1.1), entry("new", hours=0.9), entry("undated", hours=None), entry("far", hours=-50)
    )
    assert {item.title: item.baseline for item in first.items} == {
        "Title old": True,
        "Title new": False,
        "Title undated": True,
        "Title far": True,
    }
    second = poll(entry("later", hours=30), entry("undated 2", hours=None))
    assert [item.baseline for item in second.items] == [False, False]


def test_a_feed_that_is_empty_at_first_has_its_baseline_later(poll: Polls) -> None:
    poll()
    assert poll.state is not None
    assert poll.state.first_poll is None
    assert poll(entry("1")).items[0].baseline
    assert not poll(entry("1"), entry("2", hours=-0.1)).items[0].baseline


def test_dates_are_kept_and_clamped_for_sorting(poll: Polls) -> None:
    future, zero, undated = poll(
        msgspec.structs.replace(entry("1"), published=datetime(2099, 1, 1, tzinfo=UTC)),
        msgspec.structs.replace(entry("2"), published=datetime(1970, 1, 1, tzinfo=UTC)),
        entry("3", hours=None),
    ).items[::-1]
    assert (future.published, future.at) == (datetime(2099, 1, 1, tzinfo=UTC), NOW)
    assert (zero.published, zero.at) == (None, NOW)
    assert (undated.published, undated.at) == (None, NOW)
    edit = poll(entry("3", "Other", hours=None)).items[0]
    assert edit.at == NOW


def test_a_date_of_change_stands_in_for_a_missing_one(poll: Polls) -> None:
    changed = msgspec.structs.replace(entry("1", hours=None), updated=NOW - timedelta(hours=3))
    assert poll(changed).items[0].published == NOW - timedelta(hours=3)


def test_an_entry_without_a_title_is_named_by_its_first_words(poll: Polls) -> None:
    text = (
        "<p>The delegations met for the third time in the old town hall and spoke until late at night.</p><p>More.</p>"
    )
    items = poll(entry("1", "", text), entry("2", "", "<p>Short one.</p>")).items
    assert titles(items) == ["Short one.", "The delegations met for the third time in the old town hall and spoke …"]


def test_empty_and_doubled_entries_are_refused_by_name(poll: Polls) -> None:
    result = poll(entry("1"), entry("1"), entry("2", "", "<p> </p>"), entry("3", "<script>x</script>", "<br>"))
    assert result.refused == {"empty": 2, "doubled": 1}
    assert result.new == 1


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "ftp://post.test/1", "/1", "https://", "https://[::1/", "http://a b/"],
)
def test_links_are_http_or_none(poll: Polls, address: str) -> None:
    assert poll(entry("1", url=address)).items[0].url is None


def test_a_relative_link_beside_the_absolute_one(poll: Polls) -> None:
    both = Entry(title="T", link="/1", url="https://post.test/1")
    assert poll(both).items[0].url == "https://post.test/1"


def test_an_aggregating_feed_names_the_outlet(poll: Polls) -> None:
    named, own = poll(
        entry("1", "Talks go on - Kyiv Daily", outlet="Kyiv Daily"), entry("2", outlet="the post", hours=1)
    ).items
    assert (named.source.outlet, named.source.kind, named.source.country) == ("Kyiv Daily", "outlet", None)
    assert named.title == "Talks go on"
    assert (own.source.outlet, own.source.kind) == ("The Post", "state media")


def test_trackers_that_change_at_each_fetch_change_nothing(poll: Polls) -> None:
    def links(mark: str) -> list[Entry]:
        return [entry(str(n), guid=None, url=f"https://post.test/{n}?utm_campaign={mark}#{mark}") for n in range(3)]

    poll(*links("a"))
    assert counts(poll(*links("b"))) == (0, 0, 3)


def test_guids_that_repeat_are_told_apart_by_their_links(poll: Polls) -> None:
    before = poll(entry("1", guid="same")).items[0]
    result = poll(*(entry(key, guid="same") for key in "321"))
    assert counts(result) == (2, 0, 1)
    assert result.state.repeats_guids
    assert before.id not in {item.id for item in result.items}
    assert counts(poll(entry("4", guid="same"))) == (1, 0, 0)
    assert counts(poll(entry("1", "Edited", guid="same"))) == (0, 1, 0)
    assert len(poll.items) == 4


def test_one_id_and_one_link_for_all_entries(poll: Polls) -> None:
    """Each text is an item of its own; none is lost and none comes twice."""
    for last in range(3, 8):
        poll(*(entry("x", f"Part {n}", f"Text {n}") for n in range(last, last - 3, -1)))
    assert sorted(titles(list(poll.items.values()))) == [f"Part {n}" for n in range(1, 8)]
    assert counts(poll(entry("x", "Part 7", "Text 7"))) == (0, 0, 1)
    assert counts(poll(entry("x", "Part 8", "Text 8"))) == (1, 0, 0)


def test_a_live_blog_has_one_link_and_many_items(poll: Polls) -> None:
    def parts(last: int) -> list[Entry]:
        return [entry(f"{n}", f"Live: part {n}", url="https://post.test/live") for n in range(last, last - 4, -1)]

    for last in range(4, 12):
        poll(*parts(last))
    assert len(poll.items) == 11
    assert poll.state is not None
    assert not poll.state.unstable_ids


def test_ids_that_are_new_at_each_fetch(poll: Polls) -> None:
    def listed(mark: str, numbers: Sequence[int] = range(6)) -> list[Entry]:
        return [entry(str(n), guid=f"{mark}-{n}", hours=n + 2) for n in numbers]

    poll(*listed("a"))
    second = poll(*listed("b"))
    assert counts(second) == (0, 0, 6)
    assert second.state.unstable_ids
    third = poll(*listed("c", range(-1, 5)))
    assert counts(third) == (1, 0, 5)
    edited = [entry("0", "Edited", guid="d-0", hours=2), *listed("d", range(1, 5))]
    assert counts(poll(*edited)) == (0, 1, 4)
    assert len(poll.items) == 7


def test_links_that_are_new_at_each_fetch(poll: Polls) -> None:
    def listed(mark: str) -> list[Entry]:
        return [entry(str(n), guid=None, url=f"https://post.test/{mark}/{n}", hours=n) for n in range(6)]

    poll(*listed("a"))
    assert counts(poll(*listed("b"))) == (0, 0, 6)
    assert counts(poll(*listed("c"))) == (0, 0, 6)


def test_ids_links_and_dates_that_are_all_new_but_with_links_that_stay(poll: Polls) -> None:
    poll(*(entry(str(n), guid=f"a{n}", hours=1) for n in range(4)))
    assert counts(poll(*(entry(str(n), guid=f"b{n}", hours=0.5) for n in range(4)))) == (0, 0, 4)


def test_a_feed_whose_ids_settle_is_trusted_again(poll: Polls) -> None:
    poll(*(entry(str(n), guid=f"a{n}") for n in range(4)))
    poll(*(entry(str(n), guid=f"b{n}") for n in range(4)))
    result = poll(*(entry(str(n), guid=f"a{n}") for n in range(4)))
    assert counts(result) == (0, 0, 4)
    assert not result.state.unstable_ids


def test_a_fast_feed_of_equal_headlines_is_not_swallowed(poll: Polls) -> None:
    """No id of the poll is known, the text is: but each has a date of its own, so each is new."""
    for number in range(5):
        lifted = [
            entry(f"{number}-{n}", title, "<br>", hours=-number / 12, url="https://post.test/alerts")
            for n, title in enumerate(("Air raid alert lifted", "Air raid alert declared"))
        ]
        assert poll(*lifted).new == 2
    assert len(poll.items) == 10


def test_a_page_that_is_new_each_day_is_not_swallowed(poll: Polls) -> None:
    for day in range(4):
        pages = [
            entry(
                f"{city}", f"{city}: day {day}", guid=f"{city}-{day}", url=f"https://post.test/{city}", hours=-24 * day
            )
            for city in ("kyiv", "lviv")
        ]
        assert poll(*pages, minutes=24 * 60).new == 2


def test_all_new_means_a_possible_gap(poll: Polls) -> None:
    assert not poll(entry("1"), entry("2")).state.possible_gap
    assert not poll(entry("3"), entry("2")).state.possible_gap
    assert poll(entry("5"), entry("4")).state.possible_gap
    assert not poll(entry("5"), entry("4")).state.possible_gap


def test_what_is_listed_is_never_forgotten_and_what_is_gone_is_in_time(poll: Polls) -> None:
    poll(entry("static"), entry("gone"))
    for _ in range(10):
        poll(entry("static"), minutes=2 * 24 * 60)
    assert poll.state is not None
    assert set(poll.state.entries) == {"tag:static"}
    assert timedelta(days=20) > FORGET
    assert counts(poll(entry("static"))) == (0, 0, 1)


def test_at_most_so_many_unlisted_entries_are_remembered(poll: Polls) -> None:
    seen = Seen(item="i", rev=1, fingerprint="f", first_seen=NOW, last_seen=NOW)
    past = {f"tag:{n}": seen for n in range(MAX_ENTRIES)}
    newer = {f"tag:newer {n}": msgspec.structs.replace(seen, last_seen=NOW + FORGET / 2) for n in range(10)}
    poll.state = FeedState(feed="post", entries=past | newer, first_poll=NOW)
    poll(entry("listed"))
    assert len(poll.state.entries) == 1 + MAX_ENTRIES
    assert {*newer, "tag:listed"} <= set(poll.state.entries)


def test_recent_holds_when_items_of_the_last_week_came(poll: Polls) -> None:
    first = poll(entry("1", hours=2), entry("2", hours=24 * 6), entry("3", hours=24 * 9), entry("4", hours=None))
    assert first.state.recent == (NOW - timedelta(days=6), NOW - timedelta(hours=2), NOW)
    second = poll(entry("5", hours=500), minutes=36 * 60)
    assert second.state.recent == (NOW - timedelta(hours=2), NOW, poll.now)
    assert second.state.last_new == poll.now
    quiet = poll(entry("5", hours=500), minutes=8 * 24 * 60)
    assert quiet.state.recent == ()
    assert quiet.state.last_new == second.state.last_new
    assert len(admit(FEED, [entry(str(n)) for n in range(800)], None, NOW).state.recent) == 500


def test_health_and_schedule_are_left_alone(poll: Polls) -> None:
    state = FeedState(feed="post", etag="x", failures=3, health="failing", reason="timeout", next_poll=NOW)
    after = admit(FEED, [entry("1")], state, NOW).state
    assert (after.etag, after.failures, after.health, after.reason, after.next_poll) == (
        "x",
        3,
        "failing",
        "timeout",
        NOW,
    )


def test_hostile_text_is_admitted_clean(poll: Polls) -> None:
    (item,) = poll(
        Entry(guid="\x00\ud800", title="\ud800Talks\x00 \u202ego on<script>alert(1)</script>", html="a\x07b\udfff")
    ).items
    assert item.title == "\ufffdTalks\ufffd go on"
    assert item.text == "ab\ufffd"
    encode(item)
