"""The indices: what each is called, the fields that it has, and the templates that give them to it."""

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, Literal, get_args

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.identity import short_hash
from ceasewire.text.stemming import STEMMER_VERSION
from indexers.analysis import FOLDED, analysis, analyzer_of, search_languages

Kind = Literal["items", "versions", "stories", "alerts", "decisions", "deliveries", "feeds"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TEMPLATE_VERSION = 2
"""Raised with every change of a mapping, an analyzer or a setting; a node with a newer one is left as it is."""
INDEX_VERSION = 1
"""The `-v1` of an index. Raised where an index cannot be changed in place: a new one is filled from the log."""
PRIORITY = 500
"""Above that of the templates that come with Elasticsearch."""
KEPT_BY: Mapping[Kind, str] = {
    "items": "first_seen",
    "versions": "first_seen",
    "stories": "@timestamp",
    "alerts": "@timestamp",
    "decisions": "@timestamp",
    "deliveries": "@timestamp",
    "feeds": "@timestamp",
}
"""The date from which a document is kept as long as the settings say.

Of items not their own date: what a feed lists of an old archive would be gone the next day.
"""

Field = dict[str, Any]
_LONGEST = 8_000
"""Signs of the longest keyword that is indexed: of four bytes each it is still one that a node takes."""
KEYWORD: Field = {"type": "keyword", "ignore_above": 1_024}
ADDRESS: Field = {"type": "keyword", "ignore_above": _LONGEST}
DATE: Field = {"type": "date", "ignore_malformed": True}
SECONDS: Field = {"type": "float"}
COUNT: Field = {"type": "integer"}
NUMBER: Field = {"type": "long"}
FLAG: Field = {"type": "boolean"}
WHOLE: Field = {"type": "object", "enabled": False}
"""A value of ours as it is: kept to be read, not searched."""


def _text(analyzer: str = FOLDED) -> Field:
    """Words, found or not: what is found is sorted by date, so nothing is kept for ranking."""
    return {"type": "text", "analyzer": analyzer, "norms": False}


def _by_language() -> Field:
    return {"properties": {language: _text(analyzer_of(language)) for language in search_languages()}}


HEADLINE: Field = _text() | {"fields": {"keyword": KEYWORD}}
_SOURCE: Field = {"properties": dict.fromkeys(("feed", "outlet", "key", "kind", "country", "language"), KEYWORD)}
_TAGS: Field = dict.fromkeys(("lang", "conflict", "relevance", "issues", "actors"), KEYWORD)
_PROPERTIES: dict[Kind, Field] = {
    "items": {
        "@timestamp": DATE,
        "published": DATE,
        "seen": DATE,
        "first_seen": DATE,
        "event": {"properties": {"ingested": DATE}},
        "id": KEYWORD,
        "rev": NUMBER,
        "edition": COUNT,
        "tagging": KEYWORD,
        "title": HEADLINE,
        "text": _text(),
        "url": {"properties": {"full": ADDRESS, "domain": KEYWORD, "key": ADDRESS}},
        "source": _SOURCE,
        **_TAGS,
        "places": KEYWORD,
        "documents": KEYWORD,
        "marks": KEYWORD,
        "pairs": KEYWORD,
        "rules": KEYWORD,
        "counted": FLAG,
        "gathered": FLAG,
        "baseline": FLAG,
        "extent": KEYWORD,
        "delay_seconds": SECONDS,
        "search": _by_language(),
        "in_title": {"properties": {"words": _by_language(), "issues": KEYWORD, "actors": KEYWORD}},
        "in_lede": {"properties": {"words": _by_language(), "plain": _text(), "issues": KEYWORD, "actors": KEYWORD}},
        "tagged": WHOLE,
    },
    "versions": {
        "@timestamp": DATE,
        "first_seen": DATE,
        "item": KEYWORD,
        "rev": NUMBER,
        "whole": WHOLE,
    },
    "stories": {
        "@timestamp": DATE,
        "id": KEYWORD,
        "title": HEADLINE,
        "url": {"properties": {"full": ADDRESS, "domain": KEYWORD}},
        "first": DATE,
        "last": DATE,
        "items": KEYWORD,
        "size": COUNT,
        "outlets": KEYWORD,
        "languages": KEYWORD,
        "conflicts": KEYWORD,
        "issues": KEYWORD,
        "actors": KEYWORD,
        "causes": KEYWORD,
        "merged_into": KEYWORD,
        "thread": KEYWORD,
        "version": NUMBER,
        "story": WHOLE,
    },
    "alerts": {
        "@timestamp": DATE,
        "id": KEYWORD,
        "rule": KEYWORD,
        "story": KEYWORD,
        "cause": KEYWORD,
        "follows": KEYWORD,
        "item": KEYWORD,
        "rev": NUMBER,
        "title": HEADLINE,
        "url": {"properties": {"full": ADDRESS, "domain": KEYWORD}},
        "source": _SOURCE,
        **_TAGS,
        "channels": KEYWORD,
        "alert": WHOLE,
        "tagged": WHOLE,
    },
    "decisions": {
        "@timestamp": DATE,
        "id": KEYWORD,
        "item": KEYWORD,
        "rev": NUMBER,
        "rule": KEYWORD,
        "story": KEYWORD,
        "action": KEYWORD,
        "reason": KEYWORD,
        "alert": KEYWORD,
        "title": HEADLINE,
        "decision": WHOLE,
    },
    "deliveries": {
        "@timestamp": DATE,
        "id": KEYWORD,
        "alert": KEYWORD,
        "channel": KEYWORD,
        "kind": KEYWORD,
        "state": KEYWORD,
        "outcome": KEYWORD,
        "tries": COUNT,
        "created": DATE,
        "due": DATE,
        "published": DATE,
        "seen": DATE,
        "delay_seconds": SECONDS,
        "own_delay_seconds": SECONDS,
        "version": NUMBER,
        "delivery": WHOLE,
    },
    "feeds": {
        "@timestamp": DATE,
        "feed": KEYWORD,
        "title": HEADLINE,
        "health": KEYWORD,
        "reason": KEYWORD,
        "detail": _text(),
        "failures": COUNT,
        "first_poll": DATE,
        "last_poll": DATE,
        "last_success": DATE,
        "last_new": DATE,
        "next_poll": DATE,
        "state": WHOLE,
    },
}
NOT_KEPT: tuple[str, ...] = ("search", "in_title.words", "in_lede.words", "in_lede.plain")
"""Fields of items that are searched only: their texts stand in `title` and `text` already."""


def alias(prefix: str, kind: Kind) -> str:
    """The name that all read and write by."""
    return f"{prefix}-{kind}"


def index_name(prefix: str, kind: Kind, version: int = INDEX_VERSION) -> str:
    """The index behind the alias."""
    return f"{prefix}-{kind}-v{version}"


def mapping(kind: Kind) -> Field:
    """The mapping of an index of this kind."""
    made: Field = {"dynamic": False, "_meta": _meta(), "properties": deepcopy(_PROPERTIES[kind])}
    if kind == "items":
        made["_source"] = {"excludes": [f"{name}.*" if name != "in_lede.plain" else name for name in NOT_KEPT]}
    return made


def fields(kind: Kind) -> dict[str, str]:
    """Each field that can be asked for, by its dotted name, with its type."""
    return dict(_flat("", _PROPERTIES[kind]))


def _flat(above: str, properties: Field) -> Iterator[tuple[str, str]]:
    for name, field in properties.items():
        if "properties" in field:
            yield from _flat(f"{above}{name}.", field["properties"])
        elif field.get("enabled", True):
            yield f"{above}{name}", field["type"]
            yield from _flat(f"{above}{name}.", field.get("fields", {}))


def component_templates(settings: ElasticsearchSettings) -> dict[str, Field]:
    """The component templates by name: one with what all indices share, one with the fields of each kind.

    Analyzers stand beside the fields that name them: a node takes no template with a field of an unknown analyzer.
    """
    shared = {"number_of_replicas": settings.replicas}
    found: dict[str, Field] = {_shared(settings): {"settings": {"index": shared}}}
    for kind in KINDS:
        long = kind in ("items", "versions")
        index: Field = {"number_of_shards": settings.shards if long else 1}
        index["analysis"] = analysis(search_languages() if kind == "items" else ())
        found[_fields(settings, kind)] = {"settings": {"index": index}, "mappings": mapping(kind)}
    return {name: {"template": made, "version": TEMPLATE_VERSION, "_meta": _meta(made)} for name, made in found.items()}


def index_templates(settings: ElasticsearchSettings) -> dict[str, Field]:
    """The composable templates by name, one for each kind."""
    return {
        alias(settings.prefix, kind): {
            "index_patterns": [f"{settings.prefix}-{kind}-v*"],
            "composed_of": [_shared(settings), _fields(settings, kind)],
            "priority": PRIORITY,
            "version": TEMPLATE_VERSION,
            "_meta": _meta(),
        }
        for kind in KINDS
    }


def _shared(settings: ElasticsearchSettings) -> str:
    return f"{settings.prefix}-settings"


def _fields(settings: ElasticsearchSettings, kind: Kind) -> str:
    return f"{settings.prefix}-{kind}-fields"


def _meta(made: Field | None = None) -> Field:
    """Who made it and by which version; of a template also a hash, by which a changed one is told."""
    said: Field = {"made_by": "ceasewire", "version": TEMPLATE_VERSION, "stemmer": STEMMER_VERSION}
    return said if made is None else said | {"made_of": short_hash(json.dumps(made, sort_keys=True))}
