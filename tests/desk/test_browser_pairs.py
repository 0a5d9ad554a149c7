"""The table of pairs in headless Chromium, on a phone and on a desk."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.desk.browser import opened, refused
from tests.desk.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def choice(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_cell_opens_its_sentences_and_the_way_leads_back(browser: Browser, site: Site, width: int) -> None:
    async with opened(browser, width) as (page, trouble):
        await page.goto(site.address + "/")
        await page.locator(".main-nav a", has_text="Pairs").click()
        await expect(page.locator("h1")).to_have_text("Named together")
        await choice(page, "Language").select_option("en")
        await choice(page, "Issue").select_option("ceasefire")
        await page.get_by_role("button", name="Show").click()
        row = page.locator(".pairs tbody tr", has_text="Russia")
        await expect(row).to_have_count(1)
        await row.locator("td:not(.num) a").click()
        await expect(page.locator("h1")).to_have_text("Russia and Ceasefire")
        quotes = page.locator("blockquote.sentence")
        await expect(quotes).to_have_count(2)
        words = await quotes.first.locator("mark.m-found").all_text_contents()
        assert "".join(words).endswith("two people in the room said.")
        assert await page.evaluate(OVER) <= 0
        await page.locator(".of a").first.click()
        await expect(page.locator("h1")).to_contain_text("30-day ceasefire draft")
        await page.go_back()
        await page.locator(".crumb a").click()
        await expect(choice(page, "Language")).to_have_value("en")
        await expect(choice(page, "Issue")).to_have_value("")
        assert not trouble
        assert await refused(page) == []


async def test_on_a_phone_the_weeks_scroll_beside_the_names(browser: Browser, site: Site) -> None:
    async with opened(browser, 390) as (page, trouble):
        await page.goto(site.address + "/pairs?weeks=26")
        region = page.get_by_role("region", name="Stories by actor, issue and week")
        await region.focus()
        place = "(one) => one.querySelector('tbody th').getBoundingClientRect().left"
        before = await region.evaluate(place)
        await region.evaluate("(one) => { one.scrollLeft = 400; }")
        assert await region.evaluate("(one) => one.scrollLeft") == 400
        after = await region.evaluate(place)
        assert abs(before - after) < 16
        assert await page.evaluate(OVER) <= 0
        fields = page.locator(".narrowing select, .narrowing input:not([type=hidden])")
        assert min(await fields.evaluate_all("(all) => all.map((one) => one.offsetHeight)")) >= 40
        assert not trouble


async def test_cells_are_reached_and_named_without_a_mouse(browser: Browser, site: Site) -> None:
    async with opened(browser) as (page, _):
        await page.goto(site.address + "/pairs")
        cell = page.locator(".pairs tbody tr").first.locator("td:not(.num) a").first
        await cell.focus()
        assert (await cell.evaluate("(one) => one.textContent")).endswith((" story", " stories"))
        row = page.locator(".pairs tbody tr").first
        await expect(row.locator("th[scope=row]")).to_have_count(1)
        assert await page.locator(".pairs thead th[scope=col]").count() == await row.locator("th, td").count()
        await page.keyboard.press("Enter")
        await expect(page.locator("blockquote.sentence").first).to_be_visible()
