"""Which pages are wanted, and what follows from a try to read one."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from ceasewire.admission import admit
from ceasewire.codec import decode, encode
from ceasewire.config.feeds import Feed
from ceasewire.items import Entry, Item, Mention, RuleHit, Span, Tagged
from ceasewire.pages import (
    LONG,
    MOST_WANTED,
    PASSING,
    WORDS,
    PageOutcome,
    PageRead,
    is_stub,
    names_something,
    settle_page,
    tells_of,
    want_pages,
)
from ceasewire.polling import FeedState, PageState, Seen
from tests.store.making import make_item

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(id="post", url="https://post.test/rss", outlet="The Post")


def entry(number: int, text: str = "Summary", hours: float = 1, **changes: str | None) -> Entry:
    values = {"guid": f"g{number}", "url": f"https://post.test/{number}", "title": f"Talks {number}"} | changes
    return Entry(html=text, published=NOW - timedelta(hours=hours), **values)


def polled(*entries: Entry, feed: Feed = FEED, state: FeedState | None = None, names: bool = True) -> FeedState:
    admission = admit(feed, entries, state, NOW)
    wanted = want_pages(feed, admission.items, admission.state, NOW, lambda _: names)
    return decode(encode(wanted), FeedState)


def pages(state: FeedState) -> list[PageState | None]:
    return [seen.page for seen in state.entries.values()]


def test_a_page_is_wanted_of_what_names_something() -> None:
    (page,) = pages(polled(entry(1)))
    assert page is not None
    assert page.item is not None
    assert (page.item.title, page.item.text, page.item.url) == ("Talks 1", "Summary", "https://post.test/1")
    assert pages(polled(entry(1), names=False)) == [None]


@pytest.mark.parametrize(
    "given",
    [
        {"url": None},
        {"url": "ftp://post.test/1"},
        {"url": "javascript:alert(1)"},
        {"text": "x" * LONG},
        {"hours": 48.1},
    ],
)
def test_no_page_is_wanted_where_it_could_not_be_had_or_would_not_help(given: dict[str, object]) -> None:
    assert pages(polled(entry(1, **given))) == [None]  # type: ignore[arg-type]


def test_a_feed_may_keep_its_pages_to_itself() -> None:
    assert pages(polled(entry(1), feed=FEED.model_copy(update={"page": False}))) == [None]


def test_of_very_many_the_newest_are_wanted_and_the_others_have_a_reason() -> None:
    count = MOST_WANTED + 20
    state = polled(*(entry(number, hours=number / 10) for number in range(count)))
    assert state.pages == {"too_many": 20, "wanted": MOST_WANTED}
    oldest = [seen.item for seen in state.entries.values() if seen.page and seen.page.outcome == "too_many"]
    assert len(oldest) == 20
    state = polled(entry(count, hours=0), state=state)
    assert state.pages == {"too_many": 21, "wanted": MOST_WANTED}


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, False),
        ({"mentions": (Mention(kind="place", id="geneva", field="title", start=0, end=5),)}, True),
        ({"issues": ("ceasefire",)}, True),
        ({"actors": ("russia",)}, True),
        ({"rules": (RuleHit(rule="ceasefire", sentence=Span("title", 0, 5)),)}, True),
        ({"relevance": "main"}, False),
    ],
)
def test_what_counts_as_naming_something(given: dict[str, object], named: bool) -> None:
    tagged = Tagged(item=make_item(1), edition=1, language="en", **given)  # type: ignore[arg-type]
    assert names_something(tagged) is named


def settled(outcome: PageOutcome, text: str = "", tries: int = 1, **given: object) -> tuple[FeedState, list[Item]]:
    state, items = polled(entry(1)), []
    for number in range(tries):
        (key, seen), *_ = state.entries.items()
        read = PageRead(outcome=outcome, text=text, **given)  # type: ignore[arg-type]
        after = settle_page(state, key, seen.fingerprint, read, NOW + timedelta(minutes=number))
        state = after.state
        items += [after.item] if after.item else []
    return state, items


def test_a_page_that_was_read_gives_a_revision_and_is_wanted_no_longer() -> None:
    state, (item,) = settled(PageOutcome.READ, "All of it")
    (seen,) = state.entries.values()
    assert (item.extent, item.text, item.title) == ("page", "Summary\n\nAll of it", "Talks 1")
    assert seen.rev == item.rev
    assert seen.fingerprint != item.fingerprint
    assert seen.page == PageState(outcome="read", tries=1, fingerprint=item.fingerprint)
    assert state.pages == {"read": 1}


@pytest.mark.parametrize("outcome", sorted(set(PageOutcome) - PASSING - {PageOutcome.READ}))
def test_what_will_not_pass_ends_it(outcome: PageOutcome) -> None:
    state, items = settled(outcome)
    assert (state.pages, items) == ({outcome.value: 1}, [])
    assert not any(page and page.wanted for page in pages(state))


@pytest.mark.parametrize("outcome", sorted(PASSING))
def test_what_may_pass_is_tried_again_and_then_ends(outcome: PageOutcome) -> None:
    waits = []
    for tries in (1, 2):
        (page,) = pages(settled(outcome, tries=tries)[0])
        assert page is not None
        assert page.due is not None
        assert (page.wanted, page.tries, page.outcome) == (True, tries, outcome.value)
        waits.append(page.due)
    assert waits[0] < waits[1]
    state, _ = settled(outcome, tries=3)
    assert state.pages == {outcome.value: 1}


def test_a_try_that_says_nothing_of_the_page_does_not_count() -> None:
    (page,) = pages(settled(PageOutcome.NO_ADDRESS, tries=9, counted=False)[0])
    assert page is not None
    assert (page.wanted, page.tries) == (True, 0)


def test_a_server_is_waited_for_as_long_as_it_asks() -> None:
    (page,) = pages(settled(PageOutcome.ASKED_TO_WAIT, retry_after=7200.0)[0])
    assert page is not None
    assert page.due == NOW + timedelta(hours=2)


def test_a_page_of_a_text_that_was_edited_meanwhile_changes_nothing() -> None:
    before = polled(entry(1))
    (key, seen), *_ = before.entries.items()
    after = polled(entry(1, "Another"), state=before)
    read = PageRead(outcome=PageOutcome.READ, text="All of it")
    result = settle_page(after, key, seen.fingerprint, read, NOW)
    assert result.state is after
    assert result.item is None
    gone = settle_page(msgspec.structs.replace(after, entries={}), key, seen.fingerprint, read, NOW)
    assert gone.item is None


def test_states_of_before_pages_were_read_still_decode() -> None:
    old = b'{"feed":"post","entries":{"g1":["i_1",5,"f","2026-03-02T12:00:00Z","2026-03-02T12:00:00Z","",null]}}'
    state = decode(old, FeedState)
    assert state.entries["g1"] == Seen(
        item="i_1", rev=5, fingerprint="f", first_seen=NOW, last_seen=NOW, link="", published=None
    )
    assert state.entries["g1"].page is None
    assert state.pages == {}


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ("Summary", True),
        ("Talks 1\nSummary", True),
        ("Talks 1\nSummary\nSubscribe to read on.", True),
        ("", True),
        ("Talks 1\nSummary\n" + "What else is known of the talks. " * 4, False),
    ],
)
def test_what_says_no_more_than_the_entry_is_a_stub(text: str, stub: bool) -> None:
    assert is_stub(text, make_item(1, "Talks 1", "Summary")) is stub


CONSENT = "Before you continue we ask for your consent to cookies and data about your visits. " * 6


@pytest.mark.parametrize(
    ("title", "summary", "text", "tells"),
    [
        ("Kyiv and Moscow agree on a ceasefire", "Prisoners come home on Friday, envoys said.", CONSENT, False),
        (
            "Kyiv and Moscow agree on a ceasefire",
            "Prisoners come home on Friday.",
            "Moscow agreed. Prisoners came.",
            True,
        ),
        (
            "Київ і Москва погодили припинення вогню",
            "Полонені повернуться.",
            "Припинили вогонь, погодила Москва.",
            True,
        ),
        ("Talks", "", CONSENT, True),
    ],
)
def test_a_page_that_tells_of_something_else_is_told_apart(title: str, summary: str, text: str, tells: bool) -> None:
    assert tells_of(text, make_item(1, title, summary)) is tells


def test_what_the_feed_said_stays_where_the_page_does_not_repeat_it() -> None:
    brief = make_item(1, "Talks 1", "Both sides accept an exchange of prisoners.")
    longer = f"Talks 1\nIn Geneva. {brief.text} It begins on Friday."
    state = FeedState(
        feed="post",
        entries={
            "g1": Seen(item=brief.id, rev=5, fingerprint="f", first_seen=NOW, last_seen=NOW, page=PageState(item=brief))
        },
    )
    for text, whole in ((longer, longer.partition("\n")[2]), ("Other words.", f"{brief.text}\n\nOther words.")):
        settled = settle_page(state, "g1", "f", PageRead(outcome=PageOutcome.READ, text=text), NOW)
        assert settled.item is not None
        assert settled.item.text == whole


def test_each_outcome_has_words() -> None:
    assert set(WORDS) == set(PageOutcome)
