"""Documents of the index as the values they were made from, with the story and versions of items."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from ceasewire.errors import StoreError
from ceasewire.items import Tagged
from ceasewire.stories import Story
from ceasewire.views import Hit
from cluster.search.client import Index

T = TypeVar("T")
NEWEST = ({"@timestamp": "desc"}, {"first_seen": "desc"}, {"id": "desc"})
"""The order of items: by date, then by when they came."""
_LONGEST_CHAIN = 100


def whole(source: Mapping[str, Any], name: str, kind: type[T]) -> T:
    """The value that the document holds under the name, as it was. Raises StoreError where it holds none."""
    try:
        return msgspec.convert(source[name], kind)
    except (KeyError, msgspec.ValidationError) as error:
        raise StoreError(f"a document of the index holds no {kind.__name__} that we can read ({error})") from None


async def hits(index: Index, sources: Sequence[Mapping[str, Any]]) -> list[Hit]:
    """The items of these documents, in this order, each with its story and the number of its versions."""
    tagged = [whole(source, "tagged", Tagged) for source in sources]
    ids = [one.item.id for one in tagged]
    stories = await stories_of(index, ids)
    versions = await _versions(index, ids)
    return [
        Hit(
            tagged=one,
            story=story.id if (story := stories.get(one.item.id)) else None,
            story_size=len(story.items) if story else 0,
            versions=max(versions.get(one.item.id, 1), 1),
        )
        for one in tagged
    ]


async def stories_of(index: Index, items: Sequence[str]) -> dict[str, Story]:
    """The story of each item that is in one; of merged ones the one that they went into."""
    if not items:
        return {}
    answer = await index.ask(
        "stories",
        query={
            "bool": {"filter": [{"terms": {"items": list(items)}}], "must_not": [{"exists": {"field": "merged_into"}}]}
        },
        sort=[{"@timestamp": "asc"}],
        size=1000,
    )
    wanted = set(items)
    found: dict[str, Story] = {}
    for one in answer["hits"]["hits"]:
        story = whole(one["_source"], "story", Story)
        found |= {item: story for item in story.items if item in wanted}
    return found


async def whole_story(index: Index, story: str) -> Story | None:
    """The story, or the one that it went into."""
    for _ in range(_LONGEST_CHAIN):
        found = (await index.get("stories", [story])).get(story)
        if found is None:
            return None
        value = whole(found, "story", Story)
        if value.merged_into is None:
            return value
        story = value.merged_into
    return None


async def tagged_items(index: Index, ids: Sequence[str]) -> list[Tagged]:
    """The items with these ids, in this order; missing ones are left out."""
    found = await index.get("items", ids)
    return [whole(found[id], "tagged", Tagged) for id in ids if id in found]


async def _versions(index: Index, items: Sequence[str]) -> dict[str, int]:
    """How many texts are known of each item."""
    if not items:
        return {}
    answer = await index.ask(
        "versions",
        query={"terms": {"item": list(items)}},
        size=0,
        aggs={"items": {"terms": {"field": "item", "size": len(items)}}},
    )
    return {one["key"]: int(one["doc_count"]) for one in answer["aggregations"]["items"]["buckets"]}
