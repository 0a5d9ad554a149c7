"""Linked pages over a real server: which are read, when, and what keeps one from being read."""

import asyncio
import contextlib
import gzip
import itertools
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
from tests.fakes.feed_server import Answer, serving
from tests.fakes.pages import HTML, list_entries, markup, serve_page, told
from tests.producers.conftest import Bench, running, until
from tests.producers.paging import SUMMARY, TITLE, outcomes, polled


def newest(reading: Bench) -> Item:
    return max(reading.intake.items, key=lambda item: item.rev)


async def test_a_page_makes_one_new_revision_with_its_text(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the ceasefire"))
    await polled(reading)
    entry, page = reading.intake.items
    assert (entry.extent, entry.text) == ("summary", SUMMARY)
    assert (page.id, page.title, page.extent) == (entry.id, entry.title, "page")
    assert page.rev > entry.rev
    assert page.fingerprint != entry.fingerprint
    assert all(sentence in page.text for sentence in told("the ceasefire"))
    assert "cookies" not in page.text
    assert outcomes(reading) == {"read": 1}
    assert reading.state("post").pages == {"read": 1}
    assert reading.metrics.registry.get_sample_value("ceasewire_pages_total", {"outcome": "read"}) == 1


async def test_a_further_poll_flips_nothing_back(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the ceasefire"))
    await polled(reading)
    for _ in range(3):
        reading.later(minutes=5)
        await reading.check("post", force=True)
        await reading.poller.read_pages()
    assert len(reading.intake.items) == 2
    assert reading.server.times("/page") == 1


async def test_an_edited_entry_comes_at_once_and_its_page_is_read_anew(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the ceasefire"))
    await polled(reading)
    reading.later(minutes=5)
    serve_page(reading.server, "/page", *told("the second round"))
    list_entries(reading.server, "/rss", ("Ceasefire agreed", SUMMARY, reading.server.url("/page")))
    await reading.check("post")
    assert (newest(reading).title, newest(reading).extent) == ("Ceasefire agreed", "summary")
    await reading.poller.read_pages()
    assert (newest(reading).title, newest(reading).extent) == ("Ceasefire agreed", "page")
    assert "second round" in newest(reading).text
    revs = [item.rev for item in reading.intake.items]
    assert revs == sorted(set(revs))
    assert len({item.id for item in reading.intake.items}) == 1


async def test_what_names_nothing_is_not_asked_for(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the harvest"))
    await polled(reading, title="Harvest begins")
    assert reading.server.times("/page") == reading.server.times("/robots.txt") == 0
    assert outcomes(reading) == {}


@pytest.mark.parametrize("off", ["feed", "settings", "extra"])
async def test_pages_can_be_switched_off(reading: Bench, off: str) -> None:
    if off == "settings":
        reading.settings = reading.settings.model_copy(update={"pages": False})
    if off == "extra":
        reading.tag = None
        await reading.poller.close()
        reading.poller = reading.another(reading.intake)
    serve_page(reading.server, "/page", *told("the ceasefire"))
    await polled(reading, page=off != "feed")
    assert reading.server.times("/page") == 0
    assert [item.extent for item in reading.intake.items] == ["summary"]


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


async def test_old_and_long_entries_want_no_page(reading: Bench) -> None:
    page = serve_page(reading.server, "/page", *told("the ceasefire"))
    old = list_entries(reading.server, "/old", (TITLE, SUMMARY, page), at=reading.moment - timedelta(hours=49))
    long = list_entries(reading.server, "/long", (TITLE, "A ceasefire holds. " * 100, page))
    reading.add("old", old)
    reading.add("long", long)
    await reading.check("old")
    await reading.check("long")
    await reading.poller.read_pages()
    assert len(reading.intake.items) == 2
    assert reading.server.times("/page") == 0


async def test_a_page_that_was_wanted_before_a_crash_is_read_after_it(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the ceasefire"))
    reading.add(
        "post", list_entries(reading.server, "/rss", (TITLE, SUMMARY, reading.server.url("/page"))), interval="1 h"
    )
    await reading.check("post")
    await reading.poller.close()
    assert outcomes(reading) == {"wanted": 1}
    reading.poller = reading.another(reading.intake)
    async with running(reading):
        await until(lambda: outcomes(reading) == {"read": 1})
    assert reading.server.times("/rss") == 1


async def test_a_page_that_the_store_refuses_stays_wanted(reading: Bench) -> None:
    serve_page(reading.server, "/page", *told("the ceasefire"))
    reading.add("post", list_entries(reading.server, "/rss", (TITLE, SUMMARY, reading.server.url("/page"))))
    await reading.check("post")
    reading.intake.refuses = "the disk is full"
    await reading.poller.read_pages()
    assert outcomes(reading) == {"wanted": 1}
    assert len(reading.intake.items) == 1


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
async def test_what_cannot_be_had_is_a_named_reason_and_not_tried_again(reading: Bench, outcome: str) -> None:
    reading.server.routes["/page"] = CASES[outcome]
    await polled(reading)
    assert outcomes(reading) == {outcome: 1}
    assert [item.extent for item in reading.intake.items] == ["summary"]
    asked = reading.server.times("/page")
    reading.later(hours=1)
    await reading.check("post", force=True)
    await reading.poller.read_pages()
    assert reading.server.times("/page") == asked


async def test_a_bomb_is_never_unpacked(reading: Bench) -> None:
    reading.server.routes["/page"] = Answer(BOMB, headers={**HTML, "Content-Encoding": "gzip"})
    await polled(reading)
    assert outcomes(reading) == {"too_large": 1}


async def test_a_page_in_another_charset_is_read(reading: Bench) -> None:
    text = markup(
        "Перемир'я", *(f"Переговори про перемир'я тривають {n} день поспіль: envoys speak." for n in range(9))
    )
    reading.server.routes["/page"] = Answer(
        text.decode().encode("windows-1251"), headers={"Content-Type": "text/html; charset=windows-1251"}
    )
    await polled(reading)
    assert "Переговори про перемир'я тривають 3 день" in newest(reading).text


@pytest.mark.parametrize("status", [500, 503])
async def test_a_fault_that_may_pass_is_tried_three_times_minutes_apart(reading: Bench, status: int) -> None:
    reading.server.routes["/page"] = Answer(b"no", status=status)
    await polled(reading)
    assert outcomes(reading) == {"wanted": 1}
    for minutes, times, counted in (
        (1, 1, "wanted"),
        (2, 2, "wanted"),
        (11, 3, "server_error"),
        (60, 3, "server_error"),
    ):
        reading.later(minutes=minutes)
        await reading.poller.read_pages()
        assert reading.server.times("/page") == times
        assert outcomes(reading) == {counted: 1}


async def test_a_fault_that_passed_costs_nothing(reading: Bench) -> None:
    reading.server.routes["/page"] = Answer(b"no", status=502)
    await polled(reading)
    serve_page(reading.server, "/page", *told("the ceasefire"))
    reading.later(minutes=3)
    await reading.poller.read_pages()
    assert outcomes(reading) == {"read": 1}


async def test_a_server_that_asks_us_to_wait_is_waited_for(reading: Bench) -> None:
    reading.server.routes["/page"] = Answer(b"no", status=429, headers={"Retry-After": "3600"})
    await polled(reading)
    reading.later(minutes=30)
    await reading.poller.read_pages()
    assert reading.server.times("/page") == 1
    serve_page(reading.server, "/page", *told("the ceasefire"))
    reading.later(minutes=31)
    await reading.poller.read_pages()
    assert outcomes(reading) == {"read": 1}


async def test_what_waited_for_two_days_is_given_up(reading: Bench) -> None:
    reading.server.routes["/page"] = Answer(b"no", status=502)
    await polled(reading)
    reading.later(hours=49)
    await reading.poller.read_pages()
    assert outcomes(reading) == {"too_old": 1}
    assert reading.server.times("/page") == 1


async def test_a_page_that_hangs_stops_neither_its_feed_nor_other_pages(reading: Bench) -> None:
    async with serving() as other:
        reading.server.routes["/hangs"] = Answer(chunks=itertools.repeat(b" "), pause=0.05, headers=HTML)
        reading.add(
            "post", list_entries(reading.server, "/rss", (TITLE, SUMMARY, reading.server.url("/hangs"))), interval="1 s"
        )
        page = serve_page(other, "/page", *told("the ceasefire"))
        reading.add("good", list_entries(other, "/rss", (TITLE, SUMMARY, page)), interval="1 h")
        async with running(reading):
            await until(lambda: reading.server.times("/hangs") == 1)
            await until(lambda: "good" in reading.intake.states and reading.intake.states["good"].pages == {"read": 1})
            polls = reading.server.times("/rss")
            reading.later(seconds=2)
            began = asyncio.get_running_loop().time()
            await until(lambda: reading.server.times("/rss") > polls)
            assert asyncio.get_running_loop().time() - began < hosts.PATIENCE + 2.5
            await until(lambda: reading.server.open == 0)
        assert reading.intake.states["post"].pages == {"wanted": 1}


async def test_a_site_gets_one_request_at_a_time(reading: Bench) -> None:
    entries = []
    for number in range(5):
        entries.append((f"{TITLE} {number}", SUMMARY, serve_page(reading.server, f"/{number}", *told("the ceasefire"))))
    reading.add("post", list_entries(reading.server, "/rss", *entries))
    await reading.check("post")
    await reading.poller.read_pages()
    assert outcomes(reading) == {"read": 5}
    assert reading.server.most_open == 1


async def test_only_so_many_are_read_at_once(reading: Bench) -> None:
    reading.settings = reading.settings.model_copy(update={"pages_at_once": 2})
    async with contextlib.AsyncExitStack() as held:
        sites = [await held.enter_async_context(serving()) for _ in range(4)]
        for number, site in enumerate(sites):
            site.routes["/page"] = Answer(chunks=[LONG.encode()] * 5, pause=0.05, headers=HTML)
            reading.add(f"f{number}", list_entries(site, "/rss", (TITLE, SUMMARY, site.url("/page"))))
            await reading.check(f"f{number}")
        most = 0
        task = asyncio.create_task(reading.poller.read_pages())
        while not task.done():
            most = max(most, sum(site.open for site in sites))
            await asyncio.sleep(0.01)
        assert most == 2
        assert all(state.pages == {"read": 1} for state in reading.intake.states.values())


def test_each_reason_of_a_fetch_is_one_of_pages_too() -> None:
    of_documents = {
        *("empty_body", "web_page", "not_a_feed", "entity_bomb", "tag_too_long", "truncated", "too_many_entries"),
        *("entries_skipped", "wrong_charset", "unstable_ids", "repeated_ids", "possible_gap", "moved", "faulty_xml"),
        *("no_entries", "quiet", "no_file", "store_failed"),
    }
    assert {reason.value for reason in Reason} - of_documents <= {outcome.value for outcome in PageOutcome}
