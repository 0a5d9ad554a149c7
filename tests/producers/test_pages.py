"""Linked pages over a real server: which are read, under which terms, and what keeps one from being read."""

import asyncio
import contextlib
import gzip
import itertools
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import structlog

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import PollingSettings
from ceasewire.items import Item
from ceasewire.pages import PageOutcome
from producers import hosts
from producers.pages.reading import page_tagger
from producers.reasons import Reason
from tests.fakes.engine import WordEngine
from tests.fakes.feed_server import Answer, FeedServer, serving
from tests.fakes.pages import HTML, list_entries, markup, serve_page, told
from tests.producers.conftest import Bench, running, until

TITLE, SUMMARY = "Ceasefire talks go on", "Envoys speak of a ceasefire."


@pytest.fixture
async def bench(server: FeedServer) -> AsyncIterator[Bench]:
    made = Bench(server)
    made.tag = WordEngine().tag
    first, made.poller = made.poller, made.another(made.intake)
    await first.close()
    yield made
    await made.poller.close()


async def polled(bench: Bench, path: str = "/page", title: str = TITLE, **feed: object) -> None:
    """Polls a feed whose one entry links to the page, and reads what is wanted."""
    bench.add("post", list_entries(bench.server, "/rss", (title, SUMMARY, bench.server.url(path))), **feed)
    await bench.check("post")
    await bench.poller.read_pages()


def newest(bench: Bench) -> Item:
    return max(bench.intake.items, key=lambda item: item.rev)


def outcomes(bench: Bench) -> dict[str, int]:
    """What became of the pages, as the feed's state counts it."""
    return bench.intake.states["post"].pages


