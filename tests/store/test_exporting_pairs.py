"""Pairs in a file: one row for each sentence, counted by week."""

import csv
import io
import json
from pathlib import Path

import pytest

from ceasewire.query import Has
from ceasewire.views import Ask
from embedded.exporting import Form
from embedded.exporting_pairs import COLUMNS, export_pairs
from embedded.search import SqlitePairs
from embedded.store.gathered import put_members, put_stories
from tests.contract.stock import member, story
from tests.contract.test_pairs import STOCK, named
from tests.store.making import make_store, put_all

Rows = list[dict[str, str]]


async def exported(folder: Path, ask: Ask, form: Form) -> bytes:
    """The stock, its first two items in one story."""
    store = make_store(folder)
    await put_all(store, [*STOCK.tagged, named(8, '=Norland offers,\na truce, "at last"', ago=60)])
    one = story(1, 1, 2)
    await store.write(lambda connection: put_stories(connection, [one]))
    await store.write(lambda connection: put_members(connection, [member(each, one.id) for each in STOCK.tagged[:2]]))
    written = b"".join([line async for line in export_pairs(SqlitePairs(store), ask, form)])
    store.close()
    return written


async def test_each_row_is_a_sentence_with_the_counts_of_its_week(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (await exported(tmp_path, Ask(), "jsonl")).splitlines()]
    assert [
        (one["week"], one["actor"], one["issue"], one["stories"], one["items"], one["item"][-1]) for one in rows
    ] == [
        ("2026-03-09", "norland", "truce", 2, 2, "6"),
        ("2026-03-09", "norland", "truce", 2, 2, "5"),
        ("2026-03-02", "norland", "truce", 1, 2, "2"),
        ("2026-03-02", "norland", "truce", 1, 2, "1"),
        ("2026-03-02", "sudmark", "grain", 1, 2, "2"),
        ("2026-03-02", "sudmark", "grain", 1, 2, "1"),
        ("2026-03-02", "sudmark", "truce", 1, 1, "2"),
        ("2026-03-02", "sudmark", "truce", 1, 1, "2"),
        ("2026-01-26", "norland", "truce", 1, 1, "7"),
        ("2026-01-05", "norland", "truce", 1, 1, "8"),
    ]
    texts = {one.item.id: one.item for one in STOCK.tagged}
    for row in rows[:-1]:
        item = texts[row["item"]]
        assert row["sentence"] == (item.title if row["field"] == "title" else item.text)[row["start"] : row["end"]]
    assert [row["sentence"] for row in rows[6:8]] == [
        "Norland offers a truce, Sudmark says",
        "A truce would bring grain to Sudmark.",
    ]


async def test_csv_holds_the_same_and_nothing_that_a_spreadsheet_runs(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in (await exported(tmp_path / "a", Ask(), "jsonl")).splitlines()]
    table: Rows = list(csv.DictReader(io.StringIO((await exported(tmp_path / "b", Ask(), "csv")).decode(), newline="")))
    assert tuple(table[0]) == COLUMNS
    assert [row | {"sentence": "", "title": ""} for row in table] == [
        {name: str(value) for name, value in line.items()} | {"sentence": "", "title": ""} for line in lines
    ]
    assert table[-1]["sentence"] == "'" + lines[-1]["sentence"]


@pytest.mark.parametrize("page", [1, 2, 500])
async def test_pages_make_no_difference(tmp_path: Path, page: int) -> None:
    rows = (await exported(tmp_path, Ask(limit=0), "jsonl")).splitlines()
    store = make_store(tmp_path)
    again = [line async for line in export_pairs(SqlitePairs(store), Ask(), "jsonl", page)]
    assert [line.strip() for line in again] == rows
    store.close()


async def test_a_query_and_a_limit_narrow(tmp_path: Path) -> None:
    one = await exported(tmp_path / "a", Ask(node=Has("lang", "uk")), "jsonl")
    assert [json.loads(line)["language"] for line in one.splitlines()] == ["uk"]
    two = await exported(tmp_path / "b", Ask(limit=3), "jsonl")
    assert {json.loads(line)["item"][-1] for line in two.splitlines()} == {"6", "5", "2"}
    assert await exported(tmp_path / "c", Ask(node=Has("lang", "fr")), "jsonl") == b""
