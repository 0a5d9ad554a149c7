"""The desk in headless Chromium: search, facets, keyboard, widths, colours, live updates, buttons."""

import asyncio
from datetime import timedelta

import msgspec
import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from ceasewire.config.settings import DeskSettings
from tests.desk.browser import opened, refused
from tests.desk.site import Site, serve
from tests.desk.test_pages import PATHS
from tests.fakes.desk_news import ITEMS
from tests.fakes.desk_ports import World, empty_world

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BROWSED = (*(path for path in PATHS if "/items/" not in path), "/items/i_wire1", "/items/i_odd1", "/items/i_cup1")


async def test_search_from_the_keyboard(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, trouble):
        await page.goto(site.address)
        await page.keyboard.press("/")
        await page.keyboard.type("issue:ceasefire lang:uk")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_have_text("1 item")
        await expect(page.locator(".headline")).to_contain_text("перемир’я")
        await expect(page.locator("mark", has_text="перемир’я").first).to_be_visible()
        assert not trouble
        assert await refused(page) == []


async def test_a_facet_narrows_in_place_and_back_widens(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, trouble):
        await page.goto(site.address + "/search?q=issue:ceasefire")
        await page.evaluate("window.stayed = true")
        await page.locator("[data-facet=language] a", has_text="German").click()
        await expect(page.locator("h1")).to_have_text("1 item")
        await expect(page.locator("[data-facet=language] a[aria-current]")).to_contain_text("German")
        assert page.url.endswith("q=issue%3Aceasefire+lang%3Ade")
        assert await page.evaluate("window.stayed") is True
        await page.locator("[data-facet=language] a[aria-current]").click()
        await expect(page.locator("h1")).to_have_text("10 items")
        await page.go_back()
        await expect(page.locator("h1")).to_have_text("1 item")
        assert not trouble
        assert await refused(page) == []


async def test_keys_walk_open_and_help(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, trouble):
        await page.goto(site.address)
        here = "document.activeElement.dataset.href"
        await page.keyboard.press("j")
        first = await page.evaluate(here)
        await page.keyboard.press("j")
        second = await page.evaluate(here)
        assert first != second
        await page.keyboard.press("k")
        assert await page.evaluate(here) == first
        await page.keyboard.press("?")
        await expect(page.locator("#help")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.locator("#help")).to_be_hidden()
        await page.keyboard.press("Enter")
        await expect(page.locator("#way-title")).to_be_visible()
        assert page.url == site.address + first
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.className") == "skip"
        assert not trouble


async def test_a_tag_lights_up_the_words_that_gave_it(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, _):
        await page.goto(site.address + "/items/i_dnipro1")
        await page.locator("main .tags .chip", has_text="Ceasefire").focus()
        lit = page.locator(".text mark.lit")
        await expect(lit).to_have_count(1)
        await expect(lit).to_have_text("перемир’я")


@pytest.mark.parametrize("width", [390, 1280])
async def test_no_page_scrolls_sideways(browser: Browser, site: Site, width: int) -> None:
    async with opened(browser, width) as (page, trouble):
        for path in BROWSED:
            await page.goto(site.address + path)
            await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, path
            assert await refused(page) == [], path
        assert not trouble


async def test_everything_that_takes_input_has_a_name(browser: Browser, site: Site) -> None:
    nameless = """[...document.querySelectorAll("input:not([type=hidden]), button, a, [role], dialog")]
        .filter((one) => one.getAttribute("role") !== "search" && one.getAttribute("role") !== "status")
        .filter((one) => !(one.labels && one.labels.length) && !one.textContent.trim()
            && !one.getAttribute("aria-label") && !one.getAttribute("aria-labelledby")).map((one) => one.outerHTML)"""
    async with opened(browser) as (page, _):
        for path in BROWSED:
            await page.goto(site.address + path)
            assert await page.evaluate(nameless) == [], path
            headless = "table:not(:has(th[scope=col])):not([role=group])"
            assert await page.locator(headless).count() == 0, path


async def test_colours_follow_the_system_and_the_choice_is_kept(browser: Browser, site: Site) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for scheme in ("light", "dark"):
        async with opened(browser, color_scheme=scheme) as (page, trouble):
            await page.goto(site.address)
            seen[scheme] = await page.evaluate(ground)
            assert not trouble
    assert seen["light"] != seen["dark"]
    async with opened(browser, color_scheme="light") as (page, _):
        await page.goto(site.address)
        await page.locator("#theme").click()
        await page.locator("#theme").click()
        assert await page.evaluate(ground) == seen["dark"]
        await page.goto(site.address + "/feeds")
        assert await page.evaluate(ground) == seen["dark"]
        await expect(page.locator("#theme")).to_have_attribute("aria-label", "Colours: dark")


async def test_new_items_are_announced_and_shown_when_asked(browser: Browser) -> None:
    async with serve(World()) as site, opened(browser) as (page, trouble):
        await page.goto(site.address)
        await expect(page.locator("#pulse")).to_contain_text("Live")
        before = await page.locator("article.item").count()
        seen = site.world.now + timedelta(minutes=1)
        item = msgspec.structs.replace(
            ITEMS[5].item, id="i_new", title="A brand new item", at=site.world.now, first_seen=seen
        )
        site.world.add(msgspec.structs.replace(ITEMS[5], item=item, mentions=()))
        await expect(page.locator("#fresh")).to_contain_text("1 new item")
        await expect(page.locator("#said")).to_contain_text("1 new item")
        assert await page.locator("article.item").count() == before
        await page.keyboard.press("n")
        await expect(page.locator(".headline").first).to_contain_text("A brand new item")
        assert not trouble


