"""Hashes of texts and what they have in common."""

import pytest

from ceasewire.shingles import SHORT, Overlap, overlap, shingles, text_of, title_key
from tests.fakes.stories import prose


def common(one: str, other: str) -> Overlap | None:
    a, b = text_of(shingles("", one)), text_of(shingles("", other))
    return overlap(a, b, len(set(a.hashes) & set(b.hashes)))


def test_hashes_are_the_same_on_every_machine() -> None:
    assert shingles("", "Kyiv offers Moscow a truce") == (1779085700986847941, 17287021656797188596)


def test_case_punctuation_and_spelling_of_signs_do_not_matter() -> None:
    assert shingles("", "Kyiv – “offers” Moscow, a truce!") == shingles("", "kyiv offers moscow a TRUCE")
    assert shingles("", "Президент отвёз пакет в Киев") == shingles("", "президент отвез пакет в Киев")
    assert shingles("", "знову об\u02bcєднання двох сторін тут") == shingles("", "Знову об'єднання двох сторін тут")


def test_fewer_than_four_words_have_none() -> None:
    assert shingles("Kyiv offers truce", "") == ()
    assert overlap(text_of(()), text_of(()), 0) is None


def test_a_long_text_keeps_a_quarter_and_a_short_one_all() -> None:
    long, short = text_of(shingles("", prose("a", 400))), text_of(shingles("", prose("a", 40)))
    assert not long.short
    assert 60 < len(long.hashes) < 140
    assert all(one % 4 == 0 for one in long.hashes)
    assert short.short
    assert len(short.hashes) == 37 < SHORT


@pytest.mark.parametrize(("words", "found"), [(200, True), (80, True), (30, False)])
def test_excerpts_of_a_long_text(words: int, found: bool) -> None:
    text = prose("a", 200)
    part = " ".join(text.split()[:words])
    assert (common(text, f"{part} {prose('b', 80)}") is not None) == found


def test_a_light_edit_and_a_new_lead_are_found() -> None:
    words = prose("a", 300).split()
    words[::20] = ["other"] * len(words[::20])
    share = common(prose("a", 300), f"{prose('lead', 40)} {' '.join(words)}")
    assert share is not None
    assert share.of_larger > 0.4


@pytest.mark.parametrize(("same", "found"), [(25, True), (18, True), (13, False), (7, False)])
def test_short_texts_need_most_of_their_words(same: int, found: bool) -> None:
    text = prose("a", 25)
    other = f"{' '.join(text.split()[:same])} {prose('b', 25 - same)}".strip()
    assert (common(text, other) is not None) == found


def test_a_short_text_in_a_long_one_is_found() -> None:
    text = prose("a", 300)
    share = common(text, " ".join(text.split()[20:70]))
    assert share is not None
    assert share.of_smaller == 1.0
    assert share.of_larger < 0.4


def test_strangers_share_nothing() -> None:
    assert common(prose("a", 300), prose("b", 300)) is None


@pytest.mark.parametrize(
    ("title", "outlet", "key"),
    [
        ("Talks: what's next?", "", "talks what s next"),
        ("Talks go on - Kyiv Post", "Kyiv Post", "talks go on"),
        ("Talks go on | KYIV POST", "Kyiv Post", "talks go on"),
        ("Kyiv Post: talks go on", "Kyiv Post", "talks go on"),
        ("Kyiv Post", "Kyiv Post", "kyiv post"),
        ("", "Kyiv Post", ""),
    ],
)
def test_keys_of_headlines(title: str, outlet: str, key: str) -> None:
    assert title_key(title, outlet) == key
