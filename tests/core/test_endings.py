"""Case forms of names by ending rules."""

import pytest

from ceasewire.text.endings import case_forms


@pytest.mark.parametrize(
    ("word", "language", "forms"),
    [
        ("Зеленський", "uk", "Зеленського Зеленському Зеленським"),
        ("Сибіга", "uk", "Сибіги Сибізі Сибігу Сибігою"),
        ("Умєров", "uk", "Умєрова Умєрову Умєровим"),
        ("Київ", "uk", "Києва Києву Києвом Києві"),
        ("Харків", "uk", "Харкова Харкову Харковом Харкові"),
        ("Росія", "uk", "Росії Росію Росією"),
        ("Кремль", "uk", "Кремля Кремлю Кремлем Кремлі"),
        ("Порошенко", "uk", "Порошенка Порошенку Порошенком"),
        ("Запоріжжя", "uk", "Запоріжжю Запоріжжям Запоріжжі"),
        ("Уиткофф", "ru", "Уиткоффа Уиткоффу Уиткоффом Уиткоффе"),
        ("Лавров", "ru", "Лаврова Лаврову Лавровым Лаврове"),
        ("Россия", "ru", "России Россию Россией"),
        ("Москва", "ru", "Москвы Москве Москву Москвой"),
        ("российский", "ru", "российская российской российских российскими"),
        ("Захарова", "uk", "Захарової Захаровій Захарову Захаровою"),
        ("Zełenski", "pl", "Zełenskiego Zełenskiemu Zełenskim"),
        ("Zacharowa", "pl", "Zacharowej Zacharową"),
        ("Poroszenko", "pl", "Poroszenki Poroszence Poroszenkę Poroszenką"),
        ("Rosja", "pl", "Rosji Rosję Rosją"),
        ("Putin", "de", "Putins"),
    ],
)
def test_forms(word: str, language: str, forms: str) -> None:
    found = case_forms(word, language)
    assert found[0] == word
    assert set(forms.split()) <= set(found)


@pytest.mark.parametrize(
    ("word", "language"),
    [("США", "ru"), ("НАТО", "uk"), ("Рютте", "ru"), ("Orbán", "xx"), ("Мерц", "en"), ("Лі", "uk")],
)
def test_what_does_not_change(word: str, language: str) -> None:
    assert case_forms(word, language) == (word,)


def test_a_name_is_no_form_of_a_verb() -> None:
    assert "умер" not in [form.lower() for form in case_forms("Умеров", "ru")]
