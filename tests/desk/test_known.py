"""Names that nothing has are said where they are asked, and lower-case operators are hinted at."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.desk.site import Site, serve
from tests.fakes.desk_ports import World

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(World()) as running:
        yield running


@pytest.mark.parametrize(
    ("query", "words", "column"),
    [
        ("issue:xyz", 'there is no issue "xyz"', 1),
        ("talks -actor:russa", 'there is no actor "russa"; did you mean "russia"?', 8),
        ("conflict:ukraine_rusia", 'there is no conflict "ukraine_rusia"; did you mean "ukraine_russia"?', 1),
        ("source:nope", 'there is no source "nope"', 1),
        ("source:north_wir", 'there is no source "north_wir"; did you mean "north_wire"?', 1),
        ("lang:ua", 'there is no language "ua"; did you mean "uk"?', 1),
        ("mark:opinon", 'there is no mark "opinon"; did you mean "opinion"?', 1),
        ("lang:xx", 'there is no language "xx"', 1),
        ("(lang:zz OR a) in:title", 'there is no language "zz"', 2),
    ],
)
async def test_a_name_that_nothing_has_is_said_with_the_nearest(
    site: Site, query: str, words: str, column: int
) -> None:
    for path in ("/api/items", "/api/facets", "/api/volume"):
        async with site.client.get(site.address + path, params={"q": query}) as answer:
            assert answer.status == 400
            assert json.loads(await answer.text()) == {
                "error": "Nothing has this name", "detail": words, "column": column,
            }  # fmt: skip
    for path in ("/search", "/volume"):
        async with site.client.get(site.address + path, params={"q": query}) as answer:
            text = await answer.text()
            assert answer.status == 400
            assert words.replace('"', "&#34;") in text
            assert "Nothing was found" not in text
            assert 'href="/names"' in text


async def test_the_nearest_name_is_one_press_away(site: Site) -> None:
    text = await site.get("/search?q=ceasefire+-actor:russa&since=2026-11-20", 400)
    assert 'href="/search?q=ceasefire+-actor%3Arussia&amp;since=2026-11-20"' in text


@pytest.mark.parametrize(
    "query", ["issue:ceasefire", "lang:uk", "source:north_wire", 'source:"North Wire"', "issue:territory", "lang:ja"]
)
async def test_what_is_known_or_stored_is_asked(site: Site, query: str) -> None:
    async with site.client.get(site.address + "/search", params={"q": query}) as answer:
        assert answer.status == 200


async def test_a_feed_that_was_taken_off_the_list_is_still_found() -> None:
    world = World()
    world.feeds = [view for view in world.feeds if view.source.feed != "north_wire"]
    async with serve(world) as site:
        assert "north_wire" in await site.get("/search?q=source:north_wire")


async def test_lower_case_operators_are_hinted_at_where_nothing_is_found(site: Site) -> None:
    hint = "&#34;or&#34; is searched as a word; write OR"
    text = (await site.get("/search?q=zebra+or+unicorn")).replace('"or"', "&#34;or&#34;")
    assert hint in text
    assert "is searched as a word" not in await site.get("/search?q=zebra+OR+unicorn")


async def test_all_names_stand_on_one_page(site: Site) -> None:
    text = await site.get("/names")
    for name in ("issue:territory", "actor:zelensky", "conflict:ukraine_russia", "lang:uk", "Volodymyr Zelenskyy"):
        assert name in text
    assert 'href="/names"' in await site.get("/")
