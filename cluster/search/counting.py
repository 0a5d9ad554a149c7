"""How many documents the index has of each kind, and which indices are not filled yet."""

from collections.abc import Mapping
from typing import NamedTuple

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from cluster.reindex.plan import FILLING, number_of
from cluster.search.client import Index, connect
from indexers.templates import KINDS, Kind


class Counted(NamedTuple):
    """What the index has."""

    documents: Mapping[Kind, int]
    """By kind, as far as they can be found by now."""
    unfilled: tuple[str, ...] = ()
    """Indices that a `cluster reindex` has made and not filled to the end."""


async def count(settings: ElasticsearchSettings) -> Counted:
    """Raises StoreError in words. Who may not see what is noted of indices is told of none that is not filled."""
    async with connect(settings) as client:
        index = Index(client, settings)
        found = {kind: await index.ask(kind, size=0, track_total_hits=True) for kind in KINDS}
        try:
            notes = await index.notes()
        except StoreError:
            notes = {}
    documents = {kind: int(answer["hits"]["total"]["value"]) for kind, answer in found.items()}
    ours = {name for name in notes for kind in KINDS if number_of(index.alias(kind), name)}
    return Counted(documents, tuple(sorted(name for name in ours if FILLING in notes[name])))
