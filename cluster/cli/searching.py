"""The command `ceasewire cluster search`: the search of the embedded edition, asked of Elasticsearch."""

import asyncio
from datetime import UTC, datetime

import typer

from cluster.cli.configured import said_in_words, settings_and_feeds


def add(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="search", context_settings={"ignore_unknown_options": True})(search)


def search(
    ctx: typer.Context,
    words: list[str] = typer.Argument(
        help='Words, "phrases", AND OR NOT, issue: actor: conflict: lang: source: mark: extent: in:title',
    ),
    since: str = typer.Option("", help="Only items from here on: 7d, 24h or 2026-03-01"),
    until: str = typer.Option("", help="Only items before this: 24h ago as 24h, or 2026-03-01"),
    limit: int = typer.Option(20, min=1, max=1000, help="Items shown"),
    json: bool = typer.Option(False, "--json", help="One JSON line for each item, with the words that matched"),
    facets: bool = typer.Option(False, help="Counts of issues, actors, languages, sources and days instead of items"),
) -> None:
    """Finds indexed items, newest first, in the same grammar as `ceasewire search`."""
    from cluster.search.client import Index, connect
    from cluster.search.searching import ElasticSearch
    from embedded.cli.found import answer
    from embedded.cli.reading import read_ask, read_words
    from embedded.cli.sources import refuse_unknown_sources

    query = read_words(words, "ceasewire cluster search")
    ask = read_ask(ctx.obj, query, since, until, limit)

    async def run() -> None:
        async with connect(settings.elasticsearch) as client:
            searching = ElasticSearch(Index(client, settings.elasticsearch), lambda: datetime.now(UTC))
            await refuse_unknown_sources(ctx.obj, searching, ask)
            await answer(searching, ask, query, json, facets)

    with said_in_words():
        settings, _ = settings_and_feeds(ctx.obj)
        asyncio.run(run())
