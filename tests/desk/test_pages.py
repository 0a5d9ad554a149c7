"""Every page over real sockets: what it shows, what it says when empty, and that nothing hostile becomes markup."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import msgspec
import pytest
import pytest_asyncio

from ceasewire.errors import Refused
from ceasewire.items import Mention
from tests.desk.site import Site, serve
from tests.fakes.desk_news import DELIVERIES, HOSTILE, ITEMS
from tests.fakes.desk_ports import HELD, World, empty_world

PATHS = (
    "/", "/?show=all", "/search", "/search?q=ceasefire", "/search?q=%28a", "/volume", "/volume?days=7&q=lang:uk",
    "/pairs", "/pairs?weeks=4&lang=de", "/pairs?q=%28a", "/pairs/sentences?actor=russia&issue=ceasefire",
    "/stories", "/stories/i_wire1", "/alerts", "/alerts/a_wire1", "/alerts/a_dnipro1", "/alerts/a_state1",
    "/decisions", "/decisions?show=all", "/feeds", "/feeds?state=failing", "/names", "/sample",
    *(f"/items/{one.item.id}" for one in ITEMS),
)  # fmt: skip


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(World()) as running:
        yield running


class Outline(HTMLParser):
    """The tags of a page, with what a page of ours may never have."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.faults: list[str] = []
        self.links: list[dict[str, str | None]] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        if tag == "script":
            self.scripts.append(have.get("src") or "inline")
        if tag in ("style", "iframe", "object", "embed", "base", "img"):
            self.faults.append(tag)
        self.faults += [name for name in have if name.startswith("on") or name in ("style", "srcdoc")]
        if tag == "a":
            self.links.append(have)
        if have.get("id"):
            self.ids.append(str(have["id"]))


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_holds_inline_code_or_foreign_addresses(site: Site, path: str) -> None:
    text = await site.get(path, 400 if "%28" in path else 200)
    page = Outline()
    page.feed(text)
    assert page.faults == []
    assert all(source.startswith("/static/") for source in page.scripts)
    assert len(page.ids) == len(set(page.ids))
    for link in page.links:
        address = link.get("href") or ""
        assert address.startswith(("/", "#", "https://", "http://")), address
        if address.startswith("http"):
            assert link.get("rel") == "noopener noreferrer"
    assert text.count("<h1") == 1
    assert '<main id="main"' in text


async def test_latest_marks_words_from_the_spans_and_tells_a_story_once(site: Site) -> None:
    text = await site.get("/")
    assert 'data-tags="issue:ceasefire"' in text
    assert ">перемир’я</mark>" in text
    assert text.count('data-href="/items/i_wire1"') == 0
    assert "Also in 2 more items: Harbour Herald, North Wire" in text
    assert "State media" in text
    assert 'lang="uk"' in text
    assert "cup final" not in text
    assert "cup final" in await site.get("/?show=all")


async def test_hostile_titles_and_links_are_text(site: Site) -> None:
    text = await site.get("/items/i_odd1")
    assert HOSTILE not in text
    assert "&lt;script&gt;" in text
    assert "{{7*7}}" in text
    assert 'href="javascript:' not in text
    assert "not a safe link: javascript:alert(4)" in text


async def test_search_counts_facets_and_toggles_them_in_the_query(site: Site) -> None:
    text = await site.get("/search?q=ceasefire")
    assert "/search?q=ceasefire+lang%3Aen" in text
    chosen = await site.get("/search?q=ceasefire+lang:en")
    assert re.search(r'href="/search\?q=ceasefire"[^>]*aria-current="true"[^>]*><span class="choice">English', chosen)
    assert "Counted over the newest" not in text
    async with serve(World(faceted=12)) as cut:
        assert "Counted over the newest 12" in await cut.get("/search")


async def test_a_query_at_fault_is_said_in_place_with_its_column(site: Site) -> None:
    text = await site.get("/search?q=ceasefire+OR", 400)
    assert "OR needs something on both sides" in text
    assert '<mark class="here">' in text
    assert "How queries are written" in text
    long = await site.get("/search?q=" + "a" * 600, 400)
    assert "at most 500 characters" in long


async def test_an_address_in_the_box_leads_to_its_item(site: Site) -> None:
    async with site.client.get(
        site.address + "/search", params={"q": ITEMS[0].item.url or ""}, allow_redirects=False
    ) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/items/i_wire1")


async def test_a_slow_search_is_given_up_and_said() -> None:
    async with serve(World(delay=1.5)) as site:
        assert "That took too long" in await site.get("/search?q=ceasefire")
        assert "took too long" in await site.get("/api/items?q=ceasefire", 503)


async def test_slow_counts_do_not_keep_the_items_away() -> None:
    async with serve(World(counting=1.5)) as site:
        text = await site.get("/search?q=ceasefire")
        assert "Counting took too long" in text
        assert text.count("data-item") == 6


