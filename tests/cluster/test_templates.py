"""The setup of the index on a real node: made once, left alone, and refused where that would hurt."""

from typing import Any

import pytest

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from cluster.setup_index import Indices
from indexers.elastic import Elastic
from indexers.templates import (
    KEPT_BY,
    KINDS,
    NOT_KEPT,
    TEMPLATE_VERSION,
    alias,
    component_templates,
    fields,
    index_name,
    index_templates,
    mapping,
)
from tests.cluster.indexes import asked


@pytest.fixture
def settings(elasticsearch: str, prefix: str) -> ElasticsearchSettings:
    return ElasticsearchSettings(url=elasticsearch, prefix=prefix.rstrip("-"))


def test_setup_makes_all_and_then_nothing(settings: ElasticsearchSettings) -> None:
    first = Indices(settings).run()
    assert not first.refusals
    names = {line.partition(":")[0] for line in first.lines}
    assert names == {
        *component_templates(settings),
        *index_templates(settings),
        *(index_name(settings.prefix, kind) for kind in KINDS),
    }
    again = Indices(settings).run()
    assert again == ((), ())


def test_indices_have_the_fields_of_the_templates(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    for kind in KINDS:
        name = index_name(settings.prefix, kind)
        found = asked(f"{settings.url}/{name}")[name]
        assert list(found["aliases"]) == [alias(settings.prefix, kind)]
        there = found["mappings"]
        assert there["dynamic"] == "false"
        assert set(there["properties"]) == set(mapping(kind)["properties"])
        caps = asked(f"{settings.url}/{name}/_field_caps?fields=*")["fields"]
        told = {field: next(iter(one)) for field, one in caps.items() if not field.startswith("_")}
        searchable = {field: type for field, type in told.items() if type not in ("object", "nested")}
        assert searchable == fields(kind)
        assert KEPT_BY[kind] in searchable


def test_what_is_unknown_is_kept_and_not_indexed_and_copies_are_not_kept(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    name = f"{settings.url}/{alias(settings.prefix, 'items')}"
    document: dict[str, Any] = {
        "title": "Truce",
        "stranger": {"a": 1},
        "published": "no date",
        "search": {"en": ["Truce talks"], "xx": "y"},
        "in_title": {"words": {"en": "Truce"}, "issues": ["ceasefire"]},
        "in_lede": {"plain": ["Truce"], "words": {"en": "Truce"}},
        "tagged": {"a.b": [{"c": 1}, "d"], "deep": {"e": {"f": "x" * 40_000}}},
    }
    assert asked(f"{name}/_doc/1?refresh=true", document, "PUT")["result"] == "created"
    kept = asked(f"{name}/_doc/1")["_source"]
    assert kept["tagged"] == document["tagged"]
    assert kept["stranger"] == {"a": 1}
    assert kept["in_title"]["issues"] == ["ceasefire"]
    for path in NOT_KEPT:
        value: Any = kept
        for step in path.split("."):
            value = value.get(step) or {}
        assert not value, path
    found = asked(f"{name}/_search", {"query": {"match": {"search.en": "talk"}}}, "POST")
    assert found["hits"]["total"]["value"] == 1


def test_newer_template_is_refused_by_name_and_nothing_is_done(settings: ElasticsearchSettings) -> None:
    name = f"{settings.prefix}-stories-fields"
    newer = component_templates(settings)[name] | {"version": TEMPLATE_VERSION + 1}
    asked(f"{settings.url}/_component_template/{name}", newer, "PUT")
    outcome = Indices(settings).run()
    assert outcome.lines == ()
    assert outcome.refusals == (
        f"{name}: the component template has version {TEMPLATE_VERSION + 1}, this program makes {TEMPLATE_VERSION}: "
        "update the program",
    )
    assert asked(f"{settings.url}/_cat/indices/{settings.prefix}*?format=json") == []


def test_older_template_is_brought_up_and_a_changed_one_made_anew(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    older, changed = f"{settings.prefix}-stories-fields", f"{settings.prefix}-settings"
    wanted = component_templates(settings)
    asked(f"{settings.url}/_component_template/{older}", wanted[older] | {"version": 0}, "PUT")
    more = settings.model_copy(update={"replicas": 1})
    outcome = Indices(more).run()
    assert f"{older}: component template brought from version 0 to {TEMPLATE_VERSION}" in outcome.lines
    assert f"{changed}: component template changed" in outcome.lines
    items = index_name(settings.prefix, "items")
    assert f"{items}: number_of_replicas changed from 0 to 1" in outcome.lines
    assert Indices(more).run() == ((), ())


def test_strangers_template_is_refused(settings: ElasticsearchSettings) -> None:
    name = alias(settings.prefix, "items")
    body = {"index_patterns": ["t-nothing*"], "priority": 1, "template": {}}
    asked(f"{settings.url}/_index_template/{name}", body, "PUT")
    [refusal] = Indices(settings).run().refusals
    assert refusal == f"{name}: the index template of this name is not ours; set elasticsearch.prefix"


def test_index_in_place_of_the_alias_is_refused(settings: ElasticsearchSettings) -> None:
    name = alias(settings.prefix, "alerts")
    asked(f"{settings.url}/{name}/_doc/1", {"a": 1}, "PUT")
    outcome = Indices(settings).run()
    assert [line.partition(":")[0] for line in outcome.refusals] == [name]
    assert "is an index, where an alias must be" in outcome.refusals[0]
    assert f"{index_name(settings.prefix, 'items')}: made" in "\n".join(outcome.lines)


FILL = "ceasewire cluster reindex fills a new one"


def test_index_of_older_fields_is_refused(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    name = index_name(settings.prefix, "feeds")
    asked(f"{settings.url}/{name}/_mapping", {"_meta": {"version": 0, "stemmer": 1}}, "PUT")
    [refusal] = Indices(settings).run().refusals
    assert refusal == f"{name}: has the fields of version 0, this program has {TEMPLATE_VERSION}: {FILL}"


def test_index_whose_mapping_was_made_by_something_else_is_refused(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    name = index_name(settings.prefix, "feeds")
    wanted = mapping("feeds")
    asked(f"{settings.url}/{name}", method="DELETE")
    del wanted["properties"]["reason"]
    wanted["properties"]["health"] = {"type": "text"}
    asked(f"{settings.url}/_index_template/{alias(settings.prefix, 'feeds')}", method="DELETE")
    analyzers = component_templates(settings)[f"{settings.prefix}-feeds-fields"]["template"]["settings"]
    whole = {"settings": analyzers, "mappings": wanted, "aliases": {alias(settings.prefix, "feeds"): {}}}
    asked(f"{settings.url}/{name}", whole, "PUT")
    [refusal] = Indices(settings).run().refusals
    assert refusal == (
        f"{name}: the field health is text, keyword is wanted and 1 more: "
        "ceasewire cluster reindex feeds --anew fills one that is right"
    )


def test_second_version_stands_beside_the_first_until_the_alias_moves(settings: ElasticsearchSettings) -> None:
    Indices(settings).run()
    name, second = alias(settings.prefix, "items"), index_name(settings.prefix, "items", 2)
    elastic = Elastic(settings)
    elastic.create_index(second, [])
    assert asked(f"{settings.url}/{second}")[second]["mappings"]["dynamic"] == "false"
    assert list(asked(f"{settings.url}/_alias/{name}")) == [index_name(settings.prefix, "items")]
    elastic.point(name, second)
    elastic.close()
    assert list(asked(f"{settings.url}/_alias/{name}")) == [second]
    assert Indices(settings).run() == ((), ())


def test_fresh_indices_may_begin_with_a_later_version(settings: ElasticsearchSettings) -> None:
    assert not Indices(settings, version=3).run().refusals
    assert list(asked(f"{settings.url}/_alias/{alias(settings.prefix, 'items')}")) == [
        index_name(settings.prefix, "items", 3)
    ]


def test_node_that_is_away_is_said_in_words() -> None:
    with pytest.raises(StoreError, match="Elasticsearch cannot be reached"):
        Indices(ElasticsearchSettings(url="http://127.0.0.1:9")).run()
