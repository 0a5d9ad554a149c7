"""The head of an agency's text tells where it was filed; the city there does nothing."""

import pytest

from ceasewire.text.dateline import find_dateline

TOLD = " The delegations met for an hour."
HEADS = [
    "MOSCOW, May 3. /TASS/.",
    "BRUSSELS, March 14 (Reuters) -",
    "WARSAW (AFP) -",
    "KYIV, Ukraine (AP) —",
    "ISTANBUL —",
    "МОСКВА, 27 августа. /ТАСС/.",
    "СОФИЯ, 7 июн – РИА Новости.",
    "Москва. 2 декабря. INTERFAX.RU -",
    "КИЇВ. 3 березня. УНН.",
    "Berlin (dpa) -",
    "Paris (AFP) –",
    "Madrid, 3 mar (EFE).-",
    "Warszawa (PAP) -",
    "Genf (Keystone-SDA) –",
    "KIEW/MOSKAU (dpa-AFX) -",
    "LONDON, Nov. 29, 2026 (Reuters) -",
    "Київ. 29 листопада. Інтерфакс-Україна.",
    "KYIV, Ukraine —",
    "UNITED NATIONS —",
    "KUPIANSK, Ukraine —",
    "МОСКВА, 29 ноя — РИА Новости, Иван Петров.",
]
NONE = [
    "Moscow said on May 3 that it would wait.",
    "Kyiv, Moscow and Washington agreed (at last) - on nothing.",
    "Putin, 71, spoke.",
    "Geneva - a city of talks - was empty.",
    "Лавров, 3 мая прибывший в Минск, молчал.",
    "Brussels (and Paris) want a seat at the table.",
    "Friedrich Merz (CDU): Moskau muss verhandeln.",
    "Lavrov (Russia): no land will be given up.",
    "Zelensky (left) - and Trump in Paris.",
    "Лавров (Россия): мы готовы.",
    "UKRAINE – Russia launched drones.",
    "GUERRE EN UKRAINE – Kiev refuse le plan.",
    "PUTIN — a year on.",
    "President Zelensky (AFP).",
    "LAVROV, Russia's foreign minister — in Minsk for a day — said no.",
    "Geneva, May 9. Witkoff. He met Umerov.",
    "Минск, 12 февраля – Лукашенко. Он ждал гостей.",
]


@pytest.mark.parametrize("head", HEADS)
def test_a_head_is_found_to_its_end(head: str) -> None:
    assert find_dateline(head + TOLD) == (0, len(head))


@pytest.mark.parametrize("text", NONE)
def test_a_sentence_is_no_head(text: str) -> None:
    assert find_dateline(text + TOLD) is None
