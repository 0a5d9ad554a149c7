"""The templates of the search index: what there is on a node, and what there should be."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ceasewire.config.settings import ElasticsearchSettings
from indexers.elastic import Elastic
from indexers.templates import TEMPLATE_VERSION, component_templates, index_templates

Made = Mapping[str, Any]


def template_faults(elastic: Elastic, settings: ElasticsearchSettings) -> list[str]:
    """Why no index may be made by the templates that there are, in words. Raises StoreError."""
    parts = parts_of(elastic, settings)
    faults = [words for part in parts for words in part.newer()]
    return faults or [words for part in parts for words in part.lacking()]


def parts_of(elastic: Elastic, settings: ElasticsearchSettings) -> "list[Part]":
    """The component templates and the index templates that the settings ask for. Raises StoreError."""
    components, wholes = component_templates(settings), index_templates(settings)
    return [
        Part("component template", components, elastic.component_template, elastic.put_component_template),
        Part("index template", wholes, elastic.index_template, elastic.put_index_template),
    ]


class Part:
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
