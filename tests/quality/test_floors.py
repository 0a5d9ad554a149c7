"""The tags on the project's own labelled texts are as right as they have been."""

from collections import Counter

import pytest

from benchmarks.labels import read_sheets
from benchmarks.quality import FORMS, PROJECT, read_floors, show_threads, under
from benchmarks.scores import Scores, score
from ceasewire import bundled
from ceasewire.engine import Engine, build_engine


@pytest.fixture(scope="module")
def engine() -> Engine:
    return build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), ())


def test_floors_hold_on_full_text(engine: Engine) -> None:
    scores = score(engine, read_sheets(), short=False)
    assert under(scores, read_floors()["full"]) == [], "run: python -m benchmarks.quality --own --each"


def test_threads_hold_their_floors() -> None:
    assert show_threads() == []


def test_labels_name_only_what_the_packs_know(engine: Engine) -> None:
    issues, actors = set(engine.names.known_issues()), set(engine.names.known_actors())
    for sheet in read_sheets():
        for label in sheet.texts:
            assert label.issues | label.issues_ok <= issues, label.id
            assert label.actors | label.actors_also <= actors, label.id


def test_samples_are_many_and_half_of_them_traps() -> None:
    languages: Counter[str] = Counter()
    ids: set[str] = set()
    about = 0
    for sheet in read_sheets():
        for label in sheet.texts:
            assert label.id not in ids
            ids.add(label.id)
            languages[sheet.language] += 1
            about += label.about is True
    assert languages["en"] >= 60
    assert languages["uk"] >= 15
    assert languages["ru"] >= 15
    assert {"de", "fr", "es", "pl"} <= languages.keys()
    assert sum(languages.values()) >= 120
    assert about <= len(ids) / 2


def test_a_figure_under_its_floor_is_told() -> None:
    scores = Scores()
    scores.answer("one", "about", "en", said=True, wanted=True)
    scores.answer("two", "about", "en", said=False, wanted=True)
    assert under(scores, {"about, recall": {"en": 0.5, "all": 0.4}}) == []
    assert under(scores, {"about, recall": {"en": 0.6}}) == ["about, recall, en: 0.500 under 0.6"]
    assert under(scores, {"about, recall": {"uk": 0.1}}) == ["about, recall, uk: nothing to score under 0.1"]
    assert [miss.split() for miss in scores.misses] == [["two", "about", "-", "about"]]


def test_make_has_the_target_and_both_forms_have_floors() -> None:
    assert "benchmarks.quality" in (PROJECT / "Makefile").read_text(encoding="utf-8")
    floors = read_floors()
    for form in FORMS:
        assert "issues, recall" in floors[form]
