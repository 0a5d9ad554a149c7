"""Venues and documents that a text names, in seven languages; a seat that speaks is no venue."""

import pytest

from ceasewire.engine import Engine
from tests.core.tagging_samples import make_engine, make_item


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


def named(engine: Engine, text: str, language: str, kind: str) -> set[str]:
    tagged = engine.tagger.tag_as(make_item(text), language)
    return {one.id for one in tagged.mentions if one.kind == kind}


@pytest.mark.parametrize(
    ("language", "text", "id"),
    [
        ("en", "Kyiv points at the Budapest Memorandum", "budapest_memorandum"),
        ("uk", "Київ згадав Будапештський меморандум", "budapest_memorandum"),
        ("de", "Ein Streit um die Minsker Vereinbarungen", "minsk_agreements"),
        ("pl", "Spór o porozumienia mińskie", "minsk_agreements"),
        ("ru", "Москва вернулась к Стамбульскому коммюнике", "istanbul_communique"),
        ("fr", "Moscou cite les accords d'Istanbul", "istanbul_communique"),
        ("en", "A pledge close to Article 5", "article_5"),
        ("es", "Garantías como el artículo 5 para Kiev", "article_5"),
        ("ru", "Гарантии по образцу пятой статьи", "article_5"),
        ("uk", "Обговорили план із 28 пунктів", "plan_28_point"),
        ("fr", "Le plan de paix en 28 points est sur la table", "plan_28_point"),
        ("de", "Ein Verstoß gegen die Charta der Vereinten Nationen", "un_charter"),
        ("es", "Viola la Carta de las Naciones Unidas", "un_charter"),
        ("pl", "Powołali się na Kartę NZ", "un_charter"),
        ("ru", "Это против Женевских конвенций", "geneva_conventions"),
        ("uk", "Суд діє за Римським статутом", "rome_statute"),
    ],
)
def test_documents(engine: Engine, language: str, text: str, id: str) -> None:
    assert id in named(engine, text, language, "document")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "A judge cites Article 5 of the Constitution"),
        ("de", "Ein Richter nennt Artikel 5 des Grundgesetzes"),
        ("ru", "Суд сослался на статью 5 Конституции"),
        ("en", "A memorandum was signed in Budapest"),
        ("en", "They agreed in Minsk on gas"),
        ("fr", "Un plan en 12 points"),
    ],
)
def test_what_is_no_such_document(engine: Engine, language: str, text: str) -> None:
    assert named(engine, text, language, "document") == set()


@pytest.mark.parametrize(
    ("language", "text", "id"),
    [
        ("en", "Envoys met in Geneva", "geneva"),
        ("en", "Envoys met in Riyadh", "riyadh"),
        ("uk", "Делегації зустрілися в Абу-Дабі", "abu_dhabi"),
        ("ru", "Делегации встретились в Париже", "paris"),
        ("ru", "Встреча прошла в Анкоридже", "alaska"),
        ("de", "Die Delegationen trafen sich in Wien", "vienna"),
        ("de", "Das Treffen fand in London statt", "london"),
        ("fr", "La réunion a eu lieu à Djeddah", "jeddah"),
        ("es", "La reunión fue en Estambul", "istanbul"),
        ("pl", "Delegacje spotkały się w Budapeszcie", "budapest"),
        ("pl", "Rozmawiano w Monachium", "munich"),
        ("en", "Leaders gather in Davos and at Mar-a-Lago", "miami"),
    ],
)
def test_venues(engine: Engine, language: str, text: str, id: str) -> None:
    assert id in named(engine, text, language, "place")


@pytest.mark.parametrize(
    ("text", "actor"), [("Paris rejects the plan", "france"), ("London and Berlin want guarantees", "uk")]
)
def test_a_seat_that_speaks_is_an_actor_and_no_venue(engine: Engine, text: str, actor: str) -> None:
    assert actor in named(engine, text, "en", "actor")
    assert named(engine, text, "en", "place") == set()


def test_a_town_in_the_name_of_a_document_is_no_venue(engine: Engine) -> None:
    assert named(engine, "The Geneva Conventions and the Budapest Memorandum", "en", "place") == set()
    assert named(engine, "The UN Charter", "en", "actor") == set()


@pytest.mark.parametrize(
    ("text", "actors"),
    [
        ("Kyiv-Moscow talks end without a result", {"ukraine", "russia"}),
        ("Kyiv–Moscow talks end without a result", {"ukraine", "russia"}),
        ("Ukraine-Russia talks go on", {"ukraine", "russia"}),
        ("A US-Russia summit is near", {"us", "russia"}),
        ("The Russo-Ukrainian war goes on", {"russia", "ukraine"}),
        ("A Moscow-based bank sues over the war in Ukraine", {"ukraine"}),
        ("Moscow talks end without a result for Ukraine", {"ukraine"}),
    ],
)
def test_both_of_two_names_that_a_hyphen_joins(engine: Engine, text: str, actors: set[str]) -> None:
    assert named(engine, text, "en", "actor") == actors
