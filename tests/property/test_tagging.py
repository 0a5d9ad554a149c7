"""Whatever the text: folding can be undone, and spans stay within their field."""

import unicodedata
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from ceasewire.engine import Engine
from ceasewire.text.folding import fold
from ceasewire.text.noise import find_noise
from ceasewire.text.sentences import lede_end, sentences
from ceasewire.text.stemming import tokens
from tests.core.tagging_samples import make_engine, make_item

_WORDS = [
    "Kyiv",
    "ceasefire",
    "US",
    "Путін",
    "перемир’я",
    "Zelensky’s",
    "a",
    "1",
    "İ",
    "Σ",
    "ё",
    "é",
    "-",
    "‑",
    ".",
    "...",
]
_ODD = ["\u0301", "\u200b", "\u00ad", "\u00a0", "\n", "\ud55c", "\u1112\u1161", "\U0001f600", "“", "\x00", "\u0958"]
SIGNS = st.sampled_from([*_WORDS, *_ODD, " ", " "])
TEXTS = st.one_of(st.lists(SIGNS, max_size=40).map("".join), st.text(max_size=200))


@cache
def engine() -> Engine:
    return make_engine()


@given(TEXTS.filter(lambda text: not any(unicodedata.combining(sign) for sign in unicodedata.normalize("NFD", text))))
def test_folding_again_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


@given(TEXTS, st.data())
def test_a_folded_stretch_cites_what_it_came_from(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.cased)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    first, last = folded.origin(start, end)
    assert 0 <= first <= last <= len(text)
    if start < end:
        assert first < last
        assert folded.text[start:end].strip() in fold(text[first:last]).text


@given(TEXTS)
def test_sentences_are_in_order_and_leave_out_only_blanks(text: str) -> None:
    spans = sentences(text)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()
    assert 0 <= lede_end(text) <= len(text)
    assert sentences(text, 2) == spans[:2]


@given(TEXTS, TEXTS)
def test_noise_and_tokens_stay_within_the_text(title: str, text: str) -> None:
    assert all(0 <= start < end <= len(text) for start, end in find_noise(title, text).spans)
    assert all(0 <= start < end <= len(text) for _, start, end in tokens(text))


@settings(deadline=None, max_examples=150)
@given(TEXTS, TEXTS)
def test_mentions_stay_within_their_field(title: str, text: str) -> None:
    tagged = engine().tagger.tag(make_item(title, text))
    fields = {"title": title, "text": text}
    for mention in tagged.mentions:
        assert 0 <= mention.start < mention.end <= len(fields[mention.field])
        assert fields[mention.field][mention.start : mention.end].strip()
    assert set(tagged.actors) == {one.id for one in tagged.mentions if one.kind == "actor"}
    assert set(tagged.issues) == {one.id for one in tagged.mentions if one.kind == "issue"}
