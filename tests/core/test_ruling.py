"""Rules over one item, and what a hit shows."""

import pytest

from ceasewire.config.rules import Rule
from ceasewire.items import RuleHit, Tagged
from tests.core.tagging_samples import make_engine, make_item

TEXT = "Delegations met in Bern. The ceasefire holds, Ukraine says. Grain ships sailed. Harvest was good. A storm came."


def tag(query: str, title: str, text: str = "", source: str = "sample") -> Tagged:
    rule = Rule(id="asked", name="Asked", query=query)
    return make_engine([rule]).tagger.tag(make_item(title, text, source))


def hit(query: str, title: str, text: str = "", source: str = "sample") -> RuleHit | None:
    return next(iter(tag(query, title, text, source).rules), None)


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("ceasefire", True),
        ("Delegation", True),
        ("ceasefires", True),
        ("cease*", True),
        ("fire", False),
        ('"ceasefire holds"', True),
        ('"holds ceasefire"', False),
        ("storm", True),
        ("storm in:lede", False),
        ("(ceasefire in:lede) storm", True),
        ("title:bern", True),
        ("title:ceasefire", False),
        ("ceasefire -storm", False),
        ("ceasefire NOT flood", True),
        ("flood OR storm", True),
        ("issue:ceasefire", True),
        ("issue:ceasefire in:lede", True),
        ("issue:ceasefire in:title", False),
        ("actor:ukraine conflict:ukraine_russia", True),
        ("actor:russia ceasefire", False),
        ("lang:en ceasefire", True),
        ("lang:de ceasefire", False),
        ("source:sample ceasefire", True),
        ("source:other ceasefire", False),
        ("relevance:main ceasefire", True),
        ("relevance:none ceasefire", False),
        ("ceasefire -mark:opinion", True),
        ("ceasefire mark:opinion", False),
        ("ceasefire extent:summary", True),
        ("ceasefire extent:page", False),
    ],
)
def test_queries(query: str, met: bool) -> None:
    assert (hit(query, "News from Bern", TEXT) is not None) is met


@pytest.mark.parametrize(
    ("query", "met"),
    [("mark:opinion", True), ("ceasefire -mark:opinion", False), ("mark:live_blog OR mark:opinion", True)],
)
def test_marks(query: str, met: bool) -> None:
    assert (hit(f"({query}) ceasefire", "Opinion: the ceasefire holds") is not None) is met


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("переговори", "Учасники переговорів поїхали до міста"),
        ("пленный", "Список пленных передали родным вчера"),
        ("перемир'я", "Без перемир’я не обійтися, кажуть мешканці"),
        ("rozmowa", "Po rozmowach delegacje wróciły do hoteli"),
    ],
)
def test_words_in_any_case_form(query: str, title: str) -> None:
    assert hit(query, title) is not None


def test_a_hit_shows_the_first_sentence_that_fired() -> None:
    found = hit("ceasefire ukraine", "News from Bern", TEXT)
    assert found is not None
    assert TEXT[found.sentence.start : found.sentence.end] == "The ceasefire holds, Ukraine says."
    assert [TEXT[word.start : word.end] for word in found.words] == ["ceasefire", "Ukraine"]


def test_the_title_is_one_sentence() -> None:
    title = "Truce? No. Ceasefire in Ukraine? Perhaps."
    found = hit("issue:ceasefire", title, TEXT)
    assert found is not None
    assert (found.sentence.field, found.sentence.start, found.sentence.end) == ("title", 0, len(title))


def test_a_rule_without_words_shows_the_title() -> None:
    found = hit("source:sample lang:en relevance:none", "The bakers of the town met on Monday")
    assert found is not None
    assert (found.sentence.field, found.words) == ("title", ())