async def test_the_empty_desk_follows_by_itself(browser: Browser) -> None:
    async with serve(empty_world(reached=True)) as site, opened(browser) as (page, trouble):
        await page.goto(site.address)
        await expect(page.locator("#empty h2")).to_contain_text("for the first time")
        await expect(page.locator("#pulse")).to_contain_text("Live")
        site.world.feeds = empty_world(reached=False).feeds
        site.world.tell()
        await expect(page.locator("#empty h2")).to_contain_text("could be reached")
        await page.get_by_role("button", name="Play the sample day").click()
        await expect(page.get_by_role("link", name="Open its desk")).to_have_attribute("href", "http://127.0.0.1:8399/")
        assert site.world.done == [("sample",)]
        assert not trouble


async def test_the_sample_day_is_seen_to_start_whatever_the_empty_desk_does_meanwhile(browser: Browser) -> None:
    world = empty_world(reached=True)
    world.curtain = asyncio.Event()
    async with serve(world) as site, opened(browser) as (page, trouble):
        await page.goto(site.address)
        await expect(page.locator("#pulse")).to_contain_text("Live")
        await page.get_by_role("button", name="Play the sample day").click()
        await expect(page.locator("#play")).to_contain_text("Starting the sample day")
        world.feeds = empty_world(reached=False).feeds
        world.tell()
        await expect(page.locator("#empty h2")).to_contain_text("could be reached")
        await expect(page.locator("#play")).to_contain_text("Starting the sample day")
        world.curtain.set()
        await expect(page.get_by_role("link", name="Open its desk")).to_be_visible()
        await page.reload()
        await expect(page.get_by_role("link", name="Open its desk")).to_be_visible()
        assert world.done == [("sample",)]
        assert not trouble
        assert await refused(page) == []


async def test_the_sample_day_starts_without_scripts(browser: Browser) -> None:
    world = empty_world(reached=True)
    world.curtain = asyncio.Event()
    async with serve(world) as site, opened(browser, java_script_enabled=False) as (page, _):
        await page.goto(site.address)
        await page.get_by_role("button", name="Play the sample day").click()
        await expect(page.locator("#play")).to_contain_text("Starting the sample day")
        world.curtain.set()
        await expect(page.get_by_role("link", name="Open its desk")).to_be_visible()


async def test_the_side_column_follows_and_the_items_stay(browser: Browser) -> None:
    async with serve(World()) as site, opened(browser) as (page, trouble):
        late = site.world.alerts.pop()
        await page.goto(site.address)
        await expect(page.locator("#pulse")).to_contain_text("Live")
        minis = page.locator("#side .mini")
        before, items = await minis.count(), await page.locator("article.item").count()
        await page.locator("#side .mini").first.focus()
        here = await page.evaluate("document.activeElement.getAttribute('href')")
        site.world.alerts.append(late)
        site.world.tell()
        await expect(minis).to_have_count(before + 1)
        assert await page.evaluate("document.activeElement.getAttribute('href')") == here
        assert await page.locator("article.item").count() == items
        assert not trouble
        assert await refused(page) == []


async def test_buttons_answer_in_place(browser: Browser) -> None:
    async with serve(World()) as site, opened(browser) as (page, trouble):
        await page.goto(site.address + "/feeds")
        row = page.locator("#feed-state_bulletin")
        await row.get_by_role("button", name="Check now").click()
        await expect(row).to_contain_text("just checked")
        await page.goto(site.address + "/alerts/a_wire1")
        await page.get_by_role("button", name="Send now").click()
        await expect(page.locator(".done")).to_contain_text("Queued")
        assert site.world.done == [("check", "state_bulletin"), ("retry", "msg_wire1_watch_room")]
        assert not trouble
        assert await refused(page) == []


async def test_the_chart_is_drawn_and_its_table_says_the_same(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, trouble):
        await page.goto(site.address + "/volume?days=14")
        await expect(page.locator("#chart canvas")).to_be_visible()
        await expect(page.locator("#chart .u-series")).to_have_count(9)
        async with site.client.get(site.address + "/api/volume?days=14") as answer:
            volume = await answer.json()
        cells = await page.locator(".heat tbody tr").first.locator("td:not(.num)").all_inner_texts()
        assert [int(cell) if cell.isdigit() else 0 for cell in cells] == volume["issues"]["ceasefire"][::-1]
        assert not trouble
        assert await refused(page) == []


async def test_the_desk_works_without_scripts(browser: Browser, site: Site) -> None:
    async with opened(browser, java_script_enabled=False) as (page, _):
        await page.goto(site.address)
        await page.fill("#box", "lang:de")
        await page.press("#box", "Enter")
        await expect(page.locator("h1")).to_have_text("1 item")


async def test_a_link_from_another_site_finds_its_page_once_the_token_was_given(browser: Browser) -> None:
    locked = DeskSettings(token=SecretStr("a-token"))
    async with serve(World(), locked) as site, opened(browser) as (page, _):
        elsewhere = site.address.replace("127.0.0.1", "localhost") + "/live"
        await page.goto(elsewhere)
        async with page.expect_navigation(url="**/items/i_wire1"):
            await page.evaluate(f"location.href = '{site.address}/items/i_wire1?token=a-token'")
        await expect(page.locator("#way-title")).to_be_visible()
        assert "token" not in page.url
        await page.goto(elsewhere)
        async with page.expect_navigation(url="**/alerts/a_wire1"):
            await page.evaluate(f"location.href = '{site.address}/alerts/a_wire1'")
        await expect(page.locator("#alert-title")).to_be_visible()
