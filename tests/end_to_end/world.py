"""A small outside world on real sockets: a feed that grows while it is read, and a receiver that notes all."""

import base64
import random
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from aiohttp import web
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
_WORDS = (
    "harbour orchard lantern copper meadow violin granite thunder pepper saddle marble falcon ribbon cabin walnut "
    "mirror canyon velvet anchor timber blanket sparrow kettle glacier puzzle hammer island ticket basket compass "
    "fiddle garden helmet insect jacket ladder magnet needle oyster pencil quarry rocket signal tunnel urchin vessel"
).split()


def entry_text(number: int) -> tuple[str, str, bool]:
    """Title and text of an entry, and whether it must raise an alert (every fourth)."""
    luck = random.Random(number)
    filler = " ".join(luck.choice(_WORDS) for _ in range(60)).capitalize()
    if number % 4 == 0:
        title = f"Kyiv and Moscow discuss ceasefire, delegation {number} says"
        return title, f"Ukraine and Russia held talks on a ceasefire, group {number} said. {filler}.", True
    return f"Town fair number {number} opens", f"The fair opened in town {number}. {filler}.", False


class World:
    """Serves /feed with `listed` entries, more at each fetch, and takes webhooks at /hook."""

    def __init__(self, entries: int, step: int) -> None:
        self.entries = entries
        self.step = step
        self.listed = 0
        self.fetches = 0
        self.received: Counter[str] = Counter()
        self.titles: dict[str, str] = {}
        self.bad_signatures = 0
        self.started = datetime.now(UTC)
        self.address = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "World":
        app = web.Application(client_max_size=2**20)
        app.router.add_get("/feed", self._feed)
        app.router.add_post("/hook", self._hook)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.address = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _feed(self, request: web.Request) -> web.Response:
        self.fetches += 1
        self.listed = min(self.entries, self.listed + self.step)
        rows = []
        for number in range(self.listed):
            title, text, _ = entry_text(number)
            rows.append(
                f"<item><guid isPermaLink='false'>e{number}</guid><title>{escape(title)}</title>"
                f"<link>{self.address}/n/{number}</link><description>{escape(text)}</description>"
                f"<pubDate>{format_datetime(self.started)}</pubDate></item>"
            )
        body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>World</title>{''.join(rows)}</channel></rss>"
        return web.Response(body=body.encode(), content_type="application/rss+xml")

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        try:
            said = Webhook(SECRET).verify(body, dict(request.headers))
        except Exception:  # the library raises one of several; each is a bad signature here
            self.bad_signatures += 1
            return web.Response(status=400)
        name = request.headers["webhook-id"]
        self.received[name] += 1
        self.titles[name] = said["data"]["item"]["title"]
        return web.Response(status=204)

    @property
    def alerting(self) -> set[str]:
        """Titles of all entries that must raise an alert."""
        return {title for title, _, alerts in map(entry_text, range(self.entries)) if alerts}
