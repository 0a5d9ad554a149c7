"""Whatever the order of polls, edits, pages and crashes: revisions grow, and nothing flips back without an edit."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ceasewire.admission import admit
from ceasewire.codec import decode, encode
from ceasewire.config.feeds import Feed
from ceasewire.items import Entry, Item
from ceasewire.pages import PASSING, PageOutcome, PageRead, settle_page, want_pages
from ceasewire.polling import FeedState

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEED = Feed(id="post", url="https://post.test/rss", outlet="The Post")
NUMBERS = st.integers(0, 2)
STEPS = st.one_of(
    st.tuples(st.just("edit"), NUMBERS, st.integers(0, 3)),
    st.tuples(st.just("poll"), st.booleans(), st.integers(0, 2)),
    st.tuples(st.just("begin"), NUMBERS, st.just(0)),
    st.tuples(st.just("end"), NUMBERS, st.sampled_from([PageOutcome.READ, PageOutcome.ROBOTS, PageOutcome.TOO_SLOW])),
    st.tuples(st.just("crash"), st.booleans(), st.just(0)),
)


class World:
    """A feed, what is stored of it, and pages that are being read."""

    def __init__(self) -> None:
        self.now = NOW
        self.texts = dict.fromkeys(range(3), 0)
        self.state: FeedState | None = None
        self.stored: dict[str, Item] = {}
        self.reading: dict[int, tuple[str, str]] = {}
        """Which entry's page is under way, and the fingerprint of the entry's text when it was begun."""
        self.edited: set[str] = set()

    def step(self, what: str, one: object, two: object) -> None:
        """One thing that happens; the clock may stand still."""
        if what == "edit":
            self.texts[int(str(one))] = int(str(two))
        elif what == "poll":
            self.now += timedelta(milliseconds=1) * int(str(two))
            self.poll(crashes=bool(one))
        elif what == "begin" and self.state is not None:
            key = f"g{one}"
            seen = self.state.entries.get(key)
            if seen is not None and seen.page is not None and seen.page.wanted:
                self.reading[int(str(one))] = (key, seen.fingerprint)
        elif what == "end" and self.state is not None and int(str(one)) in self.reading:
            assert isinstance(two, PageOutcome)
            self.end(*self.reading.pop(int(str(one))), two)
        elif what == "crash":
            self.reading.clear()

    def poll(self, crashes: bool) -> None:
        entries = [
            Entry(guid=f"g{n}", url=f"https://post.test/{n}", title=f"T{n}", html=f"V{v}")
            for n, v in self.texts.items()
        ]
        admission = admit(FEED, entries, self.state, self.now)
        state = want_pages(FEED, admission.items, admission.state, self.now, lambda _: True)
        if crashes:  # nothing of it was stored
            self.reading.clear()
            return
        for item in admission.items:
            before = self.stored.get(item.id)
            assert item.extent == "summary"
            assert before is None or item.rev > before.rev
            self.stored[item.id] = item
        self.state = decode(encode(state), FeedState)

    def end(self, key: str, entry: str, outcome: PageOutcome) -> None:
        assert self.state is not None
        seen = self.state.entries[key]
        read = PageRead(outcome=outcome, text=f"page of {entry}")
        settled = settle_page(self.state, key, entry, read, self.now)
        if settled.item is not None:
            before = self.stored[settled.item.id]
            assert settled.item.rev > before.rev
            assert before.extent == "summary"
            assert before.fingerprint == entry == seen.fingerprint
            self.stored[settled.item.id] = settled.item
        self.state = decode(encode(settled.state), FeedState)

    def check(self) -> None:
        """What is stored is what is remembered: the page's text where one was read since the last edit."""
        for seen in self.state.entries.values() if self.state else ():
            item = self.stored[seen.item]
            assert item.rev == seen.rev
            assert seen.page is not None
            read = seen.page.outcome == "read" and not seen.page.wanted
            assert item.extent == ("page" if read else "summary")
            assert item.fingerprint == (seen.page.fingerprint if read else seen.fingerprint)
            if seen.page.wanted:
                assert seen.page.outcome == "" or PageOutcome(seen.page.outcome) in PASSING


@settings(deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_a_page_never_flips_back_and_revisions_grow(steps: list[tuple[str, object, object]]) -> None:
    world = World()
    for step in steps:
        world.step(*step)
        world.check()


@settings(deadline=None)
@given(st.lists(STEPS, max_size=30))
def test_in_the_end_each_entry_has_its_page(steps: list[tuple[str, object, object]]) -> None:
    world = World()
    for step in steps:
        world.step(*step)
    world.step("poll", False, 1)
    for number in range(3):
        world.step("begin", number, 0)
        world.step("end", number, PageOutcome.READ)
    world.check()
    assert world.state is not None
    pages = [seen.page for seen in world.state.entries.values()]
    assert all(page is not None and not page.wanted for page in pages)
