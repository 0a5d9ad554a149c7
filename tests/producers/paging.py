"""What tests of linked pages share."""

from tests.fakes.pages import list_entries
from tests.producers.conftest import Bench

TITLE, SUMMARY = "Ceasefire talks go on", "Envoys speak of a ceasefire."


async def polled(bench: Bench, path: str = "/page", title: str = TITLE, **feed: object) -> None:
    """Polls a feed whose one entry links to the page, and reads what is wanted."""
    bench.add("post", list_entries(bench.server, "/rss", (title, SUMMARY, bench.server.url(path))), **feed)
    await bench.check("post")
    await bench.poller.read_pages()


def outcomes(bench: Bench) -> dict[str, int]:
    """What became of the pages, as the feed's state counts it."""
    return bench.intake.states["post"].pages
