"""A query tree as an Elasticsearch query over the fields that `indexers.templates` gives to items."""

from collections.abc import Collection
from typing import Any

from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word, Zone
from ceasewire.text.sought import target
from ceasewire.views import Ask
from indexers.analysis import field_language
from indexers.documents import source_key

Query = dict[str, Any]
NOTHING: Query = {"match_none": {}}
_STEMS: dict[Zone | None, str] = {None: "search", "lede": "in_lede.words", "title": "in_title.words"}
_WORDS: dict[Zone | None, tuple[str, ...]] = {None: ("title", "text"), "lede": ("in_lede.plain",), "title": ("title",)}
_FIELDS = {
    "issue": "issues",
    "actor": "actors",
    "conflict": "conflict",
    "lang": "lang",
    "relevance": "relevance",
    "mark": "marks",
    "extent": "extent",
}


def compile_ask(ask: Ask, languages: Collection[str]) -> Query:
    """The ask as one query without scores; `languages` are those of the indexed items."""
    filters: list[Query] = []
    span = {}
    if ask.since is not None:
        span["gte"] = ask.since.isoformat()
    if ask.until is not None:
        span["lt"] = ask.until.isoformat()
    if span:
        filters.append({"range": {"@timestamp": span}})
    if ask.node is not None:
        filters.append(compile_node(ask.node, languages))
    return {"bool": {"filter": filters}} if filters else {"match_all": {}}


def compile_node(node: Node, languages: Collection[str], zone: Zone | None = None) -> Query:
    """The node as a query that is met by the items that meet the node in the zone."""
    if isinstance(node, And):
        return {"bool": {"filter": [compile_node(part, languages, zone) for part in node.parts]}}
    if isinstance(node, Or):
        return _any([compile_node(part, languages, zone) for part in node.parts])
    if isinstance(node, Not):
        return {"bool": {"must_not": [compile_node(node.part, languages, zone)]}}
    if isinstance(node, In):
        inner: Zone = "title" if "title" in (zone, node.zone) else node.zone
        return compile_node(node.part, languages, inner)
    if isinstance(node, Has):
        return _has(node, zone)
    return _words(node, languages, zone)


def _any(parts: list[Query]) -> Query:
    return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else NOTHING


def _has(node: Has, zone: Zone | None) -> Query:
    if node.name == "source":
        return _any([{"term": {"source.feed": node.value}}, {"term": {"source.key": source_key(node.value)}}])
    if zone is not None and node.name in ("issue", "actor"):
        return {"term": {f"in_{zone}.{_FIELDS[node.name]}": node.value}}
    return {"term": {_FIELDS[node.name]: node.value}}


def _words(node: Word | Phrase, languages: Collection[str], zone: Zone | None) -> Query:
    wanted = target(node)
    if not wanted.words:
        return NOTHING
    if not wanted.exact:
        # the analyzer of each field makes the stem that its language has for the word
        spoken = sorted({field_language(language) for language in languages})
        return _any([{"match_phrase": {f"{_STEMS[zone]}.{language}": node.text}} for language in spoken])
    if wanted.prefix:
        return _any([_beginning(field, wanted.words) for field in _WORDS[zone]])
    return _any([{"match_phrase": {field: node.text}} for field in _WORDS[zone]])


def _beginning(field: str, words: tuple[str, ...]) -> Query:
    """Words side by side, the last of which may go on."""
    if len(words) == 1:
        return {"prefix": {field: {"value": words[0]}}}
    last: Query = {"prefix": {field: {"value": words[-1], "rewrite": "top_terms_1000"}}}
    clauses: list[Query] = [{"span_term": {field: word}} for word in words[:-1]]
    clauses.append({"span_multi": {"match": last}})
    return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}
