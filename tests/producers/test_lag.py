"""Hostile entries over real sockets: while they are read and admitted, everything else in the process goes on."""

import asyncio
import contextlib
import time
from xml.sax.saxutils import escape

import pytest

from tests.fakes.feed_server import Answer
from tests.producers.conftest import Bench

SIZE = 250_000
BODIES = {
    "blanks": "x" + " " * SIZE + "y",
    "line ends": "x" + "\n" * SIZE + "y",
    "blanks before a line end": ("\n" + " " * 999) * (SIZE // 1000) + "y",
    "lists in lists": "<ul><li>" * (SIZE // 8),
    "formatting that stays open": "".join(f"<p><b a={number}>" for number in range(4_000)),
    "lines like a page's end, and text after them": "Popular<br>" * (SIZE // 11) + "word " * 60 + "end.",
}


async def longest_pause(stop: asyncio.Event) -> float:
    """How long the loop was once away, in seconds."""
    longest, before = 0.0, time.monotonic()
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await stop.wait()
        longest, before = max(longest, time.monotonic() - before), time.monotonic()
    return longest


@pytest.mark.parametrize("kind", BODIES)
async def test_a_hostile_entry_stops_nothing_else(bench: Bench, kind: str) -> None:
    item = f"<item><guid>1</guid><title>Talks open</title><description>{escape(BODIES[kind])}</description></item>"
    body = f"<rss><channel><title>River</title>{item}</channel></rss>".encode()
    bench.server.routes["/odd"] = Answer(body)
    bench.add("odd", bench.server.url("/odd"))
    stop = asyncio.Event()
    pause = asyncio.create_task(longest_pause(stop))
    await bench.check("odd")
    stop.set()
    assert bench.intake.titles("odd") == ["Talks open"]
    assert await pause < 2
