"""Language of items, or und."""

import pytest

from ceasewire.text.language import UNKNOWN, LanguageReader


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader()


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("The envoys will meet again on Thursday", "en"),
        ("Посланці знову зустрінуться у четвер увечері", "uk"),
        ("Посланники снова встретятся в четверг вечером", "ru"),
        ("Пасланнікі зноў сустрэнуцца ў чацвер увечары", "be"),
        ("Die Gesandten treffen sich am Donnerstag wieder", "de"),
        ("Les émissaires se retrouveront jeudi soir", "fr"),
        ("Los enviados volverán a reunirse el jueves", "es"),
        ("Wysłannicy spotkają się ponownie w czwartek", "pl"),
        ("Elçiler perşembe günü yeniden bir araya gelecek", "tr"),
    ],
)
def test_headlines(reader: LanguageReader, title: str, language: str) -> None:
    assert reader.read(title, "") == language


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("Лавров обсудил сроки саммита", "ru"),
        ("Президент согласовал план мира", "ru"),
        ("Зеленски и Тръмп ще се срещнат във Вашингтон", "bg"),
        ("Владата го усвои буџетот", "mk"),
        ("Путин прогласио примирје за празник", "sr"),
    ],
)
def test_neighbours_of_russian(reader: LanguageReader, title: str, language: str) -> None:
    assert reader.read(title, "") == language


def test_a_short_title_near_to_two_languages_is_left_to_the_feed(reader: LanguageReader) -> None:
    assert reader.read("Москва отвергла план Трампа", "") == UNKNOWN
    assert reader.read("Москва отвергла план Трампа", "", prior="ru") == "ru"
    assert reader.read("Москва отвергла план Трампа", "", prior="bg") == "bg"


@pytest.mark.parametrize("title", ["", "12345 !!!", "🔥🔥", "Путин", "Kyiv"])
def test_too_little_is_unknown(reader: LanguageReader, title: str) -> None:
    assert reader.read(title, "") == UNKNOWN


def test_the_feed_helps_only_where_nothing_else_does(reader: LanguageReader) -> None:
    assert reader.read("Путин", "", prior="ru") == "ru"
    assert reader.read("The envoys will meet again on Thursday", "", prior="ru") == "en"
    assert reader.read("", "", prior="ru") == UNKNOWN
    assert reader.read("Kyiv", "", prior="xx") == UNKNOWN


def test_answers_do_not_change(reader: LanguageReader) -> None:
    titles = ["NATO chief in Kyiv today", "Kremlin: no deal yet", "Talks, talks, talks in Bern"]
    first = [reader.read(title, "") for title in titles]
    assert all([reader.read(title, "") for title in titles] == first for _ in range(5))
