"""Live updates: the stream tells of changes, the count tells how many items are new, and both end cleanly."""

import asyncio
from datetime import timedelta

import aiohttp
import msgspec

from tests.desk.site import Site, serve
from tests.fakes.desk_news import ITEMS, NOW
from tests.fakes.desk_ports import World


def arrive(world: World, key: str) -> None:
    """A new item, seen a minute after the page was made."""
    item = msgspec.structs.replace(ITEMS[0].item, id=f"i_{key}", url=None, first_seen=NOW + timedelta(minutes=1))
    world.add(msgspec.structs.replace(ITEMS[0], item=item))


def made() -> int:
    return int(NOW.timestamp() * 1000)


async def test_the_stream_tells_of_a_change() -> None:
    async with serve(World()) as site, site.client.get(site.address + "/updates") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert await line(answer.content) == b"retry: 3000\n"
        arrive(site.world, "new1")
        lines = [await line(answer.content) for _ in range(4)]
        assert b"event: change\n" in lines
        assert b"data: 1\n" in lines


async def line(content: aiohttp.StreamReader) -> bytes:
    async with asyncio.timeout(10):
        return await content.readline()


async def test_a_look_at_the_headers_ends() -> None:
    async with serve(World()) as site, site.client.head(site.address + "/updates") as answer:
        assert answer.status == 200


async def test_fresh_items_are_counted_by_the_query_of_the_page() -> None:
    async with serve(World()) as site:
        assert await fresh(site, "") == ""
        arrive(site.world, "new1")
        arrive(site.world, "new2")
        assert "2 new items" in await fresh(site, "")
        assert "2 new items" in await fresh(site, "issue:ceasefire")
        assert await fresh(site, "lang:uk") == ""
        await site.get("/fresh?made=x", 204)
        await site.get("/fresh?q=%28a&made=1", 204)


async def test_fresh_alerts_are_counted() -> None:
    async with serve(World()) as site:
        early = made() - 20 * 60_000
        assert "1 new alert<" in await site.get(f"/fresh/alerts?made={early}")
        assert (await site.get(f"/fresh/alerts?made={made()}")).strip() == ""
        await site.get("/fresh/alerts", 204)


async def fresh(site: Site, query: str) -> str:
    async with site.client.get(site.address + "/fresh", params={"q": query, "made": made()}) as answer:
        return (await answer.text()).strip()


async def test_a_closed_stream_frees_its_place() -> None:
    async with serve(World()) as site:
        for _ in range(70):
            async with site.client.get(site.address + "/updates") as answer:
                assert answer.status == 200, "more streams than may be open: closed ones were not freed"
                await line(answer.content)
                answer.close()
            arrive(site.world, "x")