async def test_marks_and_figures_are_shown_on_rows_and_the_page() -> None:
    world = World()
    world.items = [
        msgspec.structs.replace(
            ITEMS[0],
            marks=("opinion", "headline_unsupported"),
            unsupported=("issue:ceasefire", "date:2026-11-20"),
            figures=(Mention(kind="number", id="28", field="title", start=0, end=2),),
        )
    ]
    async with serve(world) as site:
        page = await site.get(f"/items/{ITEMS[0].item.id}")
        assert "never bears out: Ceasefire, 2026-11-20." in page
        assert "Dates and numbers: 1" in page
        assert '<td>28 <span class="quiet">number</span></td>' in page
        for path in ("/?show=all", "/search?q=mark:opinion"):
            row = await site.get(path)
            assert '<a class="kind marked" href="/search?q=mark%3Aopinion">Opinion</a>' in row
            assert 'title="The text never bears out: Ceasefire, 2026-11-20">Headline unsupported</a>' in row


async def test_item_page_tells_the_whole_way_and_compares_versions(site: Site) -> None:
    text = await site.get("/items/i_wire1")
    for word in ("Polled", "Admitted", "Tagged", "Story", "Rules", "Delivered", "Not met: ceasefire_anywhere"):
        assert word in text
    assert "<del>leave </del><ins>agree on a 30-day ceasefire draft at </ins>" in text
    assert "ukraine_russia/ceasefire#1" in text
    held = await site.get("/items/i_herald1")
    assert "another copy of a story that was already sent" in held
    assert "/alerts/a_wire1" in held


async def test_alerts_show_each_delivery_in_words(site: Site) -> None:
    pages = "".join([await site.get(f"/alerts/a_{name}") for name in ("wire1", "dnipro1", "state1")])
    for words in (
        "Delivered", "Will try again", "the receiver has an error of its own", "Try 3 in 6 min", "Waiting",
        "Being sent", "Suspended", "The receiver wants no more of these (410)", "Given up",
        "the receiver refused the connection",
    ):  # fmt: skip
        assert words in pages
    assert "&lt;b&gt;upstream&lt;/b&gt; is away" in pages


async def test_held_decisions_and_why(site: Site) -> None:
    text = await site.get("/decisions")
    assert text.count("v-hold") == HELD
    assert f"of the {HELD} shown here" in text
    assert "a mute is in force" in text
    assert "v-send" not in text
    assert "v-send" in await site.get("/decisions?show=all")


async def test_feeds_that_need_a_person_stand_first(site: Site) -> None:
    text = await site.get("/feeds")
    assert text.index("State Bulletin") < text.index("Courrier du Lac") < text.index("Abendpost")
    assert "It answers with a web page instead of a feed." in text
    assert "12 failures in a row" in text
    only = await site.get("/feeds?state=failing")
    assert "State Bulletin" in only
    assert "Abendpost" not in only


async def test_a_merged_story_leads_to_where_it_went(site: Site) -> None:
    async with site.client.get(site.address + "/stories/i_merged", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/stories/i_wire1")


@pytest.mark.parametrize("path", ["/nothing", "/items/nope", "/stories/nope", "/alerts/nope", "/static/nope.css"])
async def test_what_is_not_there_is_said(site: Site, path: str) -> None:
    assert "Nothing is here" in await site.get(path, 404)


async def test_the_empty_desk_says_what_to_do() -> None:
    async with serve(empty_world(reached=True)) as site:
        text = await site.get("/")
        assert "Reading 10 feeds for the first time" in text
        assert "North Wire" in text
    async with serve(empty_world(reached=False)) as site:
        text = await site.get("/")
        assert "None of 10 feeds could be reached" in text
        assert "Play the sample day" in text
        for path in ("/stories", "/alerts", "/decisions", "/volume", "/search"):
            assert 'class="empty"' in await site.get(path)
    async with serve(World(items=[], feeds=[])) as site:
        assert "No feed is configured" in await site.get("/")
    async with serve(World(items=[one for one in ITEMS if one.relevance == "none"])) as site:
        assert "Nothing about negotiations yet" in await site.get("/")


async def test_the_sample_is_marked_on_every_page() -> None:
    async with serve(World(), sample=True) as site:
        for path in (*PATHS, "/nothing"):
            async with site.client.get(site.address + path) as answer:
                text = await answer.text()
                assert "<title>SAMPLE" in text
                assert "None of it is news" in text
                assert answer.headers["X-Ceasewire-Sample"] == "1"


async def test_every_state_of_a_delivery_is_in_the_sample() -> None:
    assert {delivery.state.value for delivery in DELIVERIES} == {
        "pending", "sending", "delivered", "retry", "suspended", "expired",
    }  # fmt: skip


async def test_a_button_that_is_refused_says_why_in_plain_words() -> None:
    world = World()
    world.fault = Refused("wire needs <WIRE_KEY>, which is not set here")
    path = f"/feeds/{world.feeds[0].source.feed}/check"
    async with serve(world) as site:
        for headers, kind in (({"HX-Request": "true"}, "text/plain"), ({}, "text/html")):
            sent = {"Sec-Fetch-Site": "same-origin", **headers}
            async with site.client.post(site.address + path, headers=sent) as answer:
                assert (answer.status, answer.content_type) == (409, kind)
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                said = await answer.text()
                assert ("<WIRE_KEY>" in said) == (kind == "text/plain")
                assert "which is not set here" in said
