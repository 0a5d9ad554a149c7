"""Dates and numbers of a text: what they are taken for, and where they stand."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from ceasewire.engine import Engine
from ceasewire.tagging.figures import MOST, find_figures
from tests.core.tagging_samples import make_engine, make_item

DAY = date(2026, 5, 20)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "on 15 May in Geneva", {"2026-05-15": "15 May"}),
        ("en", "on May 15th, 2025, in Geneva", {"2025-05-15": "May 15th, 2025"}),
        ("en", "by December 30", {"2025-12-30": "December 30"}),
        ("en", "since May 2026", {"2026-05": "May 2026"}),
        ("en", "from June 1-3", {"2026-06-01": "June 1", "2026-06-03": "3"}),
        ("en", "signed 2026-05-15 at noon", {"2026-05-15": "2026-05-15"}),
        ("en", "the 28-point plan", {"28": "28"}),
        ("en", "314 prisoners, $50,000 each", {"314": "314", "50000 USD": "$50,000"}),
        ("en", "€3.5bn or 20 per cent", {"3500000000 EUR": "€3.5bn", "20 %": "20 per cent"}),
        ("en", "USD 40 million, 12.5% of it", {"40000000 USD": "USD 40 million", "12.5 %": "12.5%"}),
        ("uk", "15 травня 2026 року", {"2026-05-15": "15 травня 2026"}),
        ("uk", "у травні 2026 року звільнено 1 200 осіб", {"2026-05": "травні 2026", "1200": "1 200"}),
        ("uk", "1,5 млрд доларів і 20 відсотків", {"1500000000 USD": "1,5 млрд доларів", "20 %": "20 відсотків"}),
        ("ru", "15 мая обменяли 303 человека", {"2026-05-15": "15 мая", "303": "303"}),
        ("ru", "50 тыс. рублей, 12.05.2026", {"50000 RUB": "50 тыс. рублей", "2026-05-12": "12.05.2026"}),
        ("de", "am 15. Mai 2026", {"2026-05-15": "15. Mai 2026"}),
        ("de", "1.200 Soldaten, 2,5 Mrd. Euro", {"1200": "1.200", "2500000000 EUR": "2,5 Mrd. Euro"}),
        (
            "fr",
            "le 1er mai, 90 milliards d'euros",
            {"2026-05-01": "1er mai", "90000000000 EUR": "90 milliards d'euros"},
        ),
        ("fr", "20 % des 3 000 soldats", {"20 %": "20 %", "3000": "3 000"}),
        ("es", "el 15 de mayo de 2026", {"2026-05-15": "15 de mayo de 2026"}),
        ("es", "2 mil millones de dólares", {"2000000000 USD": "2 mil millones de dólares"}),
        ("pl", "15 maja, 50 tys. złotych", {"2026-05-15": "15 maja", "50000 PLN": "50 tys. złotych"}),
        ("ru", "до 15-го мая", {"2026-05-15": "15-го мая"}),
        ("uk", "з 15 до 20 травня", {"2026-05-15": "15", "2026-05-20": "20 травня"}),
        ("en", "on 3 and 4 May", {"2026-05-03": "3", "2026-05-04": "4 May"}),
        ("de", "am 3. und 4. Mai", {"2026-05-03": "3", "2026-05-04": "4. Mai"}),
        ("es", "del 3 al 4 de mayo", {"2026-05-03": "3", "2026-05-04": "4 de mayo"}),
        ("en", "300m euros, a bridge of 300m", {"300000000 EUR": "300m euros"}),
        ("und", "on 15 травня", {"2026-05-15": "15 травня"}),
        # neither date nor number
        ("en", "F-16 jets, the G7, T72 tanks, a 5G mast, the 20th day, COVID-19", {}),
        ("en", "at 10:30 in 2022, as in the 1990s, version 3.4.1, 007", {}),
        ("de", "um 10.30 Uhr", {}),
        ("uk", "24-го числа, Су-34", {}),
        # what looks like a date and is none
        ("en", "of 15 may be freed, 20 march on", {"15": "15", "20": "20"}),
        ("en", "in May 15 people died", {"15": "15"}),
        ("en", "the 31 April deal", {"31": "31"}),
        ("en", "by 30 February 2026", {"30": "30", "2026-02": "February 2026"}),
        ("en", "at 05/06/2026", {}),
        ("fr", "le 05/06/2026", {"2026-06-05": "05/06/2026"}),
        ("ru", "15 маяков", {"15": "15"}),
        ("en", "1,5000 and 1234567890123456", {"1.5": "1,5000"}),
    ],
)
def test_what_is_found(language: str, text: str, expected: dict[str, str]) -> None:
    found = list(find_figures(text, language, DAY))
    assert {one.id: text[one.start : one.end] for one in found if one.id in expected} == expected
    assert len(found) == len(expected)


def test_without_a_date_of_the_item_no_year_is_made_up() -> None:
    (found,) = find_figures("on 15 May", "en", None)
    assert (found.kind, found.id) == ("date", "05-15")


@pytest.mark.parametrize(("published", "id"), [(date(2026, 1, 3), "2025-12-30"), (date(2025, 12, 1), "2025-12-30")])
def test_the_year_is_the_nearest_one(published: date, id: str) -> None:
    assert [one.id for one in find_figures("on 30 December", "en", published)] == [id]


def test_a_leap_day_belongs_to_a_leap_year() -> None:
    assert [one.id for one in find_figures("on 29 February", "en", date(2025, 3, 1))] == ["2024-02-29"]
    assert [one.id for one in find_figures("on 29 February", "en", date(2026, 3, 1))] == ["02-29"]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine()


def test_an_item_holds_them_beside_its_mentions(engine: Engine) -> None:
    item = make_item(
        "Ukraine and Russia swap 314 prisoners", "The exchange took place on 15 May, both armies said.\n5 min read"
    )
    tagged = engine.tag(msgspec.structs.replace(item, published=datetime(2026, 5, 16, tzinfo=UTC)))
    assert [(one.kind, one.id, one.field) for one in tagged.figures] == [
        ("number", "314", "title"),
        ("date", "2026-05-15", "text"),
    ]
    assert {one.kind for one in tagged.mentions} <= {"issue", "actor", "place", "document"}
    when = tagged.figures[1]
    assert item.text[when.start : when.end] == "15 May"


def test_what_tells_of_no_issue_has_none(engine: Engine) -> None:
    assert engine.tag(make_item("Lists", "On 15 May 314 men came.")).figures == ()


def test_they_are_bounded(engine: Engine) -> None:
    text = " ".join(f"{n} men on {1 + n % 28} May" for n in range(100, 400))
    figures = engine.tag(make_item("Prisoner exchange between Ukraine and Russia", text)).figures
    assert [sum(one.kind == kind for one in figures) for kind in ("date", "number")] == [MOST, MOST]
