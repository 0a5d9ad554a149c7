"""The templates, indices and aliases of the search index, as a step of the setup."""

from collections.abc import Callable, Iterator, Mapping

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.text.stemming import STEMMER_VERSION
from cluster.reindex.plan import FILLING, Made, meta_of
from cluster.setup import Outcome
from indexers.elastic import Elastic
from indexers.templates import (
    INDEX_VERSION,
    KINDS,
    TEMPLATE_VERSION,
    Kind,
    alias,
    component_templates,
    fields,
    index_name,
    index_templates,
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
            parts = _parts(elastic, self._settings)
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


def template_faults(elastic: Elastic, settings: ElasticsearchSettings) -> list[str]:
    """Why no index may be made by the templates that there are, in words. Raises StoreError."""
    parts = _parts(elastic, settings)
    faults = [words for part in parts for words in part.newer()]
    return faults or [words for part in parts for words in part.lacking()]


def _parts(elastic: Elastic, settings: ElasticsearchSettings) -> "list[_Part]":
    components, wholes = component_templates(settings), index_templates(settings)
    return [
        _Part("component template", components, elastic.component_template, elastic.put_component_template),
        _Part("index template", wholes, elastic.index_template, elastic.put_index_template),
    ]


class _Part:
    """Templates of one sort: what there is, and what there should be."""

    def __init__(
        self,
        what: str,
        wanted: Mapping[str, Made],
        get: Callable[[str], Made | None],
        put: Callable[[str, Made], None],
    ) -> None:
        self._what = what
        self._wanted = wanted
        self._put = put
        self._there = {name: get(name) for name in wanted}

    def newer(self) -> Iterator[str]:
        """What was made by a newer version of the program, or by another one."""
        for name, there in self._there.items():
            if there is None:
                continue
            if there.get("_meta", {}).get("made_by") != "ceasewire":
                yield f"{name}: the {self._what} of this name is not ours; set elasticsearch.prefix"
            elif int(there.get("version", 0)) > TEMPLATE_VERSION:
                yield (
                    f"{name}: the {self._what} has version {there['version']}, this program makes {TEMPLATE_VERSION}: "
                    "update the program"
                )

    def lacking(self) -> Iterator[str]:
        """What is missing or not as it should be."""
        for name in self._wanted:
            if not self._is_there(name):
                yield f"{name}: the {self._what} is not that of this version: ceasewire cluster setup makes it"

    def _is_there(self, name: str) -> bool:
        there = self._there[name]
        return (
            there is not None
            and there.get("version") == TEMPLATE_VERSION
            and there["_meta"] == self._wanted[name]["_meta"]
        )

    def fit(self) -> Iterator[str]:
        """Makes what is missing, and what differs anew."""
        for name, wanted in self._wanted.items():
            there = self._there[name]
            if self._is_there(name):
                continue
            self._put(name, wanted)
            if there is None:
                yield f"{name}: {self._what} made, version {TEMPLATE_VERSION}"
            elif there.get("version") == TEMPLATE_VERSION:
                yield f"{name}: {self._what} changed"
            else:
                yield f"{name}: {self._what} brought from version {there.get('version', 0)} to {TEMPLATE_VERSION}"


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
