"""The feeds of a site, found over real sockets."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ceasewire.config.settings import PollingSettings
from producers.connection import SystemNames
from producers.discovery import Discovered, discover
from producers.parse import Parsers
from producers.reasons import WORDS, Reason
from tests.fakes.feed_server import Answer, FeedServer, rss

PAGE = """<!doctype html><html><head><title>Valley</title>
<link rel="alternate" type="application/rss+xml" title="News" href="/news.xml">
<link rel='alternate' type='application/atom+xml' href='comments.atom'>
<link rel="alternate" hreflang="uk" href="/uk/"><link rel="stylesheet" href="/style.css">
</head><body><a href="/about">About</a><a href="javascript:alert(1)/feed">x</a></body></html>"""


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    made = Parsers(1)
    yield made
    await made.close()


async def find(url: str, parsers: Parsers) -> Discovered:
    names = SystemNames()
    settings = PollingSettings(timeout=timedelta(seconds=5), allow_private=("127.0.0.1/32",))
    try:
        return await discover(url, settings, names, parsers)
    finally:
        names.close()


async def test_a_feed_is_found_at_its_own_address(server: FeedServer, parsers: Parsers) -> None:
    url = server.feed("/f", "Talks open")
    (candidate,) = (await find(url, parsers)).candidates
    assert (candidate.url, candidate.feed.title) == (url, "Wire of the valley")
    assert [entry.title for entry in candidate.feed.entries] == ["Talks open"]


async def test_the_feeds_that_a_page_names_are_found(server: FeedServer, parsers: Parsers) -> None:
    server.routes["/en/"] = Answer(PAGE.encode(), headers={"Content-Type": "text/html"})
    news, comments = server.feed("/news.xml", "Talks open"), server.feed("/en/comments.atom", "First")
    found = await find(server.url("/en/"), parsers)
    assert [candidate.url for candidate in found.candidates] == [news, comments]
    assert server.times("/feed") == 0


async def test_links_in_the_text_and_usual_places_are_tried(server: FeedServer, parsers: Parsers) -> None:
    server.routes["/"] = Answer(b"<html><body><a href='/blog/feed/'>RSS</a></body></html>")
    blog = server.feed("/blog/feed/", "Talks open")
    assert [one.url for one in (await find(server.url("/"), parsers)).candidates] == [blog]
    server.routes["/bare"] = Answer(b"<html><body>Nothing here.</body></html>")
    usual = server.feed("/rss.xml", "Talks open")
    assert [one.url for one in (await find(server.url("/bare"), parsers)).candidates] == [usual]


async def test_what_is_not_found_is_said_in_words(server: FeedServer, parsers: Parsers) -> None:
    server.routes["/"] = Answer(b"<html><body>Nothing here.</body></html>")
    found = await find(server.url("/"), parsers)
    assert found.candidates == ()
    assert "no feed is named" in found.problem
    missing = await find(server.url("/missing"), parsers)
    assert missing.problem.startswith(WORDS[Reason.NOT_FOUND])
    assert "only addresses" in (await find("ftp://valley.example/", parsers)).problem
    inner = await find("http://10.0.0.1/", parsers)
    assert inner.problem.startswith(WORDS[Reason.PRIVATE_ADDRESS])


async def test_a_page_of_a_thousand_links_costs_a_few_requests(server: FeedServer, parsers: Parsers) -> None:
    links = "".join(f'<link rel=alternate type="application/rss+xml" href="/{n}.xml">' for n in range(1000))
    server.routes["/"] = Answer(f"<html><head>{links}".encode())
    server.routes["/0.xml"] = Answer(rss("Talks open"))
    found = await find(server.url("/"), parsers)
    assert len(found.candidates) == 1
    assert len(server.asked) <= 14
