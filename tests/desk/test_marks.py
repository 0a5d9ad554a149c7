"""Marks cut a text exactly at its spans; words, times, filters and differences say what they should."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ceasewire.grammar import parse
from ceasewire.items import Span
from desk.changes import differences
from desk.feedwords import emptiness, summary
from desk.filters import chosen, toggled
from desk.marks import Stretch, cut, excerpt, stretches, words_of
from desk.rows import safe_link
from desk.times import day_name, relative, short, short_day
from tests.fakes.desk_news import FEEDS, ITEMS, NOW
from tests.fakes.desk_ports import empty_world

SPANS = st.lists(st.builds(Stretch, st.integers(-5, 60), st.integers(-5, 60), st.sampled_from(["issue:a", "actor:b"])))


@given(st.text(max_size=50), SPANS)
def test_pieces_join_to_the_text_whatever_the_spans(text: str, covers: list[Stretch]) -> None:
    pieces = cut(text, covers)
    assert "".join(piece.text for piece in pieces) == text
    at = 0
    for piece in pieces:
        for place in range(at, at + len(piece.text)):
            assert set(piece.tags) == {c.tag for c in covers if c.start <= place < c.end}
        at += len(piece.text)


@given(st.text(max_size=900), SPANS, st.integers(20, 300))
def test_an_excerpt_is_a_stretch_of_the_text(text: str, covers: list[Stretch], length: int) -> None:
    some = excerpt(text, covers, length)
    words = "".join(piece.text for piece in some.pieces)
    assert words in text
    assert len(words) <= length
    assert some.before or text.startswith(words)
    assert some.after or text.endswith(words)


def test_overlapping_mentions_are_cut_at_each_other() -> None:
    pieces = cut("abcdef", [Stretch(0, 4, "issue:x", "issue"), Stretch(2, 6, "actor:y", "actor")])
    assert [(piece.text, piece.tags) for piece in pieces] == [
        ("ab", ("issue:x",)),
        ("cd", ("issue:x", "actor:y")),
        ("ef", ("actor:y",)),
    ]


def test_an_excerpt_goes_to_the_words_of_the_query() -> None:
    text = "word " * 200 + "the treaty stands here " + "word " * 200
    at = text.index("treaty")
    some = excerpt(text, [Stretch(at, at + 6, found=True)], 120)
    assert some.before
    assert some.after
    assert any(piece.found and piece.text == "treaty" for piece in some.pieces)


def test_what_is_marked_comes_from_mentions_query_and_rules() -> None:
    one = ITEMS[3]
    covers = stretches(one, "title", [Span("title", 0, 3), Span("text", 0, 3)])
    assert sum(c.found for c in covers) == 1
    assert any(c.fired for c in covers)
    assert words_of(one)["issue:ceasefire"] == ("перемир’я",)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (0, "just now"), (44, "just now"), (50, "1 min ago"), (3500, "58 min ago"), (7300, "2 h ago"),
        (40 * 3600, "2 days ago"), (70 * 86400, "2 months ago"), (1000 * 86400, "3 years ago"),
        (-30, "in a moment"), (-600, "in 10 min"), (-7200, "in 2 h"),
    ],
)  # fmt: skip
def test_how_long_ago(ago: int, words: str) -> None:
    assert relative(NOW - timedelta(seconds=ago), NOW) == words


def test_times_have_their_zone_and_days_their_names() -> None:
    assert short(NOW, NOW) == "15:42\u00a0UTC"
    assert short(datetime(2026, 1, 2, 3, 4, tzinfo=UTC), NOW) == "2 Jan 03:04\u00a0UTC"
    assert short(datetime(1970, 1, 2, 3, 4, tzinfo=UTC), NOW) == "2 Jan 1970 03:04\u00a0UTC"
    assert day_name(NOW.date(), NOW) == "Today, Saturday 21 November"
    assert day_name(NOW.date() - timedelta(days=1), NOW) == "Yesterday, Friday 20 November"
    assert short_day(NOW.date().replace(year=2025), NOW) == "Fri 21 Nov 2025"


@pytest.mark.parametrize(
    "query",
    ["", "ceasefire", "truce OR ceasefire", "ceasefire talks -gaza", "lang:uk", '"a b" issue:x', "in:lede truce"],
)
def test_a_facet_is_added_to_the_query_and_taken_away_again(query: str) -> None:
    node = parse(query) if query else None
    added = toggled(node, "actor", "zelensky")
    assert chosen(parse(added), "actor") == ("zelensky",)
    back = toggled(parse(added), "actor", "zelensky")
    assert (parse(back) if back else None) == node


def test_an_edit_shows_words_that_went_and_came() -> None:
    changes = differences("Talks end without a deal in Geneva", "Talks end with a deal in Geneva")
    assert [(c.kind, c.text) for c in changes] == [
        ("same", "Talks end "), ("removed", "without "), ("added", "with "), ("same", "a deal in Geneva"),
    ]  # fmt: skip


@given(st.text("ab c\n", max_size=80), st.text("ab c\n", max_size=80))
def test_differences_keep_both_texts(old: str, new: str) -> None:
    changes = differences(old, new)
    assert "".join(c.text for c in changes if c.kind != "removed").split() == new.split()
    assert "".join(c.text + " " for c in changes if c.kind != "added").split() == old.split()


def test_long_shared_stretches_are_cut_and_huge_texts_end() -> None:
    same = "word " * 30_000
    changes = differences(same + "old " + same, same + "new " + same)
    assert sum(len(c.text) for c in changes) < 600
    differences("a b " * 20_000, "b a c " * 20_000)


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//evil.example", "http:", "ftp://a.example", None, "",
     "https://a.example/\nx", "http://[bad"],
)  # fmt: skip
def test_only_http_addresses_become_links(address: str | None) -> None:
    assert safe_link(address) is None


def test_http_addresses_are_links() -> None:
    assert safe_link("https://a.example/ї?x=1") == "https://a.example/ї?x=1"


def test_feeds_in_one_line() -> None:
    assert summary(FEEDS).failing == 1
    assert (summary(FEEDS).feeds, summary(FEEDS).reading) == (9, 6)
    assert emptiness(empty_world(reached=False).feeds) == "none_reached"
    assert emptiness(empty_world(reached=True).feeds) == "first_read"
    assert emptiness(FEEDS) == "nothing_yet"
    assert emptiness(()) == "no_feeds"
