"""What commands say of pages: of an item, of a feed, in an export."""

import asyncio
import csv
import io
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner, Result

from ceasewire.pages import PageOutcome, counts_in_words, page_words
from ceasewire.polling import PageState, Seen
from embedded.cli.app import build
from embedded.store import open_store
from embedded.store.feed_rows import FeedRows
from tests.store.making import NOON, Clock, make_state, make_tagged, put_all


def call(folder: Path, *words: str) -> Result:
    environ = {"CEASEWIRE_CONFIG": str(folder / "config"), "CEASEWIRE_DATA": str(folder / "data"), "COLUMNS": "200"}
    return CliRunner().invoke(build(), words, env=environ)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with an item whose page was read, and one whose page is no HTML."""

    async def fill() -> None:
        store = open_store(tmp_path / "data" / "ceasewire.db", Clock())
        read, refused = (
            make_tagged(1, "Talks open", "Page of it", extent="page"),
            make_tagged(2, "Talks end", "Summary"),
        )
        await put_all(store, [read, refused])
        entries = {
            str(number): Seen(
                item=one.item.id,
                rev=1,
                fingerprint="f",
                first_seen=NOON,
                last_seen=NOON,
                page=PageState(outcome=outcome.value),
            )
            for number, (one, outcome) in enumerate([(read, PageOutcome.READ), (refused, PageOutcome.NOT_HTML)])
        }
        state = make_state(entries=entries, pages={"read": 1, "not_html": 1}, last_poll=NOON, health="ok")
        await store.write(lambda connection: FeedRows().put(connection, state))
        store.close()

    asyncio.run(fill())
    config = tmp_path / "config"
    config.mkdir()
    (config / "feeds.yml").write_text(
        "feeds:\n- {id: morning_wire, url: 'https://wire.example/rss', outlet: Morning Wire}\n"
    )
    return tmp_path


def test_search_says_it_of_every_item(folder: Path) -> None:
    said = call(folder, "search", "talks").stdout
    assert said.count("  summary only") == said.count("  page") == 1
    lines = [msgspec.json.decode(line) for line in call(folder, "search", "talks", "--json").stdout.splitlines()]
    assert sorted(line["tagged"]["item"]["extent"] for line in lines) == ["page", "summary"]


def test_why_says_what_became_of_the_page(folder: Path) -> None:
    assert "text: page; the page: read" in call(folder, "why", "https://wire.example/1").stdout
    assert "text: summary only; the page: it is no web page" in call(folder, "why", "https://wire.example/2").stdout


def test_export_says_it_in_both_forms(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(call(folder, "export", "--format", "csv").stdout)))
    assert sorted(row["extent"] for row in rows) == ["page", "summary"]
    lines = [msgspec.json.decode(line) for line in call(folder, "export").stdout.splitlines()]
    assert sorted(line["item"]["extent"] for line in lines) == ["page", "summary"]


def test_feeds_are_listed_with_their_pages(folder: Path) -> None:
    assert "1 read, 1 not_html" in call(folder, "feeds", "list").stdout


def test_counts_in_words_begin_with_what_was_read() -> None:
    assert counts_in_words({"robots": 9, "wanted": 2, "read": 1}) == "1 read, 2 wanted, 9 robots"
    assert counts_in_words({}) == ""


def test_a_page_that_is_wanted_still_says_what_the_last_try_came_to() -> None:
    item = make_tagged(1).item
    assert page_words(PageState(item=item)) == "still to be read"
    tried = PageState(item=item, outcome="server_error", tries=1)
    assert page_words(tried) == "still to be read; after try 1: the server has a fault of its own"
