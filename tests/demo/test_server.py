"""The sample server: valid documents in each form, 304, 500, entries that appear and change as the day moves on."""

import xml.etree.ElementTree as Xml
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import pytest

from embedded.demo.sample import read_day
from embedded.demo.server import FeedServer

_NOW = datetime(2025, 3, 4, 9, 0, tzinfo=UTC)
_ATOM = "{http://www.w3.org/2005/Atom}"
_RSS1 = "{http://purl.org/rss/1.0/}"


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    clock = iter(_NOW + timedelta(minutes=number) for number in range(99))
    served = FeedServer(read_day(), lambda: next(clock))
    await served.start()
    yield served
    await served.stop()


async def _get(url: str, **headers: str) -> tuple[int, bytes, str]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.read(), response.headers.get("ETag", "")


def _play(server: FeedServer) -> None:
    while server.step < read_day().steps - 1:
        server.show()


async def test_all_documents_are_well_formed(server: FeedServer) -> None:
    _play(server)
    for feed in read_day().feeds:
        status, body, _ = await _get(server.url(feed.feed))
        if feed.fails_before > server.step:
            assert status == 500
            continue
        assert status == 200
        if feed.form == "json":
            async with aiohttp.ClientSession() as session, session.get(server.url(feed.feed)) as response:
                document = await response.json(content_type="application/feed+json")
            assert document["version"] == "https://jsonfeed.org/version/1.1"
            assert len(document["items"]) == len(feed.entries)
            continue
        root = Xml.fromstring(body)
        path = {"rss": "channel/item", "atom": f"{_ATOM}entry", "rdf": f"{_RSS1}item"}[feed.form]
        titles = [
            item.findtext("title") or item.findtext(f"{_ATOM}title") or item.findtext(f"{_RSS1}title")
            for item in root.findall(path)
        ]
        last = [entry.at(server.step) for entry in feed.entries]
        assert titles == [entry.title for entry in reversed(last) if entry]


async def test_entries_appear_and_are_dated_by_their_step(server: FeedServer) -> None:
    server.show()
    before = Xml.fromstring((await _get(server.url("north_wire")))[1]).findall("channel/item")
    assert len(before) == 2
    server.show()
    after = Xml.fromstring((await _get(server.url("north_wire")))[1]).findall("channel/item")
    assert len(after) == 3
    dated = [parsedate_to_datetime(item.findtext("pubDate") or "") for item in after]
    assert dated[0] == _NOW + timedelta(minutes=1 - 3)
    assert dated[2] == _NOW - timedelta(minutes=190)


async def test_unchanged_document_answers_304(server: FeedServer) -> None:
    server.show()
    _, _, tag = await _get(server.url("lake_institute"))
    status, body, _ = await _get(server.url("lake_institute"), **{"If-None-Match": tag})
    assert (status, body) == (304, b"")
    assert server.answers["lake_institute", 304] == 1
    _, _, changing = await _get(server.url("north_wire"))
    server.show()
    status, _, _ = await _get(server.url("north_wire"), **{"If-None-Match": changing})
    assert status == 200


async def test_a_feed_fails_and_recovers(server: FeedServer) -> None:
    for _ in range(6):
        server.show()
    assert (await _get(server.url("pine_gazette")))[0] == 500
    server.show()
    assert (await _get(server.url("pine_gazette")))[0] == 200
    assert (await _get(server.url("gable_radio")))[0] == 500


async def test_bytes_are_in_the_encoding_of_the_feed_and_the_header_claims_another(server: FeedServer) -> None:
    server.show()
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.url("stepnoy_listok")) as response,
    ):
        assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
        assert "В Берне готовят зал" in (await response.read()).decode("windows-1251")


async def test_links_lead_to_a_page_that_says_it_is_a_sample(server: FeedServer) -> None:
    server.show()
    root = Xml.fromstring((await _get(server.url("courrier_du_canal")))[1])
    link = root.find(f"{_ATOM}entry/{_ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith("/read/")
    status, page, _ = await _get(server.home("courrier_du_canal") + link.attrib["href"])
    assert status == 200
    assert "does not exist" in page.decode()
    assert (await _get(server.home("courrier_du_canal") + "/read/courrier_du_canal/extension"))[0] == 404


async def test_wait_read_returns_when_all_feeds_were_asked_for(server: FeedServer) -> None:
    step = server.show()
    for feed in read_day().feeds:
        await _get(server.url(feed.feed))
    await server.wait_read(step)
