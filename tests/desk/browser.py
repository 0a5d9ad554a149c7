"""A headless Chromium that keeps what goes wrong on a page: dialogs, policy reports, errors."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic",
]  # fmt: skip
WATCH = """
window.__refused = [];
document.addEventListener("securitypolicyviolation", (report) => {
  window.__refused.push(report.violatedDirective + " " + report.sample);
});
"""


@dataclass
class Trouble:
    """What went wrong on the pages of a context."""

    dialogs: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    """Requests to other places than the desk."""

    def __bool__(self) -> bool:
        return bool(self.dialogs or self.errors or self.foreign)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def opened(browser: Browser, width: int = 1280, **options: Any) -> AsyncIterator[tuple[Page, Trouble]]:
    """A fresh page of the width in CSS pixels, with its troubles."""
    context = await browser.new_context(viewport={"width": width, "height": 900}, **options)
    context.set_default_timeout(15_000)
    await context.add_init_script(WATCH)
    page = await context.new_page()
    trouble = Trouble()

    async def refuse(dialog: Any) -> None:
        trouble.dialogs.append(dialog.message)
        await dialog.dismiss()

    page.on("dialog", refuse)
    page.on("pageerror", lambda error: trouble.errors.append(str(error)))
    page.on("console", lambda said: trouble.errors.append(said.text) if "Content Security" in said.text else None)
    page.on("request", lambda sent: trouble.foreign.append(sent.url) if "//127.0.0.1:" not in sent.url else None)
    try:
        yield page, trouble
    finally:
        await context.close()


async def refused(page: Page) -> list[str]:
    """What the content policy refused on the page since it was loaded."""
    reports: list[str] = await page.evaluate("window.__refused")
    return reports
