"""What a page's first bytes say, whatever a stranger puts there, and names that a proxy must not be asked for."""

import pytest

from producers.pages.documents import RobotsDocument
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


def test_a_byte_order_mark_is_no_part_of_a_robots_file() -> None:
    rules = "User-agent: *\nDisallow: /\n"
    for body in (rules.encode(), rules.encode("utf-8-sig"), rules.encode("utf-16")):
        assert RobotsDocument(body=body, url="https://post.example/a", agent="Ceasewire").text == rules
