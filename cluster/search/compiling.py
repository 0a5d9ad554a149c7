"""A query tree as an Elasticsearch query over the words that `ceasewire.findable` gives."""

from collections.abc import Collection
from typing import Any

from ceasewire.findable import in_zone
from ceasewire.query import And, Has, In, Node, Not, Or, Phrase, Word, Zone
from ceasewire.text.folding import fold
from ceasewire.text.sought import target, unmarked
from ceasewire.text.stemming import stems
from ceasewire.views import Ask

Query = dict[str, Any]
NOTHING: Query = {"match_none": {}}
_PARTS: dict[Zone | None, tuple[str, ...]] = {None: ("title", "text"), "lede": ("title", "lede"), "title": ("title",)}
_FIELDS = {"issue": "issues", "actor": "actors", "conflict": "conflict", "lang": "lang", "relevance": "relevance"}


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
        return _any([{"term": {"source.feed": node.value}}, {"term": {"find.outlet": fold(node.value).text}}])
    if zone is not None and node.name in ("issue", "actor"):
        return {"term": {"find.zones": in_zone(zone, node.name, node.value)}}
    return {"term": {_FIELDS[node.name]: node.value}}


def _words(node: Word | Phrase, languages: Collection[str], zone: Zone | None) -> Query:
    wanted = target(node)
    if not wanted.words:
        return NOTHING
    if not wanted.exact:
        forms = {" ".join(map(unmarked, stems(node.text, language))) for language in {*languages, "und"}}
        return _any([{"match_phrase": {f"find.stems.{part}": form}} for part in _PARTS[zone] for form in sorted(forms)])
    if wanted.prefix:
        return _any([_beginning(f"find.words.{part}", wanted.words) for part in _PARTS[zone]])
    return _any([{"match_phrase": {f"find.words.{part}": " ".join(wanted.words)}} for part in _PARTS[zone]])


def _beginning(field: str, words: tuple[str, ...]) -> Query:
    """Words side by side, the last of which may go on."""
    last: Query = {"prefix": {field: {"value": words[-1], "rewrite": "top_terms_1000"}}}
    if len(words) == 1:
        return {"prefix": {field: {"value": words[0]}}}
    clauses: list[Query] = [{"span_term": {field: word}} for word in words[:-1]]
    clauses.append({"span_multi": {"match": last}})
    return {"span_near": {"clauses": clauses, "slop": 0, "in_order": True}}
