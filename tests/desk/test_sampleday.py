"""The sample day behind its button: one at a time, known to every page, shown as started, playing, played or failed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from ceasewire.errors import StoreError
from desk.sampleday import LENGTH
from embedded.demo.play import STEP_SECONDS
from embedded.demo.sample import read_day
from tests.desk.site import Site, serve
from tests.fakes.desk_ports import World, empty_world

OWN = {"Sec-Fetch-Site": "same-origin"}
ADDRESS = "http://127.0.0.1:8399/"


@asynccontextmanager
async def waiting(reached: bool) -> AsyncIterator[tuple[Site, World, asyncio.Event]]:
    """An empty desk whose sample day comes up when the event is set."""
    up = asyncio.Event()
    world = empty_world(reached)
    world.curtain = up
    async with serve(world) as site:
        yield site, world, up


async def press(site: Site, **headers: str) -> str:
    """What the button answers, redirects followed."""
    sent = OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    async with site.client.post(site.address + "/sample", headers=sent) as answer:
        assert answer.status == 200
        return await answer.text()


async def shown(site: Site, path: str, words: str) -> str:
    """The page, once it says the words."""
    for _ in range(500):
        text = await site.get(path)
        if words in text:
            return text
        await asyncio.sleep(0.02)
    raise AssertionError(f"{path} never said: {words}")


async def test_a_press_is_seen_at_once_and_the_link_follows_on_every_page() -> None:
    for reached in (True, False):
        async with waiting(reached) as (site, world, up):
            assert "Play the sample day" in await site.get("/")
            assert "Starting the sample day …" in await press(site, HX_Request="true")
            assert "Play the sample day" not in await press(site), "the page that a press without scripts leads to"
            assert '<noscript><meta http-equiv="refresh"' in await site.get("/sample")
            assert "Play the sample day" not in await site.get("/")
            assert "is being started" in await site.get("/feeds")
            up.set()
            assert f'href="{ADDRESS}"' in await shown(site, "/", "The sample day is playing")
            assert f'href="{ADDRESS}"' in await site.get("/feeds")
            assert f'href="{ADDRESS}"' in await press(site)
            assert world.done == [("sample",)], "more than one day was started"


async def test_after_its_length_it_was_played() -> None:
    async with serve(empty_world(reached=True)) as site:
        await press(site)
        assert "The sample day is playing" in await site.get("/")
        site.world.now += LENGTH + timedelta(seconds=1)
        for path in ("/", "/stories", "/sample"):
            text = await site.get(path)
            assert "The sample day was played" in text
            assert f'href="{ADDRESS}"' in text


async def test_a_fault_is_said_and_the_button_is_there_again() -> None:
    world = empty_world(reached=True)
    world.fault = StoreError("the disk is full")
    async with serve(world) as site:
        assert "the disk is full" in await press(site)
        text = await site.get("/")
        assert "the disk is full" in text
        assert "Play the sample day" in text
        world.fault = None
        assert f'href="{ADDRESS}"' in await press(site)
        assert "the disk is full" not in await site.get("/")


def test_the_length_is_that_of_the_day() -> None:
    plays = (read_day().steps - 1) * STEP_SECONDS
    assert plays <= LENGTH.total_seconds() <= plays + 20