async def test_a_page_makes_one_new_revision_with_its_text(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the ceasefire"))
    await polled(bench)
    entry, page = bench.intake.items
    assert (entry.extent, entry.text) == ("summary", SUMMARY)
    assert (page.id, page.title, page.extent) == (entry.id, entry.title, "page")
    assert page.rev > entry.rev
    assert page.fingerprint != entry.fingerprint
    assert all(sentence in page.text for sentence in told("the ceasefire"))
    assert "cookies" not in page.text
    assert outcomes(bench) == {"read": 1}
    assert bench.state("post").pages == {"read": 1}
    assert bench.metrics.registry.get_sample_value("ceasewire_pages_total", {"outcome": "read"}) == 1


async def test_a_further_poll_flips_nothing_back(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the ceasefire"))
    await polled(bench)
    for _ in range(3):
        bench.later(minutes=5)
        await bench.check("post", force=True)
        await bench.poller.read_pages()
    assert len(bench.intake.items) == 2
    assert bench.server.times("/page") == 1


async def test_an_edited_entry_comes_at_once_and_its_page_is_read_anew(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the ceasefire"))
    await polled(bench)
    bench.later(minutes=5)
    serve_page(bench.server, "/page", *told("the second round"))
    list_entries(bench.server, "/rss", ("Ceasefire agreed", SUMMARY, bench.server.url("/page")))
    await bench.check("post")
    assert (newest(bench).title, newest(bench).extent) == ("Ceasefire agreed", "summary")
    await bench.poller.read_pages()
    assert (newest(bench).title, newest(bench).extent) == ("Ceasefire agreed", "page")
    assert "second round" in newest(bench).text
    revs = [item.rev for item in bench.intake.items]
    assert revs == sorted(set(revs))
    assert len({item.id for item in bench.intake.items}) == 1


async def test_what_names_nothing_is_not_asked_for(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the harvest"))
    await polled(bench, title="Harvest begins")
    assert bench.server.times("/page") == bench.server.times("/robots.txt") == 0
    assert outcomes(bench) == {}


@pytest.mark.parametrize("off", ["feed", "settings", "extra"])
async def test_pages_can_be_switched_off(bench: Bench, off: str) -> None:
    if off == "settings":
        bench.settings = bench.settings.model_copy(update={"pages": False})
    if off == "extra":
        bench.tag = None
        await bench.poller.close()
        bench.poller = bench.another(bench.intake)
    serve_page(bench.server, "/page", *told("the ceasefire"))
    await polled(bench, page=off != "feed")
    assert bench.server.times("/page") == 0
    assert [item.extent for item in bench.intake.items] == ["summary"]


@pytest.mark.parametrize(
    ("pages", "page", "said"), [(True, True, ["pages_not_read"]), (False, True, []), (True, False, [])]
)
def test_without_the_extra_it_is_said_once_where_pages_would_be_read(pages: bool, page: bool, said: list[str]) -> None:
    feeds = [Feed(id=f"f{n}", url=f"https://post.test/{n}", outlet="Post", page=page) for n in range(2)]
    settings = PollingSettings(pages=pages)
    tag = WordEngine().tag
    with structlog.testing.capture_logs() as logs:
        assert page_tagger(tag, feeds, settings, lambda: False) is None
    assert [line["event"] for line in logs] == said
    assert page_tagger(tag, feeds, settings, lambda: True) is tag


async def test_old_and_long_entries_want_no_page(bench: Bench) -> None:
    page = serve_page(bench.server, "/page", *told("the ceasefire"))
    old = list_entries(bench.server, "/old", (TITLE, SUMMARY, page), at=bench.moment - timedelta(hours=49))
    long = list_entries(bench.server, "/long", (TITLE, "A ceasefire holds. " * 100, page))
    bench.add("old", old)
    bench.add("long", long)
    await bench.check("old")
    await bench.check("long")
    await bench.poller.read_pages()
    assert len(bench.intake.items) == 2
    assert bench.server.times("/page") == 0


async def test_a_page_that_was_wanted_before_a_crash_is_read_after_it(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the ceasefire"))
    bench.add("post", list_entries(bench.server, "/rss", (TITLE, SUMMARY, bench.server.url("/page"))), interval="1 h")
    await bench.check("post")
    await bench.poller.close()
    assert outcomes(bench) == {"wanted": 1}
    bench.poller = bench.another(bench.intake)
    async with running(bench):
        await until(lambda: outcomes(bench) == {"read": 1})
    assert bench.server.times("/rss") == 1


async def test_a_page_that_the_store_refuses_stays_wanted(bench: Bench) -> None:
    serve_page(bench.server, "/page", *told("the ceasefire"))
    bench.add("post", list_entries(bench.server, "/rss", (TITLE, SUMMARY, bench.server.url("/page"))))
    await bench.check("post")
    bench.intake.refuses = "the disk is full"
    await bench.poller.read_pages()
    assert outcomes(bench) == {"wanted": 1}
    assert len(bench.intake.items) == 1


LONG = "".join(f"<p>{line}</p>" for line in told("the ceasefire"))
SCRIPTS = b"<html><head><title>Post</title></head><body><div id=root></div><script>start()</script></body></html>"
PAYWALL = '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
BOMB = gzip.compress(b"<html>" + b"<p>ceasefire</p>" * 1_000_000)
CASES = {
    "not_html": Answer(b"%PDF-1.7", headers={"Content-Type": "application/pdf"}),
    "script_only": Answer(SCRIPTS, headers=HTML),
    "stub": Answer(markup(TITLE, SUMMARY), headers=HTML),
    "paywall": Answer(markup(TITLE, *told("the ceasefire"), head=PAYWALL), headers=HTML),
    "too_large": Answer(chunks=itertools.repeat(b"<p>ceasefire</p>" * 4000), headers=HTML),
    "not_found": Answer(b"no", status=404),
    "gone": Answer(b"no", status=410),
    "forbidden": Answer(b"no", status=403),
    "login_wanted": Answer(b"no", status=401),
    "redirect_loop": Answer(status=302, headers={"Location": "/page"}),
    "bad_redirect": Answer(status=302, headers={"Location": "ftp://post.example/"}),
}


@pytest.mark.parametrize("outcome", list(CASES))
async def test_what_cannot_be_had_is_a_named_reason_and_not_tried_again(bench: Bench, outcome: str) -> None:
    bench.server.routes["/page"] = CASES[outcome]
    await polled(bench)
    assert outcomes(bench) == {outcome: 1}
    assert [item.extent for item in bench.intake.items] == ["summary"]
    asked = bench.server.times("/page")
    bench.later(hours=1)
    await bench.check("post", force=True)
    await bench.poller.read_pages()
    assert bench.server.times("/page") == asked


async def test_a_bomb_is_never_unpacked(bench: Bench) -> None:
    bench.server.routes["/page"] = Answer(BOMB, headers={**HTML, "Content-Encoding": "gzip"})
    await polled(bench)
    assert outcomes(bench) == {"too_large": 1}


async def test_a_page_in_another_charset_is_read(bench: Bench) -> None:
    text = markup("Перемир'я", *(f"Переговори про перемир'я тривають {n} день поспіль." for n in range(9)))
    bench.server.routes["/page"] = Answer(
        text.decode().encode("windows-1251"), headers={"Content-Type": "text/html; charset=windows-1251"}
    )
    await polled(bench)
    assert "Переговори про перемир'я тривають 3 день" in newest(bench).text


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fault_that_may_pass_is_tried_three_times_minutes_apart(bench: Bench, status: int) -> None:
    bench.server.routes["/page"] = Answer(b"no", status=status)
    await polled(bench)
    assert outcomes(bench) == {"wanted": 1}
    for minutes, times, counted in (
        (1, 1, "wanted"),
        (2, 2, "wanted"),
        (11, 3, "server_error"),
        (60, 3, "server_error"),
    ):
        bench.later(minutes=minutes)
        await bench.poller.read_pages()
        assert bench.server.times("/page") == times
        assert outcomes(bench) == {counted: 1}


async def test_a_fault_that_passed_costs_nothing(bench: Bench) -> None:
    bench.server.routes["/page"] = Answer(b"no", status=502)
    await polled(bench)
    serve_page(bench.server, "/page", *told("the ceasefire"))
    bench.later(minutes=3)
    await bench.poller.read_pages()
    assert outcomes(bench) == {"read": 1}


async def test_a_server_that_asks_us_to_wait_is_waited_for(bench: Bench) -> None:
    bench.server.routes["/page"] = Answer(b"no", status=429, headers={"Retry-After": "3600"})
    await polled(bench)
    bench.later(minutes=30)
    await bench.poller.read_pages()
    assert bench.server.times("/page") == 1
    serve_page(bench.server, "/page", *told("the ceasefire"))
    bench.later(minutes=31)
    await bench.poller.read_pages()
    assert outcomes(bench) == {"read": 1}


async def test_what_waited_for_two_days_is_given_up(bench: Bench) -> None:
    bench.server.routes["/page"] = Answer(b"no", status=502)
    await polled(bench)
    bench.later(hours=49)
    await bench.poller.read_pages()
    assert outcomes(bench) == {"too_old": 1}
    assert bench.server.times("/page") == 1


class TestRobots:
    """What a site's robots.txt forbids is not asked for."""

    async def test_a_forbidden_page_is_never_asked_for(self, bench: Bench) -> None:
        serve_page(bench.server, "/page", *told("the ceasefire"))
        bench.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /page\n")
        await polled(bench)
        assert outcomes(bench) == {"robots": 1}
        assert bench.server.times("/page") == 0

    async def test_rules_for_us_go_before_those_for_all(self, bench: Bench) -> None:
        serve_page(bench.server, "/page", *told("the ceasefire"))
        bench.server.routes["/robots.txt"] = Answer(b"User-agent: ceasewire\nAllow: /\n\nUser-agent: *\nDisallow: /\n")
        await polled(bench)
        assert outcomes(bench) == {"read": 1}

    async def test_a_site_is_asked_once_a_day(self, bench: Bench) -> None:
        entries = []
        for number in range(3):
            page = serve_page(bench.server, f"/{number}", *told("the ceasefire"))
            entries.append((f"{TITLE} {number}", SUMMARY, page))
        bench.add("post", list_entries(bench.server, "/rss", *entries))
        await bench.check("post")
        await bench.poller.read_pages()
        assert outcomes(bench) == {"read": 3}
        assert bench.server.times("/robots.txt") == 1
        bench.later(hours=25)
        await polled(bench, "/0", title="Ceasefire again")
        assert bench.server.times("/robots.txt") == 2

    async def test_where_it_cannot_be_read_now_nothing_is_asked_for_now(self, bench: Bench) -> None:
        serve_page(bench.server, "/page", *told("the ceasefire"))
        bench.server.routes["/robots.txt"] = Answer(b"no", status=503)
        await polled(bench)
        assert outcomes(bench) == {"wanted": 1}
        assert bench.server.times("/page") == 0
        bench.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow:\n")
        bench.later(minutes=11)
        await bench.poller.read_pages()
        assert outcomes(bench) == {"read": 1}

    async def test_a_very_long_one_allows_nothing(self, bench: Bench) -> None:
        serve_page(bench.server, "/page", *told("the ceasefire"))
        bench.server.routes["/robots.txt"] = Answer(b"Allow: /x\n" * 60_000)
        await polled(bench)
        assert outcomes(bench) == {"robots": 1}

    async def test_each_redirect_is_held_against_it(self, bench: Bench) -> None:
        serve_page(bench.server, "/members/page", *told("the ceasefire"))
        bench.server.routes["/page"] = Answer(status=302, headers={"Location": "/members/page"})
        bench.server.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /members/\n")
        await polled(bench)
        assert outcomes(bench) == {"robots": 1}
        assert (bench.server.times("/page"), bench.server.times("/members/page")) == (1, 0)

    async def test_a_pause_that_it_asks_for_is_kept(self, bench: Bench) -> None:
        bench.server.routes["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 1\n")
        entries = [(f"{TITLE} {n}", SUMMARY, serve_page(bench.server, f"/{n}", *told("it"))) for n in range(3)]
        bench.add("post", list_entries(bench.server, "/rss", *entries))
        await bench.check("post")
        began = asyncio.get_running_loop().time()
        await bench.poller.read_pages()
        assert outcomes(bench) == {"read": 3}
        assert asyncio.get_running_loop().time() - began >= 2


class TestGuard:
    """A link is a stranger's: it leads to no private place but the feed's own server."""

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"])
    async def test_a_link_to_another_private_server_is_refused(self, bench: Bench, host: str) -> None:
        async with serving() as other:
            serve_page(other, "/page", *told("the ceasefire"))
            bench.add("post", list_entries(bench.server, "/rss", (TITLE, SUMMARY, other.url("/page", host))))
            await bench.check("post")
            await bench.poller.read_pages()
            assert not other.asked
            assert set(outcomes(bench)) & {"private_address", "bad_address"}

    async def test_a_redirect_to_another_private_server_is_refused(self, bench: Bench) -> None:
        async with serving() as other:
            serve_page(other, "/page", *told("the ceasefire"))
            bench.server.routes["/page"] = Answer(status=301, headers={"Location": other.url("/page")})
            await polled(bench)
            assert not other.asked
            assert outcomes(bench) == {"private_address": 1}

    async def test_headers_of_the_feed_go_to_its_own_server_only(self, bench: Bench) -> None:
        serve_page(bench.server, "/page", *told("the ceasefire"))
        await polled(bench, headers={"X-Key": "valley"})
        asked = {asked.path: asked.headers.get("x-key") for asked in bench.server.asked}
        assert asked["/page"] == "valley"


async def test_a_page_that_hangs_stops_neither_its_feed_nor_other_pages(bench: Bench) -> None:
    async with serving() as other:
        bench.server.routes["/hangs"] = Answer(chunks=itertools.repeat(b" "), pause=0.05, headers=HTML)
        bench.add(
            "post", list_entries(bench.server, "/rss", (TITLE, SUMMARY, bench.server.url("/hangs"))), interval="1 s"
        )
        page = serve_page(other, "/page", *told("the ceasefire"))
        bench.add("good", list_entries(other, "/rss", (TITLE, SUMMARY, page)), interval="1 h")
        async with running(bench):
            await until(lambda: bench.server.times("/hangs") == 1)
            await until(lambda: bench.intake.states["good"].pages == {"read": 1})
            polls = bench.server.times("/rss")
            bench.later(seconds=2)
            began = asyncio.get_running_loop().time()
            await until(lambda: bench.server.times("/rss") > polls)
            assert asyncio.get_running_loop().time() - began < hosts.PATIENCE + 1.5
            await until(lambda: bench.server.open == 0)
        assert bench.intake.states["post"].pages == {"wanted": 1}


async def test_a_site_gets_one_request_at_a_time(bench: Bench) -> None:
    entries = []
    for number in range(5):
        entries.append((f"{TITLE} {number}", SUMMARY, serve_page(bench.server, f"/{number}", *told("the ceasefire"))))
    bench.add("post", list_entries(bench.server, "/rss", *entries))
    await bench.check("post")
    await bench.poller.read_pages()
    assert outcomes(bench) == {"read": 5}
    assert bench.server.most_open == 1


async def test_only_so_many_are_read_at_once(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"pages_at_once": 2})
    async with contextlib.AsyncExitStack() as held:
        sites = [await held.enter_async_context(serving()) for _ in range(4)]
        for number, site in enumerate(sites):
            site.routes["/page"] = Answer(chunks=[LONG.encode()] * 5, pause=0.05, headers=HTML)
            bench.add(f"f{number}", list_entries(site, "/rss", (TITLE, SUMMARY, site.url("/page"))))
            await bench.check(f"f{number}")
        most = 0
        reading = asyncio.create_task(bench.poller.read_pages())
        while not reading.done():
            most = max(most, sum(site.open for site in sites))
            await asyncio.sleep(0.01)
        assert most == 2
        assert all(state.pages == {"read": 1} for state in bench.intake.states.values())


def test_each_reason_of_a_fetch_is_one_of_pages_too() -> None:
    of_documents = {
        *("empty_body", "web_page", "not_a_feed", "entity_bomb", "tag_too_long", "truncated", "too_many_entries"),
        *("entries_skipped", "wrong_charset", "unstable_ids", "repeated_ids", "possible_gap", "moved", "faulty_xml"),
        *("no_entries", "quiet", "no_file", "store_failed"),
    }
    assert {reason.value for reason in Reason} - of_documents <= {outcome.value for outcome in PageOutcome}
