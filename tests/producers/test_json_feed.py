"""JSON Feed as publishers really write it: odd homes, raw line ends, long numbers, an item that is no JSON."""

import json
from typing import Any

import pytest

from producers.documents import Parsed
from producers.json_feed import read_json
from producers.reasons import Reason

URL = "https://valley.example/news/feed.json"
VERSION = '"version": "https://jsonfeed.org/version/1.1", "title": "Valley"'


def read(text: str, whole: bool = True) -> Parsed:
    found = read_json(text, URL, 50, whole)
    assert isinstance(found, Parsed), found
    return found


def reasons(found: Parsed) -> list[Reason]:
    return [remark.reason for remark in found.remarks]


def feed(*items: str) -> str:
    return f'{{{VERSION}, "items": [{", ".join(items)}]}}'


def titled(number: int, **more: Any) -> str:
    return json.dumps({"id": str(number), "title": f"Round {number}", "url": f"round/{number}", **more})


@pytest.mark.parametrize(
    "home", ["http://[bad/", "javascript:alert(1)", "data:text/html,x", "mailto:desk@valley.example", "", "//["]
)
def test_a_home_that_is_no_web_address_costs_neither_the_feed_nor_its_links(home: str) -> None:
    found = read(feed(titled(1)).replace('"title": "Valley"', f'"title": "Valley", "home_page_url": "{home}"'))
    assert [entry.url for entry in found.entries] == ["https://valley.example/news/round/1"]


@pytest.mark.parametrize("sign", ["\n", "\t", "\x01", "\r\n"])
def test_raw_controls_in_a_text_are_read(sign: str) -> None:
    found = read(feed(titled(1), f'{{"id": "2", "content_text": "Talks{sign}open"}}'))
    assert [entry.guid for entry in found.entries] == ["1", "2"]
    assert found.entries[1].html.split("\ufffd")[0].split() == (["Talks"] if sign == "\x01" else ["Talks", "open"])
    assert not found.remarks


def test_a_number_without_end_is_an_id_like_another() -> None:
    found = read(feed(f'{{"id": {"7" * 5_000}, "title": "Long"}}', titled(2)))
    assert [entry.guid for entry in found.entries] == ["7" * 5_000, "2"]


def test_an_item_that_is_no_json_is_passed_over() -> None:
    bad = '{"id": "2", "title": Round 2, "authors": [{"name": "A"}, {"name": "B", "url": "/b"}], "tags": []}'
    found = read(feed(titled(1), bad, titled(3), titled(4, attachments=[{"url": "/a"}, {"url": "/b"}])))
    assert [entry.guid for entry in found.entries] == ["1", "3", "4"]
    assert (found.skipped, reasons(found)) == (1, [Reason.ENTRIES_SKIPPED])


def test_a_list_that_ends_in_an_item_is_truncated_not_faulty() -> None:
    text = feed(titled(1), titled(2), titled(3, attachments=[{"url": "/a"}, {"url": "/b"}, {"url": "/c"}]))
    found = read(text[: text.index("/c")])
    assert [entry.guid for entry in found.entries] == ["1", "2"]
    assert (found.skipped, reasons(found)) == (0, [Reason.TRUNCATED])


def test_a_fault_behind_the_items_costs_nothing() -> None:
    found = read(feed(titled(1), titled(2))[:-1] + ",}")
    assert (len(found.entries), found.title, reasons(found)) == (2, "Valley", [])
