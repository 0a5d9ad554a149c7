"""What is looked at before a document is parsed: long tags, long comments, too many entries."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from producers.documents import Document, Parsed, Reading, Unreadable
from producers.parsing_child import answer
from producers.reasons import Reason

START = datetime(2026, 3, 1, tzinfo=UTC)
PICTURE = f'<img src="data:image/png;base64,{"A" * 80_000}">'
MANY = "<img " + " ".join(f'a{number}="1"' for number in range(9_000)) + ">"


def read(body: str, limit: int = 50) -> Reading:
    return answer(Document(body=body.encode(), url="https://valley.example/f", limit=limit))


def parsed(body: str, limit: int = 50) -> Parsed:
    found = read(body, limit)
    assert isinstance(found, Parsed), found
    return found


def reasons(found: Parsed) -> list[Reason]:
    return [remark.reason for remark in found.remarks]


def rss(*items: str, head: str = "") -> str:
    return f"{head}<rss><channel><title>River</title>{''.join(items)}</channel></rss>"


def item(title: str, text: str = "", date: datetime | None = None) -> str:
    dated = f"<pubDate>{format_datetime(date)}</pubDate>" if date else ""
    return f"<item><guid>{title}</guid><title>{title}</title>{dated}<description>{text}</description></item>"


@pytest.mark.parametrize(
    "text",
    [
        f"<![CDATA[{PICTURE}<p>Talks open</p>]]>",
        f"<![CDATA[{MANY}<p>Talks open</p>]]>",
        f"<![CDATA[<!-- {'x' * 70_000} -->Talks open]]>",
        f"<![CDATA[5 <6 and so on {'x ' * 40_000}]]>",
        f"Talks open {PICTURE.replace('>', '/>')}",
    ],
    ids=["picture", "attributes", "comment", "less than", "picture in the XML itself"],
)
def test_long_tags_within_a_text_cost_nothing(text: str) -> None:
    found = parsed(rss(item("One", text), item("Two")))
    assert [entry.title for entry in found.entries] == ["One", "Two"]
    assert not found.remarks


def test_the_text_behind_a_picture_that_fills_the_limit_is_kept() -> None:
    (entry,) = parsed(rss(item("One", f"<![CDATA[{PICTURE * 4}<p>Talks open</p>]]>"))).entries
    assert entry.html.endswith("<p>Talks open</p>")


def test_an_entry_with_a_tag_that_no_parser_should_see_is_left_out() -> None:
    found = parsed(rss(item("One"), item("Two", MANY + MANY), item("Three"), item("Four", MANY), item("Five")))
    assert [entry.title for entry in found.entries] == ["One", "Three", "Five"]
    assert (found.skipped, reasons(found)) == (2, [Reason.ENTRIES_SKIPPED])
    assert found.remarks[0].detail == "2 of 5"


def test_a_tag_too_long_before_the_entries_is_refused() -> None:
    found = read(rss(MANY, item("One")))
    assert isinstance(found, Unreadable)
    assert found.reason is Reason.TAG_TOO_LONG


@pytest.mark.parametrize("size", [100, 30_000, 300_000])
def test_comments_before_the_root_may_be_long(size: int) -> None:
    head = f'<?xml version="1.0"?>\n<!-- {"a <b> " * (size // 6)} --><!-- <html> <rss> -->\n'
    assert [entry.title for entry in parsed(rss(item("One"), head=head)).entries] == ["One"]


@pytest.mark.parametrize(("step", "kept"), [(1, range(60, 80)), (-1, range(20)), (0, range(20))])
def test_of_too_many_entries_the_newest_are_kept(step: int, kept: range) -> None:
    items = [item(f"Line {n}", date=START + timedelta(hours=n * step) if step else None) for n in range(80)]
    found = parsed(rss(*items), limit=20)
    assert [entry.title for entry in found.entries] == [f"Line {n}" for n in kept]
    assert reasons(found) == [Reason.TOO_MANY_ENTRIES]
    assert found.title == "River"


@pytest.mark.parametrize(("step", "kept"), [(1, range(60, 80)), (-1, range(20))])
def test_of_too_many_items_of_a_json_feed_the_newest_are_kept(step: int, kept: range) -> None:
    dates = [(START + timedelta(hours=n * step)).isoformat() for n in range(80)]
    items = ",".join(f'{{"id":"{n}","title":"x","date_published":"{date}"}}' for n, date in enumerate(dates))
    found = parsed(f'{{"version":"https://jsonfeed.org/version/1","title":"River","items":[{items}]}}', limit=20)
    assert [entry.guid for entry in found.entries] == [str(n) for n in kept]


@pytest.mark.parametrize("body", ["Secret words of a letter to the editor", "<note>Secret words</note>"])
def test_no_part_of_a_body_is_told(body: str) -> None:
    found = read(body)
    assert isinstance(found, Unreadable)
    assert (found.reason, found.detail) == (Reason.NOT_A_FEED, "")
