"""The data views: one for each kind of document, over its alias."""

import json
from typing import Any

Object = dict[str, Any]

VIEWS = {
    "items": ("Items", "@timestamp"),
    "stories": ("Stories", "@timestamp"),
    "alerts": ("Alerts", "@timestamp"),
    "decisions": ("Decisions", "@timestamp"),
    "deliveries": ("Deliveries", "@timestamp"),
    "feeds": ("Feeds", None),
}
"""The name of each kind's view, and the field that the time picker works on."""

_LINK = {"id": "url", "params": {"openLinkInCurrentTab": False}}
_SECONDS = {"id": "duration", "params": {"inputFormat": "seconds", "outputFormat": "humanizePrecise"}}
_FORMATS: dict[str, dict[str, Object]] = {"items": {"url.full": _LINK, "delay_seconds": _SECONDS}}
_FORMATS["deliveries"] = {"delay_seconds": _SECONDS}


def data_view(kind: str, prefix: str) -> Object:
    """The data view of one kind of document."""
    name, time = VIEWS[kind]
    attributes: Object = {
        "allowHidden": False,
        "fieldAttrs": "{}",
        "fieldFormatMap": json.dumps(_FORMATS.get(kind, {}), separators=(",", ":")),
        "fields": "[]",
        "name": f"Ceasewire {name.lower()}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "title": f"{prefix}-{kind}",
        "typeMeta": "{}",
    }
    if time:
        attributes["timeFieldName"] = time
    return saved("index-pattern", f"{prefix}-{kind}", attributes, [])


STAMPS = {
    "dashboard": "8.9.0",
    "lens": "8.9.0",
    "index-pattern": "7.11.0",
    "visualization": "8.5.0",
    "search": "7.9.3",
}
"""No newer than Kibana 8.9 writes them: an older Kibana refuses newer ones, a newer one moves older ones up."""


def saved(kind: str, id: str, attributes: Object, references: list[Object]) -> Object:
    """A saved object with the stamps of the oldest Kibana that takes it."""
    return {
        "attributes": attributes,
        "coreMigrationVersion": "8.8.0",
        "id": id,
        "managed": False,
        "references": references,
        "type": kind,
        "typeMigrationVersion": STAMPS[kind],
    }


def view_reference(view: str, name: str) -> Object:
    """A reference to the data view with this id."""
    return {"id": view, "name": name, "type": "index-pattern"}
