"""Fills indices of a real node for tests of what reads them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from itertools import count

import msgspec
from elasticsearch import AsyncElasticsearch
from msgspec.structs import replace

from ceasewire.codec import encode
from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.items import Tagged
from ceasewire.topics import TAGGED
from cluster.search.client import Index, connect
from indexers.documents import Document, Unfit, documents
from indexers.templates import KINDS, alias, component_templates, index_name, index_templates
from tests.store.making import NOON

_CHANGES = count(1)


async def make_indices(client: AsyncElasticsearch, settings: ElasticsearchSettings) -> None:
    """Empty indices under the prefix."""
    for name, component in component_templates(settings).items():
        await client.cluster.put_component_template(name=name, **component)
    for name, made in index_templates(settings).items():
        await client.indices.put_index_template(name=name, **made)
    for kind in KINDS:
        await client.indices.create(index=index_name(settings.prefix, kind), aliases={alias(settings.prefix, kind): {}})


async def remove_indices(client: AsyncElasticsearch, settings: ElasticsearchSettings) -> None:
    """Everything under the prefix is gone."""
    await client.indices.delete(index=[index_name(settings.prefix, kind) for kind in KINDS], ignore_unavailable=True)
    await client.indices.delete_index_template(name=",".join(index_templates(settings)))
    await client.cluster.delete_component_template(name=list(component_templates(settings)))


@asynccontextmanager
async def opened(url: str, prefix: str) -> AsyncIterator[tuple[AsyncElasticsearch, ElasticsearchSettings]]:
    """A client, with empty indices under the prefix that are deleted at the end."""
    settings = ElasticsearchSettings(url=url, prefix=prefix)
    client = connect(settings)
    try:
        await make_indices(client, settings)
        yield client, settings
    finally:
        await remove_indices(client, settings)
        await client.close()


@contextmanager
def stocked(url: str, prefix: str, tagged: Sequence[Tagged]) -> Iterator[ElasticsearchSettings]:
    """Indices with these items, outside of any event loop."""
    settings = ElasticsearchSettings(url=url, prefix=prefix)

    async def make() -> None:
        async with connect(settings) as client:
            await make_indices(client, settings)
            await fill(client, settings, [(TAGGED, one) for one in tagged])

    async def remove() -> None:
        async with connect(settings) as client:
            await remove_indices(client, settings)

    with ThreadPoolExecutor(1) as thread:  # the test that asks for it may have a loop of its own
        thread.submit(lambda: asyncio.run(make())).result()
        yield settings
        thread.submit(lambda: asyncio.run(remove())).result()


async def fill(
    client: AsyncElasticsearch, settings: ElasticsearchSettings, rows: Sequence[tuple[str, msgspec.Struct]]
) -> None:
    """Indexes what lies on topics as the indexer does, and makes it findable."""
    made: list[Document] = []
    for topic, value in rows:
        found = documents(topic, encode(value), NOON)
        assert not isinstance(found, Unfit), found
        # a story of these tests has no version: the later one stands
        made += [replace(one, version=next(_CHANGES)) if one.kind == "stories" else one for one in found]
    steps: list[object] = []
    for one in made:
        steps.append(
            {
                "index": {
                    "_index": alias(settings.prefix, one.kind),
                    "_id": one.id,
                    "version": one.version,
                    "version_type": "external",
                }
            }
        )
        steps.append(msgspec.json.decode(one.body))
    for at in range(0, len(steps), 400):
        answer = await client.bulk(operations=steps[at : at + 400], refresh=True)
        refused = [one["index"] for one in answer["items"] if one["index"]["status"] not in (200, 201, 409)]
        assert not refused, refused[:3]


@asynccontextmanager
async def filled(url: str, prefix: str, tagged: Sequence[Tagged]) -> AsyncIterator[Index]:
    """The indices with these items."""
    async with opened(url, prefix) as (client, settings):
        await fill(client, settings, [(TAGGED, one) for one in tagged])
        yield Index(client, settings)
