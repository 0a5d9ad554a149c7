"""In ru, uk and pl the words for telling are those for handing over: only the place of the word tells them apart."""

import pytest

from ceasewire.engine import Engine
from ceasewire.text.attribution import told
from tests.core.tagging_samples import make_engine, make_item


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("по порту ударили ракетами, передает агентство", ["передает"]),
        ("как передают из бюро, мост цел", ["передают"]),
        ("по місту вдарили, передає кореспондентка", ["передає"]),
        ("nadlatują rakiety - przekazał mer, a straż przekazała wodę", ["przekazał"]),
        ("союзники, передает украине ракеты", []),
        ("литва, как и эстония, передает всу ракеты", []),
        ("данія, яка має літаки, передає зсу", []),
        ("polska, jak mówiono, przekazuje mig-29", []),
        ("по порту ударили, передает телеканал", ["передает"]),
        ("литва передает ракеты", []),
        ("litwa przekazała rakiety", []),
        ("nothing of the kind", []),
    ],
)
def test_who_told_it(text: str, words: list[str]) -> None:
    assert [text[start:end] for start, end in told(text)] == words


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("uk", "Росія атакувала Одесу ракетами, передає агентство.", False),
        ("uk", "Литва передає Україні ракети для захисту Одеси.", True),
        ("ru", "По Харькову ударили ракетами, передает агентство.", False),
        ("ru", "Литва передает Украине ракеты для обороны Харькова.", True),
        ("pl", "Na Kijów spadły rakiety - przekazał mer.", False),
        ("pl", "Litwa przekazała Ukrainie rakiety do obrony Kijowa.", True),
    ],
)
def test_no_aid_is_told(engine: Engine, language: str, text: str, found: bool) -> None:
    assert ("military_aid" in engine.tagger.tag_as(make_item(text), language).issues) is found
