"""Every item says how much of its text was read, and why its page was not."""

from collections.abc import AsyncIterator

import msgspec
import pytest
import pytest_asyncio

from ceasewire.items import Item
from ceasewire.polling import PageState, Seen
from tests.desk.site import Site, serve
from tests.fakes.desk_news import ITEMS
from tests.fakes.desk_ports import World

pytestmark = pytest.mark.asyncio(loop_scope="module")
READ, REFUSED = ITEMS[0].item, ITEMS[1].item


def world() -> World:
    """The day with one item whose page was read, and one whose page robots.txt forbids."""
    made = World()
    page = msgspec.structs.replace(ITEMS[0], item=msgspec.structs.replace(READ, extent="page"))
    made.items[0] = page
    for index, view in enumerate(made.feeds):
        if view.source.feed == REFUSED.source.feed:
            state = msgspec.structs.replace(
                view.state, pages={"read": 7, "robots": 2}, entries={"g1": _seen(REFUSED, PageState(outcome="robots"))}
            )
            made.feeds[index] = msgspec.structs.replace(view, state=state)
    return made


def _seen(item: Item, page: PageState) -> Seen:
    at = item.seen
    return Seen(item=item.id, rev=item.rev, fingerprint=item.fingerprint, first_seen=at, last_seen=at, page=page)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(world()) as running:
        yield running


async def test_each_item_of_a_list_says_it(site: Site) -> None:
    text = await site.get("/?show=all")
    assert text.count('class="quiet extent"') >= text.count('class="headline"') > 0
    assert ">summary only</span>" in text
    assert ">page</span>" in await site.get(f"/items/{READ.id}")


async def test_an_item_tells_why_its_page_was_not_read(site: Site) -> None:
    text = await site.get(f"/items/{REFUSED.id}")
    assert ">summary only</span>" in text
    assert "The page: the site&#39;s robots.txt forbids it." in text


async def test_a_feed_counts_its_pages_by_outcome(site: Site) -> None:
    text = await site.get("/feeds")
    assert "7 read</span>" in text
    assert "robots.txt forbids it" in text
    assert "2 robots</span>" in text


async def test_the_api_says_it_of_every_item(site: Site) -> None:
    text = await site.get("/api/items?limit=50")
    found = msgspec.json.decode(text)["hits"]
    assert {hit["tagged"]["item"]["id"]: hit["tagged"]["item"]["extent"] for hit in found}[READ.id] == "page"
    assert all(hit["tagged"]["item"]["extent"] in ("page", "summary") for hit in found)
