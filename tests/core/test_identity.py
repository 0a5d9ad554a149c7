"""Keys, ids and canonical addresses."""

from datetime import UTC, datetime

import pytest

from ceasewire.identity import alert_id, canonical_url, delivery_id, entry_key, fingerprint, item_id
from ceasewire.items import Entry


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://News.Test/a", "https://news.test/a"),
        ("http://news.test:80/a", "http://news.test/a"),
        ("https://news.test:443", "https://news.test/"),
        ("https://news.test/a#part-2", "https://news.test/a"),
        ("https://news.test/a/../b/./c", "https://news.test/b/c"),
        ("https://news.test/../../a/..", "https://news.test/"),
        ("https://news.test/?p=12345", "https://news.test/?p=12345"),
        ("https://news.test/index.php?12345&utm_source=rss", "https://news.test/index.php?12345"),
        ("https://news.test/a?b=2&a=1", "https://news.test/a?a=1&b=2"),
        ("https://news.test/a?utm_source=rss&utm_medium=feed&fbclid=x&CMP=share&at_format=link", "https://news.test/a"),
        ("https://news.test/новини/1", "https://news.test/%D0%BD%D0%BE%D0%B2%D0%B8%D0%BD%D0%B8/1"),
        ("  https://news.test/a\n", "https://news.test/a"),
    ],
)
def test_canonical_addresses(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical
    assert canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/a",
        "//news.test/a",
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "ftp://news.test/a",
        "mailto:a@news.test",
        "https://",
        "https://[::1/",
        "https://news.test/a b",
        "java\nscript:alert(1)",
        "https://news.test/" + "a" * 4000,
    ],
)
def test_what_is_no_web_address(url: str) -> None:
    assert canonical_url(url) is None


def test_the_guid_is_the_key_and_the_link_joins_it_where_guids_repeat() -> None:
    entry = Entry(guid=" tag:1 ", url="https://news.test/a?utm_source=x", title="T")
    assert entry_key(entry, repeats_guids=False) == "tag:1"
    other = Entry(guid="tag:1", url="https://news.test/b", title="T")
    assert entry_key(entry, repeats_guids=True) != entry_key(other, repeats_guids=True)


def test_without_a_guid_the_link_is_the_key_and_a_move_to_https_changes_nothing() -> None:
    keys = {
        entry_key(Entry(url=url, title=title), repeats_guids=False)
        for url, title in (
            ("http://news.test/a?utm_source=x", "One"),
            ("https://news.test/a#top", "Two"),
            ("https://news.test/a", ""),
        )
    }
    assert len(keys) == 1


def test_without_guid_and_link_the_text_is_the_key() -> None:
    one = entry_key(Entry(guid=" ", title="One", html="text"), repeats_guids=False)
    assert one == entry_key(Entry(title="One ", html=" TEXT"), repeats_guids=False)
    assert one != entry_key(Entry(title="One", html="other"), repeats_guids=False)
    assert one == entry_key(Entry(title="One", html="text", url="javascript:alert(1)"), repeats_guids=False)


def test_a_very_long_guid_makes_a_short_key() -> None:
    assert len(entry_key(Entry(guid="g" * 100_000), repeats_guids=False)) < 100


def test_ids_are_fixed_for_ever() -> None:
    """These values stand in stores and at receivers: a change here breaks every installation."""
    assert item_id("kyiv_post", "tag:1") == "i_la4dw32sa5azogdcvmf4uj6l4z"
    assert alert_id("ceasefire", "i_a", "first") == "a_shr3dne55yk4w3spagzqwj4dmv"
    assert delivery_id("a_a", "team") == "msg_puhm4rkr2acycvklhfpinofun7"
    assert fingerprint("Title", "Text") == "hnkaoxhhvvesek2kfoe77jaicb"


def test_parts_of_a_hash_do_not_run_into_each_other() -> None:
    assert item_id("ab", "c") != item_id("a", "bc")
    assert fingerprint("ab", "c") != fingerprint("a", "bc")


def test_a_fingerprint_sees_words_not_their_dress() -> None:
    base = fingerprint("The Title", "Some text")
    assert base == fingerprint(" the  title ", "some\n\ntext")
    assert base == fingerprint("The Title", "Some text", None)
    assert fingerprint("Caf\u00e9", "") == fingerprint("Cafe\u0301", "")
    assert base != fingerprint("The Title", "Some texts")
    assert base != fingerprint("The Title", "Some text", datetime(2026, 1, 1, tzinfo=UTC))


def test_half_surrogates_do_not_stop_a_hash() -> None:
    assert fingerprint("a\ud800", "") == fingerprint("a\ud801", "")
    assert entry_key(Entry(guid="a\ud800"), repeats_guids=False)
    assert item_id("a", "a\ud800").startswith("i_")
