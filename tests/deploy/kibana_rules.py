"""What a file for Kibana must hold to, in our own words: no Kibana can be run where these tests run."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Object = dict[str, Any]
Fields = Mapping[str, Mapping[str, str]]
"""The fields of each index by the title of its data view, with their types in Elasticsearch."""

NEWEST = {
    "dashboard": "8.9.0",
    "lens": "8.9.0",
    "index-pattern": "7.11.0",
    "visualization": "8.5.0",
    "search": "8.0.0",
}
DASHBOARD = {
    "title",
    "description",
    "hits",
    "version",
    "panelsJSON",
    "optionsJSON",
    "kibanaSavedObjectMeta",
    "controlGroupInput",
    "refreshInterval",
    "timeRestore",
    "timeFrom",
    "timeTo",
}
NUMBERS = {"integer", "long", "float", "double", "short"}
FITTING = {
    "terms": {"keyword", "boolean", "ip"} | NUMBERS,
    "date_histogram": {"date"},
    "unique_count": {"keyword", "date", "boolean", "ip"} | NUMBERS,
    "median": NUMBERS,
    "average": NUMBERS,
    "sum": NUMBERS,
    "max": NUMBERS | {"date"},
}
_KQL_FIELD = re.compile(r"""([\w@.]+)\s*(?::|<=|>=|<|>)""")


def faults(text: str, fields: Fields) -> list[str]:
    """Everything that is wrong in the file, each in a line; nothing where Kibana can take it."""
    found: list[str] = []
    objects: list[Object] = []
    for number, line in enumerate(text.splitlines(), 1):
        try:
            one = json.loads(line)
        except ValueError:
            return [f"line {number} is no JSON"]
        if lacking := {"type", "id", "attributes", "references"} - set(one):
            found.append(f"line {number} lacks {', '.join(sorted(lacking))}")
        else:
            objects.append(one)
    return found + list(_all(objects, fields))


def _all(objects: list[Object], fields: Fields) -> Iterator[str]:
    known = {(one["type"], one["id"]): one for one in objects}
    if len(known) < len(objects):
        yield "two objects have one type and id"
    views = {one["id"]: one["attributes"]["title"] for one in objects if one["type"] == "index-pattern"}
    named = {(ref["type"], ref["id"]) for one in objects for ref in one["references"]}
    for one in objects:
        where = f"{one['type']} {one['id']}"
        if one["type"] not in NEWEST:
            yield f"{where}: an unknown kind of object"
            continue
        if _newer(one.get("typeMigrationVersion", "99"), NEWEST[one["type"]]):
            yield f"{where}: stamped newer than the oldest Kibana that we serve"
        if _newer(one.get("coreMigrationVersion", "99"), "8.8.0"):
            yield f"{where}: its core stamp is newer than 8.8.0"
        names = [ref["name"] for ref in one["references"]]
        if len(set(names)) < len(names):
            yield f"{where}: two references have one name"
        for ref in one["references"]:
            if (ref["type"], ref["id"]) not in known:
                yield f"{where}: {ref['name']} refers to {ref['type']} {ref['id']}, which is not in the file"
        if one["type"] == "index-pattern" and ("index-pattern", one["id"]) not in named:
            yield f"{where}: nothing uses this data view"
        check = {"dashboard": _dashboard, "lens": _lens, "search": _search, "index-pattern": _view}.get(
            one["type"], _vega
        )
        for fault in check(one, views, fields):
            yield f"{where}: {fault}"


def _view(one: Object, _views: Mapping[str, str], fields: Fields) -> Iterator[str]:
    attributes = one["attributes"]
    known = fields.get(attributes["title"])
    if known is None:
        yield f"no index of ours is called {attributes['title']}"
        return
    if (time := attributes.get("timeFieldName")) and known.get(time) != "date":
        yield f"its time field {time} is no date"
    for field in json.loads(attributes["fieldFormatMap"]):
        if field not in known:
            yield f"formats the field {field}, which there is not"


def _dashboard(one: Object, views: Mapping[str, str], fields: Fields) -> Iterator[str]:
    attributes = one["attributes"]
    if unknown := set(attributes) - DASHBOARD:
        yield f"unknown attributes {sorted(unknown)}"
    if not attributes.get("title") or not isinstance(attributes["version"], int):
        yield "needs a title and a version that is a number"
    if attributes.get("timeRestore") and not (attributes.get("timeFrom") and attributes.get("timeTo")):
        yield "restores a time that it does not give"
    json.loads(attributes["optionsJSON"])
    json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    references = {ref["name"]: ref for ref in one["references"]}
    used = set()
    taken: dict[tuple[int, int], str] = {}
    seen: set[str] = set()
    for panel in json.loads(attributes["panelsJSON"]):
        at, index = panel["gridData"], panel["panelIndex"]
        if index != at["i"] or index in seen:
            yield f"panel {index}: its index stands twice, or is not that of its place"
        seen.add(index)
        if at["x"] < 0 or at["x"] + at["w"] > 48 or at["w"] < 1 or at["h"] < 1:
            yield f"panel {index}: reaches beyond the 48 columns"
        for cell in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            if other := taken.get(cell):
                yield f"panel {index}: lies on {other}"
                break
        taken |= {(x, y): index for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        name = f"{index}:{panel['panelRefName']}"
        used.add(name)
        if name not in references or references[name]["type"] != panel["type"]:
            yield f"panel {index}: no reference {name} of type {panel['type']}"
    controls = attributes["controlGroupInput"]
    json.loads(controls["ignoreParentSettingsJSON"])
    for id, control in json.loads(controls["panelsJSON"]).items():
        name = f"controlGroup_{id}:optionsListDataView"
        used.add(name)
        asked = control["explicitInput"]
        if asked["id"] != id or name not in references:
            yield f"control {id}: has no reference {name}"
            continue
        known = fields.get(views.get(references[name]["id"], ""), {})
        if known.get(asked["fieldName"]) != "keyword":
            yield f"control {id}: {asked['fieldName']} is no keyword"
    if left := set(references) - used:
        yield f"references that nothing uses: {sorted(left)}"


def _lens(one: Object, views: Mapping[str, str], fields: Fields) -> Iterator[str]:
    state = one["attributes"]["state"]
    references = {ref["name"]: ref["id"] for ref in one["references"]}
    layers = state["datasourceStates"]["formBased"]["layers"]
    columns: dict[str, set[str]] = {}
    for layer_id, layer in layers.items():
        name = f"indexpattern-datasource-layer-{layer_id}"
        if name not in references:
            yield f"layer {layer_id} has no reference {name}"
            continue
        known = fields.get(views.get(references[name], ""), {})
        columns[layer_id] = set(layer["columns"])
        if sorted(layer["columnOrder"]) != sorted(layer["columns"]):
            yield f"layer {layer_id}: its order does not name its columns"
        for id, column in layer["columns"].items():
            for fault in _column(column, layer["columns"], known):
                yield f"column {id}: {fault}"
        yield from _kql(state["query"]["query"], known)
    for layer_id, accessor in _accessors(state["visualization"]):
        if accessor not in columns.get(layer_id, set()):
            yield f"shows {accessor}, which is no column of layer {layer_id}"


def _column(column: Object, columns: Mapping[str, Object], known: Mapping[str, str]) -> Iterator[str]:
    operation, source = column["operationType"], column.get("sourceField")
    if operation == "count":
        if source != "___records___":
            yield "counts something else than documents"
    elif operation in FITTING:
        if source not in known:
            yield f"there is no field {source}"
        elif known[source] not in FITTING[operation]:
            yield f"{operation} of {source}, which is {known[source]}"
        if column["isBucketed"] != (operation in ("terms", "date_histogram")):
            yield "is bucketed and should not be, or the other way round"
    elif operation in ("formula", "math", "overall_sum"):
        if not column["references"] or set(column["references"]) - set(columns):
            yield "is made of columns that there are not"
    else:
        yield f"an unknown operation {operation}"
    by = column.get("params", {}).get("orderBy", {})
    if by.get("type") == "column" and by["columnId"] not in columns:
        yield "is sorted by a column that there is not"
    yield from _kql(column.get("filter", {}).get("query", ""), known)


def _accessors(visualization: Object) -> Iterator[tuple[str, str]]:
    for layer in visualization.get("layers", [visualization]):
        for key, value in layer.items():
            if key.endswith(("Accessor", "accessor")):
                yield layer["layerId"], value
        for value in layer.get("accessors", ()):
            yield layer["layerId"], value
        for column in layer.get("columns", ()):
            yield layer["layerId"], column["columnId"]


def _search(one: Object, views: Mapping[str, str], fields: Fields) -> Iterator[str]:
    attributes = one["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    references = {ref["name"]: ref["id"] for ref in one["references"]}
    if source.get("indexRefName") not in references:
        yield "its data view is not referred to"
        return
    known = fields.get(views.get(references[source["indexRefName"]], ""), {})
    for field in (*attributes["columns"], *(field for field, _ in attributes["sort"])):
        if field not in known:
            yield f"there is no field {field}"
    yield from _kql(source["query"]["query"], known)


def _vega(one: Object, _views: Mapping[str, str], fields: Fields) -> Iterator[str]:
    state = json.loads(one["attributes"]["visState"])
    if state["type"] != "vega":
        yield f"a {state['type']}, which is none of ours"
        return
    spec = json.loads(state["params"]["spec"])
    asked = spec["data"]["url"]
    known = fields.get(asked["index"], {})
    if not asked.get("%context%") or known.get(asked.get("%timefield%", "")) != "date":
        yield "does not follow the time and the filters of the dashboard"
    for aggregation in asked["body"]["aggs"].values():
        for kind, body in aggregation.items():
            if known.get(body["field"]) not in FITTING.get(kind, set()):
                yield f"{kind} of {body['field']}"


def _kql(query: str, known: Mapping[str, str]) -> Iterator[str]:
    for field in _KQL_FIELD.findall(query):
        if field not in known:
            yield f"the query asks for {field}, which there is not"


CHECKS = {
    "dashboard": _dashboard,
    "lens": _lens,
    "search": _search,
    "index-pattern": _view,
    "visualization": _vega,
}


def _newer(stamp: str, than: str) -> bool:
    return [int(part) for part in stamp.split(".")] > [int(part) for part in than.split(".")]
