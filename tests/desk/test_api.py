"""The JSON: every address answers, its form is what docs/api.md says, and limits hold."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from ceasewire.delays import show_gap
from desk import Health
from desk.api import ROUTES
from desk.api_pairs import ROUTES as PAIR_ROUTES
from tests.desk.site import Site, serve
from tests.fakes.desk_ports import World

DOCS = Path(__file__).parents[2] / "docs" / "api.md"


@pytest_asyncio.fixture
async def site() -> AsyncIterator[Site]:
    async with serve(World()) as running:
        yield running


async def read(site: Site, path: str, status: int = 200) -> Any:
    return json.loads(await site.get(path, status))


async def test_items_page_on_with_the_cursor(site: Site) -> None:
    first = await read(site, "/api/items?limit=4")
    second = await read(site, f"/api/items?limit=4&after={first['next']}")
    ids = [hit["tagged"]["item"]["id"] for hit in first["hits"] + second["hits"]]
    assert len(ids) == len(set(ids)) == 8
    assert first["total"] == 15


async def test_limits_hold(site: Site) -> None:
    assert len((await read(site, "/api/items?limit=99999"))["hits"]) == 15
    assert len((await read(site, "/api/items?limit=-1"))["hits"]) == 15
    assert len((await read(site, "/api/items?limit=0"))["hits"]) == 1
    assert (await read(site, "/api/items?after=" + "9" * 300))["total"] == 15


async def test_a_query_at_fault_names_its_column(site: Site) -> None:
    for path in ("/api/items", "/api/facets", "/api/volume"):
        assert await read(site, path + "?q=a+OR", 400) == {
            "error": "The query cannot be read",
            "detail": "OR needs something on both sides",
            "column": 5,
        }


async def test_days_narrow(site: Site) -> None:
    today = await read(site, "/api/items?since=2026-11-21")
    before = await read(site, "/api/items?until=2026-11-20")
    assert (today["total"], before["total"]) == (13, 2)
    assert (await read(site, "/api/items?since=yesterday"))["total"] == 15


async def test_item_and_way_by_id_and_address(site: Site) -> None:
    by_id = await read(site, "/api/item?key=i_wire1")
    by_address = await read(site, "/api/item?key=https://north-wire.example/wire1")
    assert by_id == by_address
    assert len(by_id["versions"]) == 2
    way = await read(site, "/api/way?key=i_wire1")
    assert [verdict["rule"] for verdict in way["verdicts"]] == ["ceasefire", "ceasefire_anywhere"]
    assert way["deliveries"]
    await read(site, "/api/item?key=nope", 404)
    await read(site, "/api/way", 404)


async def test_volume_has_names_and_every_day(site: Site) -> None:
    volume = await read(site, "/api/volume?days=14")
    assert len(volume["days"]) == len(volume["items"]) == 14
    assert volume["names"]["security_guarantees"] == "Security guarantees"


async def test_feeds_leave_out_what_only_the_poller_needs(site: Site) -> None:
    feeds = (await read(site, "/api/feeds"))["feeds"]
    assert len(feeds) == 10
    assert all("entries" not in feed["state"] for feed in feeds)


@pytest.mark.parametrize(
    "path", ["/api/facets", "/api/stories", "/api/stories/i_wire1", "/api/alerts", "/api/alerts/a_wire1",
             "/api/decisions"]
)  # fmt: skip
async def test_the_others_answer(site: Site, path: str) -> None:
    assert await read(site, path)


async def test_not_found_is_json(site: Site) -> None:
    for path in ("/api/nothing", "/api/stories/nope", "/api/alerts/nope"):
        assert (await read(site, path, 404))["error"] == "Nothing is here"


def test_the_docs_name_every_address_and_no_other() -> None:
    documented = set(re.findall(r"^### `GET (/api/[^`?]+)`", DOCS.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == {path for path, _ in (*ROUTES, *PAIR_ROUTES)}


async def test_probes() -> None:
    reasons: list[str] = []
    async with serve(World(), health=lambda: Health(tuple(reasons))) as site:
        assert await site.get("/live") == "live\n"
        assert await read(site, "/ready") == {"ready": True, "reasons": [], "notes": []}
        reasons.append("the disk is full")
        assert await read(site, "/ready", 503) == {"ready": False, "reasons": ["the disk is full"], "notes": []}
        assert "# TYPE ceasewire_items_total counter" in await site.get("/metrics")


async def test_names_are_those_of_the_page(site: Site) -> None:
    names = await read(site, "/api/names")
    assert list(names) == ["issue", "actor", "conflict", "mark", "lang"]
    assert {"id": "zelensky", "name": "Volodymyr Zelenskyy"} in names["actor"]
    page = await site.get("/names")
    for name, values in names.items():
        assert values
        assert all(f"{name}:{value['id']}" in page for value in values)


async def test_alerts_tell_how_long_deliveries_took(site: Site) -> None:
    took = (await read(site, "/api/alerts"))["delays"]
    assert took["own"]["count"] >= 1
    assert took["own"]["p50"] <= took["own"]["p95"]
    assert f"our own share p50 {show_gap(took['own']['p50'])}" in await site.get("/alerts")
