"""What a page's first bytes say, whatever a stranger puts there, and names that a proxy must not be asked for."""

import pytest

from producers.pages.documents import Allowance, RobotsDocument
from producers.pages.extracting import answer
from producers.pages.reading import _is_inner, _looks_like_html


@pytest.mark.parametrize(
    ("head", "html"),
    [
        (b"<!DOCTYPE html><p>", True),
        (b"\xef\xbb\xbf \n<!-- a --> <!-- b -->\n<HTML lang=en>", True),
        (b"<head>", True),
        (b"<htmlx>", False),
        (b"plain words", False),
        (b"<!-- never closed <html>", False),
        (b"<!---->" * 580 + b"x", False),
        (b"<!---->" * 580 + b"<html>", True),
        (b"", False),
    ],
)
def test_a_page_without_a_type_is_known_by_its_head(head: bytes, html: bool) -> None:
    assert _looks_like_html(head) is html


@pytest.mark.parametrize(
    ("url", "inner"),
    [
        ("http://intranet/", True),
        ("http://wiki.corp/", True),
        ("http://metadata.google.internal/", True),
        ("https://news.example/", False),
        ("https://post.co.uk./a", False),
    ],
)
def test_names_of_own_networks_are_known(url: str, inner: bool) -> None:
    assert _is_inner(url) is inner


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_robots_file_with_a_byte_order_mark_forbids_what_it_says(mark: bytes) -> None:
    pytest.importorskip("protego")
    rules = mark + b"User-agent: *\nDisallow: /\n"
    wide = "User-agent: *\nDisallow: /\n".encode("utf-16")
    for body in (rules, wide):
        found = answer(RobotsDocument(body=body, url="https://post.example/a", agent="Ceasewire"))
        assert isinstance(found, Allowance)
        assert not found.allowed
