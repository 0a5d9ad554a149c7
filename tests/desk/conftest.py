"""A browser and a desk over the made-up news, for the tests of one file."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from tests.desk.browser import chromium
from tests.desk.site import Site, serve
from tests.fakes.desk_ports import World


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with serve(World()) as running:
        yield running
