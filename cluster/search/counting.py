"""How many documents the index has of each kind."""

from collections.abc import Mapping

from ceasewire.config.settings import ElasticsearchSettings
from cluster.search.client import Index, connect
from indexers.templates import KINDS


async def count(settings: ElasticsearchSettings) -> Mapping[str, int]:
    """Documents by kind, as far as they can be found by now. Raises StoreError in words."""
    async with connect(settings) as client:
        index = Index(client, settings)
        found = {kind: await index.ask(kind, size=0, track_total_hits=True) for kind in KINDS}
    return {kind: int(answer["hits"]["total"]["value"]) for kind, answer in found.items()}
