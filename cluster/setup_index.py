"""The templates, indices and aliases of the search index, as a step of the setup."""

from collections.abc import Iterator, Mapping

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.text.stemming import STEMMER_VERSION
from cluster.index_templates import parts_of
from cluster.reindex.plan import FILLING, Made, meta_of
from cluster.setup import Outcome
from indexers.elastic import Elastic
from indexers.templates import (
    INDEX_VERSION,
    KINDS,
    TEMPLATE_VERSION,
    Kind,
    alias,
    fields,
    index_name,
)

_REINDEX = "ceasewire cluster reindex fills a new one"


class Indices:
    """Makes what is missing. What a newer version made, and an index of other fields or stems, is refused by name."""

    name = "index"

    def __init__(self, settings: ElasticsearchSettings, version: int = INDEX_VERSION) -> None:
        """`version` is that of the indices that are made where there are none."""
        self._settings = settings
        self._version = version

    def run(self) -> Outcome:
        """Raises StoreError where Elasticsearch does not answer or does not let us."""
        elastic = Elastic(self._settings)
        try:
            parts = parts_of(elastic, self._settings)
            refusals = [words for part in parts for words in part.newer()]
            if refusals:
                return Outcome(refusals=tuple(refusals))
            lines = [words for part in parts for words in part.fit()]
            for kind in KINDS:
                said, refused = self._index(elastic, kind)
                lines += said
                refusals += refused
            return Outcome(tuple(lines), tuple(refusals))
        finally:
            elastic.close()

    def _index(self, elastic: Elastic, kind: Kind) -> tuple[list[str], list[str]]:
        """What was done for one kind, and what was refused."""
        name, made = alias(self._settings.prefix, kind), index_name(self._settings.prefix, kind, self._version)
        found = elastic.indices(f"{name},{name}-v*")
        if name in found:
            words = "is an index, where an alias must be: something wrote before the setup; delete it and set up again"
            return [], [f"{name}: {words}"]
        behind = [index for index, about in found.items() if name in about["aliases"]]
        if len(behind) > 1:
            return [], [f"{name}: leads to {' and '.join(sorted(behind))}, where it must lead to one"]
        if behind:
            return list(self._fit(elastic, kind, behind[0], found[behind[0]])), list(
                _differences(kind, behind[0], found)
            )
        if made in found:
            elastic.point(name, made)
            return [f"{name}: leads to {made}"], list(_differences(kind, made, found))
        elastic.create_index(made, [name])
        return [f"{made}: made, {name} leads to it"], []

    def _fit(self, elastic: Elastic, kind: Kind, index: str, about: Made) -> Iterator[str]:
        there = about["settings"]["index"]
        if int(there["number_of_replicas"]) != self._settings.replicas:
            elastic.replicas(index, self._settings.replicas)
            yield f"{index}: number_of_replicas changed from {there['number_of_replicas']} to {self._settings.replicas}"
        shards = int(there["number_of_shards"])
        if kind == "items" and shards != self._settings.shards:
            yield f"{index}: has {shards} shards and keeps them; another number counts for the next index only"
        if FILLING in meta_of(about):
            yield f"{index}: was not filled to its end: ceasewire cluster reindex goes on with it"


def _differences(kind: Kind, index: str, found: Mapping[str, Made]) -> Iterator[str]:
    """Why the index is not one that this version of the program can use, in words."""
    meta = found[index]["mappings"].get("_meta", {})
    version, stemmer = meta.get("version", 0), meta.get("stemmer", 0)
    if version > TEMPLATE_VERSION or stemmer > STEMMER_VERSION:
        yield f"{index}: was made by a newer version of the program: update the program"
    elif version < TEMPLATE_VERSION:
        yield f"{index}: has the fields of version {version}, this program has {TEMPLATE_VERSION}: {_REINDEX}"
    elif stemmer < STEMMER_VERSION:
        yield f"{index}: has stems of version {stemmer}, this program makes {STEMMER_VERSION}: {_REINDEX}"
    elif other := _other_fields(kind, found[index]["mappings"]):
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        yield f"{index}: {other[0]}{more}: ceasewire cluster reindex {kind} --anew fills one that is right"


def _other_fields(kind: Kind, there: Made) -> list[str]:
    """The fields that are missing or of another type, in words, as somebody made them by hand."""
    types = dict(_types("", there.get("properties", {})))
    return [
        f"the field {name} is {types.get(name, 'missing')}, {type} is wanted"
        for name, type in fields(kind).items()
        if types.get(name) != type
    ]


def _types(above: str, properties: Made) -> Iterator[tuple[str, str]]:
    for name, field in properties.items():
        if "type" in field:
            yield f"{above}{name}", field["type"]
        yield from _types(f"{above}{name}.", field.get("properties", {}))
        yield from _types(f"{above}{name}.", field.get("fields", {}))
