"""Folders with a small configuration, for tests that start Ceasewire."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from process.places import Places

KEY = "whsec_a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
RULE = """id: harbour
name: Harbour news
query: harbour
max_age: 24 h
channels: [team]
"""


def make_places(folder: Path, *feeds: str, channel: str = "http://127.0.0.1:8999/hook", settings: str = "") -> Places:
    """A configuration with the feeds, one rule for the word "harbour" and one webhook named `team`."""
    config = folder / "config"
    (config / "rules").mkdir(parents=True)
    write_feeds(config, *feeds)
    (config / "channels.yml").write_text(
        f"channels:\n  - id: team\n    kind: webhook\n    url: {channel}\n    secret: ${{TEAM_KEY}}\n"
        "    allow_private: [127.0.0.0/8]\n"
    )
    (config / "rules" / "harbour.yml").write_text(RULE)
    (config / "settings.yml").write_text(f"desk:\n  port: 0\npolling:\n  allow_private: [127.0.0.0/8]\n{settings}")
    return Places(config=config, data=folder / "data")


def write_feeds(config: Path, *urls: str) -> None:
    """feeds.yml with feeds named f0, f1 ..."""
    rows = "".join(
        f"  - id: f{n}\n    url: {url}\n    outlet: Outlet {n}\n    interval: 1 s\n" for n, url in enumerate(urls)
    )
    (config / "feeds.yml").write_text(f"feeds:\n{rows}" if rows else "feeds: []\n")


def news(*titles: str) -> bytes:
    """An RSS feed with an entry for each title, published just now."""
    now = format_datetime(datetime.now(UTC))
    items = "".join(
        f"<item><guid>{title}</guid><title>{title}</title><link>https://valley.example/{n}</link>"
        f"<description>What is known so far.</description><pubDate>{now}</pubDate></item>"
        for n, title in enumerate(titles)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>V</title>{items}</channel></rss>".encode()


ENVIRON = {"TEAM_KEY": KEY}


async def eventually(is_so: Callable[[], object], seconds: float = 30.0) -> float:
    """Waits until it is so and gives the seconds that it took; fails after the time."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "it did not come to be in time"
        await asyncio.sleep(0.02)
    return time.monotonic() - began
