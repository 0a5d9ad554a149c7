"""Items from files and to files."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ceasewire.codec import encode
from ceasewire.items import Item
from ceasewire.query import Has
from ceasewire.views import Ask
from embedded.exporting import COLUMNS, export
from embedded.importing import BadLine, read_lines
from embedded.search import SqliteSearch
from tests.store.making import NOON, make_item, make_store, make_tagged, put_all


def read(*lines: object) -> list[Item | BadLine]:
    return list(read_lines([one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines], NOON))


def test_a_simple_row_becomes_an_item_that_raises_no_alert() -> None:
    row = {
        "title": " Talks \u202ebegin ",
        "text": "Envoys\u0000 met.",
        "url": "https://wire.example/1",
        "published": "2026-03-01T12:00:00+02:00",
        "source": "Morning Wire",
        "language": "en",
    }
    (item,) = read(row)
    assert isinstance(item, Item)
    assert (item.title, item.text, item.url) == ("Talks begin", "Envoys\ufffd met.", "https://wire.example/1")
    assert item.published == item.at == datetime(2026, 3, 1, 10, tzinfo=UTC)
    assert (item.source.feed, item.source.outlet) == ("imported", "Morning Wire")
    assert (item.baseline, item.seen, item.first_seen) == (True, NOON, NOON)
    (again,) = read(row | {"text": "Envoys met again."})
    assert isinstance(again, Item)
    assert again.id == item.id
    assert again.fingerprint != item.fingerprint


def test_dates_without_a_zone_are_utc_and_no_date_is_now() -> None:
    items = read({"title": "a", "published": "2026-03-01"}, {"title": "b"}, {"title": "c", "published": "2099-01-01"})
    assert [item.at for item in items if isinstance(item, Item)] == [datetime(2026, 3, 1, tzinfo=UTC), NOON, NOON]


def test_items_and_tagged_items_come_back_as_they_were() -> None:
    item = make_item(1, "Talks begin", "Envoys met.")
    tagged = make_tagged(2, "Rain", issues=["talks"])
    found = read(encode(item), b"\n", encode(tagged))
    assert [(one.id, one.title, one.baseline) for one in found if isinstance(one, Item)] == [
        (item.id, "Talks begin", True),
        (tagged.item.id, "Rain", True),
    ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[1]", "an object is wanted"),
        ({"text": "no title key"}, "title"),
        ({"title": "  "}, "a title or a text"),
        ({"title": "a", "headline": "b"}, "headline"),
        ({"title": "a", "url": "javascript:alert(1)"}, "not an http or https address"),
        ({"title": "a", "published": "yesterday"}, "published"),
        ({"title": "a", "text": "x" * 1_000_001}, "longer than"),
        (encode(make_item(1)).replace(b'"rev":1', b'"rev":1,"v":9'), "newer"),
        (encode(make_item(1)).replace(b"Z", b""), "zone"),
        (encode(make_item(1, rev=10**19)), "rev"),
        (encode(make_item(1, rev=9 * 10**18)), "rev"),
        (encode(make_item(1, rev=int(NOON.timestamp() * 1000) + 1)), "rev"),
        (encode(make_tagged(1, rev=-1)), "rev"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_are_read(line: object, words: str) -> None:
    found = read({"title": "before"}, line, {"title": "after"})
    (bad,) = [one for one in found if isinstance(one, BadLine)]
    assert bad.line == 2
    assert words in bad.reason
    assert len(found) == 3


def test_a_rev_of_now_is_taken() -> None:
    (item,) = read(encode(make_item(1, rev=int(NOON.timestamp() * 1000))))
    assert isinstance(item, Item)


async def test_an_export_can_be_imported_again(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    stock = [make_tagged(n, f"Talks {n}", issues=["talks"], relevance="main") for n in range(1200)]
    await put_all(store, stock)
    search = SqliteSearch(store)
    lines = [line async for line in export(search, Ask(limit=0), "jsonl")]
    assert lines == [encode(one) + b"\n" for one in reversed(stock)]
    back = [one for one in read_lines(lines, NOON) if isinstance(one, Item)]
    assert [one.id for one in back] == [one.item.id for one in reversed(stock)]
    assert len([line async for line in export(search, Ask(limit=700), "jsonl")]) == 700
    assert [line async for line in export(search, Ask(node=Has("issue", "none"), limit=0), "jsonl")] == []
    store.close()


async def test_a_table_holds_no_formula(tmp_path: Path) -> None:
    store = make_store(tmp_path)
    await put_all(
        store,
        [
            make_tagged(
                1,
                '=HYPERLINK("http://bad.example")',
                'Two\nlines, "quoted"',
                at=NOON - timedelta(days=1),
                marks=("opinion", "interview"),
            )
        ],
    )
    text = b"".join([line async for line in export(SqliteSearch(store), Ask(limit=0), "csv")]).decode()
    header, row = csv.reader(io.StringIO(text))
    assert tuple(header) == COLUMNS
    cells = dict(zip(header, row, strict=True))
    assert cells["title"] == '\'=HYPERLINK("http://bad.example")'
    assert cells["text"] == 'Two\nlines, "quoted"'
    assert cells["marks"] == "opinion interview"
    assert cells["published"] == "2026-03-09T12:00:00+00:00"
    store.close()
