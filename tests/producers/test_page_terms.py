"""Under which terms pages are asked for: what robots.txt says, and where links must not lead."""

import asyncio

import pytest

from tests.fakes.feed_server import Answer, serving
from tests.fakes.pages import list_entries, serve_page, told
from tests.producers.conftest import Bench
from tests.producers.paging import SUMMARY, TITLE, outcomes, polled


class TestRobots:
    """What a site's robots.txt forbids is not asked for."""

    async def test_a_forbidden_page_is_never_asked_for(self, reading: Bench) -> None:
        serve_page(reading.server, "/page", *told("the ceasefire"))
        reading.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /page\n")
        await polled(reading)
        assert outcomes(reading) == {"robots": 1}
        assert reading.server.times("/page") == 0

    async def test_rules_for_us_go_before_those_for_all(self, reading: Bench) -> None:
        serve_page(reading.server, "/page", *told("the ceasefire"))
        reading.server.routes["/robots.txt"] = Answer(
            b"User-agent: ceasewire\nAllow: /\n\nUser-agent: *\nDisallow: /\n"
        )
        await polled(reading)
        assert outcomes(reading) == {"read": 1}

    async def test_a_site_is_asked_once_a_day(self, reading: Bench) -> None:
        entries = []
        for number in range(3):
            page = serve_page(reading.server, f"/{number}", *told("the ceasefire"))
            entries.append((f"{TITLE} {number}", SUMMARY, page))
        reading.add("post", list_entries(reading.server, "/rss", *entries))
        await reading.check("post")
        await reading.poller.read_pages()
        assert outcomes(reading) == {"read": 3}
        assert reading.server.times("/robots.txt") == 1
        reading.later(hours=25)
        await polled(reading, "/0", title="Ceasefire again")
        assert reading.server.times("/robots.txt") == 2

    async def test_where_it_cannot_be_read_now_nothing_is_asked_for_now(self, reading: Bench) -> None:
        serve_page(reading.server, "/page", *told("the ceasefire"))
        reading.server.routes["/robots.txt"] = Answer(b"no", status=503)
        await polled(reading)
        assert outcomes(reading) == {"wanted": 1}
        assert reading.server.times("/page") == 0
        reading.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow:\n")
        reading.later(minutes=11)
        await reading.poller.read_pages()
        assert outcomes(reading) == {"read": 1}

    async def test_a_very_long_one_allows_nothing(self, reading: Bench) -> None:
        serve_page(reading.server, "/page", *told("the ceasefire"))
        reading.server.routes["/robots.txt"] = Answer(b"Allow: /x\n" * 60_000)
        await polled(reading)
        assert outcomes(reading) == {"robots": 1}

    async def test_each_redirect_is_held_against_it(self, reading: Bench) -> None:
        serve_page(reading.server, "/members/page", *told("the ceasefire"))
        reading.server.routes["/page"] = Answer(status=302, headers={"Location": "/members/page"})
        reading.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /members/\n")
        await polled(reading)
        assert outcomes(reading) == {"robots": 1}
        assert (reading.server.times("/page"), reading.server.times("/members/page")) == (1, 0)

    async def test_a_pause_that_it_asks_for_is_kept(self, reading: Bench) -> None:
        reading.server.routes["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1\n")
        entries = [(f"{TITLE} {n}", SUMMARY, serve_page(reading.server, f"/{n}", *told("it"))) for n in range(3)]
        reading.add("post", list_entries(reading.server, "/rss", *entries))
        await reading.check("post")
        began = asyncio.get_running_loop().time()
        await reading.poller.read_pages()
        assert outcomes(reading) == {"read": 3}
        assert asyncio.get_running_loop().time() - began >= 2


class TestGuard:
    """A link is a stranger's: it leads to no private place but the feed's own server."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"])
    async def test_a_link_to_another_private_server_is_refused(self, reading: Bench, host: str) -> None:
        async with serving() as other:
            serve_page(other, "/page", *told("the ceasefire"))
            reading.add("post", list_entries(reading.server, "/rss", (TITLE, SUMMARY, other.url("/page", host))))
            await reading.check("post")
            await reading.poller.read_pages()
            assert not other.asked
            assert set(outcomes(reading)) & {"private_address", "bad_address"}

    async def test_a_redirect_to_another_private_server_is_refused(self, reading: Bench) -> None:
        async with serving() as other:
            serve_page(other, "/page", *told("the ceasefire"))
            reading.server.routes["/page"] = Answer(status=301, headers={"Location": other.url("/page")})
            await polled(reading)
            assert not other.asked
            assert outcomes(reading) == {"private_address": 1}

    async def test_headers_of_the_feed_go_to_its_own_server_only(self, reading: Bench) -> None:
        serve_page(reading.server, "/page", *told("the ceasefire"))
        await polled(reading, headers={"X-Key": "valley"})
        asked = {asked.path: asked.headers.get("x-key") for asked in reading.server.asked}
        assert asked["/page"] == "valley"
