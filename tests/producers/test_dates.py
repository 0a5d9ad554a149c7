"""Dates as feeds write them: read as they are meant, and never made up."""

import pytest

from producers.dates import from_text
from producers.documents import Document, Parsed
from producers.parsing_child import answer


def published(date: str) -> str | None:
    """What a feed's date is read as."""
    body = f"<rss><channel><title>x</title><item><title>One</title><pubDate>{date}</pubDate></item></channel></rss>"
    found = answer(Document(body=body.encode(), url="https://valley.example/f", limit=5))
    assert isinstance(found, Parsed)
    moment = found.entries[0].published
    return f"{moment:%Y-%m-%d %H:%M}" if moment else None


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        *(("MSK", "07"), ("EET", "08"), ("CET", "09"), ("CEST", "08"), ("EEST", "07"), ("BST", "09"), ("EST", "15")),
        *(("GMT", "10"), ("UT", "10"), ("Z", "10"), ("+0200", "08"), ("msk", "07"), ("JST", "01"), ("MESZ", "08")),
        *(("GMT+3", "07"), ("UTC+03:00", "07"), ("UTC -5", "15"), ("+0300 (MSK)", "07"), ("", "10")),
    ],
)
def test_zones(zone: str, hour: str) -> None:
    assert published(f"Sun, 01 Mar 2026 10:30:00 {zone}") == f"2026-03-01 {hour}:30"


@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("03.12.2026 10:30", "2026-12-03 10:30"),
        ("03.12.26 10:30", "2026-12-03 10:30"),
        ("20:15 03.12.2026", "2026-12-03 20:15"),
        ("13.12.2026", "2026-12-13 00:00"),
        ("2026.03.01 10:30", "2026-03-01 10:30"),
        ("2026-03-01T10:30:00.250+02:00", "2026-03-01 08:30"),
        ("2026-03-01 10:30:00 MSK", "2026-03-01 07:30"),
        ("2026-03-01T10:30:00-0000", "2026-03-01 10:30"),
        ("Mon Mar 02 10:30:00 MSK 2026", "2026-03-02 07:30"),
        ("20260301", "2026-03-01 00:00"),
        ("1772361000", "2026-03-01 10:30"),
        ("1772361000123", "2026-03-01 10:30"),
        ("Sun, 1 Mar 26 10:30 +0000", "2026-03-01 10:30"),
    ],
)
def test_spellings(date: str, read: str) -> None:
    assert published(date) == read


@pytest.mark.parametrize(
    "date",
    [
        *("21 Nov 10:30", "21 Nov", "Nov 2026", "2026", "2026-11", "12.2026", "Monday 10:30", "10:30", "today"),
        *("0000-11-21T10:30:00Z", "21 Nov 0000 10:30:00 GMT", "Mon, 21 Nov 0000 10:30:00 +0000", "21.11.0000"),
    ],
)
def test_what_is_not_all_there_is_no_date(date: str) -> None:
    assert published(date) is None
    assert from_text(date) is None
