"""The first minute without a network: the empty desk says what is wrong, and its button plays the sample day."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.desk.browser import chromium, opened, refused
from tests.end_to_end.newsroom import Newsroom
from tests.end_to_end.process import running
from tests.fakes.feed_server import FeedServer
from tests.fakes.receiver import closed_address

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


async def test_without_a_network_the_button_plays_the_sample_day(tmp_path: Path) -> None:
    nowhere = FeedServer()
    nowhere.port = int(closed_address().rpartition(":")[2])
    Newsroom(nowhere, "lakeside", "harbour").configure(tmp_path, closed_address())
    async with running(tmp_path) as process, chromium() as browser:
        async with opened(browser) as (page, trouble):
            await page.goto(process.address)
            await expect(page.locator("#empty h2")).to_contain_text("None of 2 feeds could be reached", timeout=20_000)
            assert "SAMPLE" not in await page.title()
            await page.get_by_role("button", name="Play the sample day").click()
            link = page.get_by_role("link", name="Open its desk")
            await expect(link).to_be_visible(timeout=30_000)
            assert await refused(page) == []
            sample = await link.get_attribute("href")
            assert sample is not None
            assert sample != process.address
            await link.click()
            await page.wait_for_url(sample)
            assert (await page.title()).startswith("SAMPLE")
            await expect(page.locator("body")).to_contain_text("None of it is news")
            await expect(page.locator("article.item").first).to_be_visible()
            assert not trouble
            assert await refused(page) == []

            await page.goto(process.address)
            await expect(page.locator("#empty h2")).to_contain_text("None of 2 feeds could be reached")
            assert (await process.get("api/items"))["total"] == 0, "the sample day is mixed with the real one"
            await expect(page.get_by_role("button", name="Play the sample day")).to_have_count(0)
            await expect(page.get_by_role("link", name="Open its desk")).to_have_attribute("href", sample)
        await process.end()
