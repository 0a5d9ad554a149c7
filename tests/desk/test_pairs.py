"""Pairs on the desk: the table by week, its cells, the sentences, and the same as JSON."""

import html
import json
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
import pytest_asyncio

from desk.pages.pairs import week_name
from tests.desk.site import Site, serve
from tests.fakes.desk_news import ITEMS, NOW, tagged
from tests.fakes.desk_ports import World

pytestmark = pytest.mark.asyncio(loop_scope="module")

MONDAY = "2026-11-16"
"""Of the week of the made-up day."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(World()) as running:
        yield running


def words(page: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub("<[^>]*>", "", page)).split())


async def test_the_table_counts_stories_and_links_each_cell(site: Site) -> None:
    text = await site.get("/pairs")
    row = re.search(r'<tr><th scope="row"[^>]*>(?:(?!</tr>).)*>Russia</a> <a[^>]*>Ceasefire<.*?</tr>', text, re.DOTALL)
    assert row
    assert words(row[0]).startswith("Russia Ceasefire 1 story 1 story·······")
    cell = f"/pairs/sentences?actor=russia&amp;issue=ceasefire&amp;week={MONDAY}"
    assert f'href="{cell}"' in row[0]
    assert text.count('class="day-col"') == 8
    assert "16 to 22 November 2026" in words(text)
    assert "the newest week is not over" in text


async def test_a_cell_opens_the_sentences_with_outlet_date_and_item(site: Site) -> None:
    text = await site.get(f"/pairs/sentences?actor=russia&issue=ceasefire&week={MONDAY}")
    quotes = [words(quote) for quote in re.findall(r"<blockquote.*?</blockquote>", text, re.DOTALL)]
    first = (
        "GENEVA - Envoys of Ukraine and Russia left the hotel by the lake after nine hours with a shared paper on a "
    )
    assert [quote.startswith(first) for quote in quotes] == [True, True]
    marked = re.search(r"<blockquote.*?</blockquote>", text, re.DOTALL)
    assert marked
    found = "".join(re.findall(r'<mark class="m[^"]*m-found"[^>]*>([^<]*)</mark>', marked[0]))
    assert found == first + "30-day ceasefire, two people in the room said."
    assert re.search(r'm-actor m-found" data-tags="actor:russia"[^>]*>Russia<', marked[0])
    assert "actor:ukraine" not in marked[0]
    assert text.count("Harbour Herald</span>") == 1
    assert 'href="/items/i_herald1"' in text
    assert 'href="https://harbour-herald.example/herald1"' in text
    assert "2026-11-21T15:33:10" in text


async def test_filters_narrow_and_stay_in_every_link(site: Site) -> None:
    text = await site.get("/pairs?lang=uk&conflict=ukraine_russia&weeks=4&q=партнери")
    assert words(text).count("European Union") == 1  # as a choice alone
    assert re.search(r'<option value="uk" selected>Ukrainian', text)
    assert 'value="партнери"' in text
    links = [html.unescape(link) for link in re.findall(r'href="(/pairs/sentences[^"]*)"', text)]
    assert links
    for link in links:
        assert "q=%D0%BF%D0%B0%D1%80%D1%82%D0%BD%D0%B5%D1%80%D0%B8" in link
        assert "lang=uk" in link
        assert "conflict=ukraine_russia" in link
    sentences = await site.get(links[0])
    assert "in Ukrainian that match партнери" in words(sentences)
    assert "No sentence names both" in await site.get("/pairs/sentences?actor=eu&issue=territory&lang=de")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/pairs?q=a+OR", "OR needs something on both sides"),
        ("/pairs?lang=xx", 'there is no language "xx"'),
        ("/pairs?conflict=ukrain_russia", "did you mean"),
        ("/pairs/sentences?actor=russa&issue=ceasefire", 'there is no actor "russa"'),
    ],
)
async def test_what_is_not_there_is_said(site: Site, path: str, said: str) -> None:
    text = await site.get(path, 400)
    assert said in html.unescape(text)
    mended = re.search(r'Ask <a href="([^"]+)"', text)
    if mended:
        await site.get(html.unescape(mended[1]))
    answer = json.loads(await site.get(path.replace("/pairs", "/api/pairs", 1), 400))
    assert answer["detail"]


async def test_a_pair_has_an_actor_and_an_issue(site: Site) -> None:
    await site.get("/pairs/sentences?actor=russia", 404)
    await site.get("/pairs/sentences", 404)


async def test_nothing_is_named_together_yet() -> None:
    async with serve(World(items=[], stories=[])) as site:
        assert "The table fills as feeds are read" in await site.get("/pairs")


async def test_a_long_table_and_a_long_stock_are_cut_and_say_so() -> None:
    names = [f"actor_{n}" for n in range(120)]
    title = "A ceasefire for " + " and ".join(names)
    crowd = tagged("crowd", ITEMS[0].item.source, 5, title, "", *[("actor", name, name) for name in names],
                   ("issue", "ceasefire", "ceasefire"))  # fmt: skip
    async with serve(World(items=[crowd, *ITEMS], faceted=3)) as site:
        said = words(await site.get("/pairs"))
    assert "The 100 pairs of the most stories, of 1" in said
    assert "Counted over the newest 3 items that name a pair." in said


async def test_older_sentences_are_a_page_of_their_own() -> None:
    many = [tagged(f"many{n}", ITEMS[0].item.source, n, f"Russia speaks of a ceasefire {n}", "",
                   ("actor", "russia", "Russia"), ("issue", "ceasefire", "ceasefire")) for n in range(70)]  # fmt: skip
    async with serve(World(items=many, stories=[])) as site:
        seen: list[str] = []
        path: str | None = "/pairs/sentences?actor=russia&issue=ceasefire&weeks=2"
        while path:
            text = await site.get(path)
            seen += re.findall(r'data-href="/items/i_many(\d+)"', text)
            older = re.search(r'href="([^"]+)">Older sentences', text)
            path = html.unescape(older[1]) if older else None
    assert [int(number) for number in seen] == list(range(70))


async def test_json_of_weeks_and_sentences(site: Site) -> None:
    table = json.loads(await site.get("/api/pairs?weeks=2&issue=prisoner_exchange&actor=russia"))
    assert table["weeks"] == ["2026-11-09", MONDAY]
    assert table["pairs"] == []
    table = json.loads(await site.get("/api/pairs?actor=russia&week=2026-11-20"))
    assert table["weeks"] == [MONDAY]
    assert {one["issue"]: one["stories"] for one in table["pairs"]} == {"ceasefire": [1], "territory": [1]}
    assert table["names"]["issues"]["territory"] == "Territory"
    found = json.loads(await site.get("/api/pairs/sentences?actor=russia&issue=ceasefire&limit=1"))
    (one,) = found["found"]
    (pair,) = one["pairs"]
    field, start, end = pair["sentence"]
    assert one["hit"]["tagged"]["item"][field][start:end] == pair["words"]
    rest = json.loads(await site.get(f"/api/pairs/sentences?actor=russia&issue=ceasefire&after={found['next']}"))
    assert [each["hit"]["tagged"]["item"]["id"] for each in rest["found"]] == ["i_wire1"]
    any_pair = json.loads(await site.get("/api/pairs/sentences?lang=uk"))
    assert {each["actor"] for each in any_pair["found"][0]["pairs"]} == {"zelensky", "ukraine"}


@pytest.mark.parametrize(
    ("monday", "said"),
    [
        (date(2026, 11, 16), "16 to 22 November 2026"),
        (date(2026, 11, 30), "30 November to 6 December 2026"),
        (date(2026, 12, 28), "28 December 2026 to 3 January 2027"),
    ],
)
async def test_a_week_has_a_name(monday: date, said: str) -> None:
    assert week_name(monday) == said
    assert (NOW.date() - timedelta(days=NOW.weekday())).isoformat() == MONDAY
