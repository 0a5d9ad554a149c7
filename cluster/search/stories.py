"""Stories by their latest news, from Elasticsearch: implements `ports.Stories`."""

from typing import Any

from ceasewire.stories import Story
from ceasewire.views import StoryPage, StoryView
from cluster.search.client import Index
from cluster.search.cursors import from_cursor, to_cursor
from cluster.search.hits import tagged_items, whole, whole_story

SHOWN = 200
"""Items of one story that are given."""
THREADED = 20
"""Other stories of its thread that are given."""


class ElasticStories:
    """Stories of the index."""

    def __init__(self, index: Index) -> None:
        self._index = index

    async def stories(self, after: str | None = None, limit: int = 30) -> StoryPage:
        """Stories with the latest news first; an `after` that is no cursor of ours starts at the top."""
        place = from_cursor(after)
        more: dict[str, Any] = {"search_after": place} if place else {}
        answer = await self._index.ask(
            "stories",
            query={"bool": {"must_not": [{"exists": {"field": "merged_into"}}]}},
            sort=[{"last": "desc"}, {"id": "desc"}],
            size=limit + 1,
            **more,
        )
        found = answer["hits"]["hits"]
        return StoryPage(
            stories=tuple(whole(one["_source"], "story", Story) for one in found[:limit]),
            next=to_cursor(found[limit - 1]["sort"]) if len(found) > limit else None,
        )

    async def story(self, story: str) -> StoryView | None:
        """One story with its items, oldest first; the id of a merged one leads to the story it went into."""
        found = await whole_story(self._index, story)
        if found is None:
            return None
        items = sorted(await tagged_items(self._index, found.items[:SHOWN]), key=lambda tagged: tagged.item.at)
        answer = await self._index.ask(
            "stories",
            query={
                "bool": {
                    "filter": [{"term": {"thread": found.began}}],
                    "must_not": [{"exists": {"field": "merged_into"}}, {"term": {"id": found.id}}],
                }
            },
            sort=[{"last": "desc"}, {"id": "desc"}],
            size=THREADED,
        )
        thread = (whole(one["_source"], "story", Story) for one in answer["hits"]["hits"])
        return StoryView(story=found, items=tuple(items), thread=tuple(thread))
