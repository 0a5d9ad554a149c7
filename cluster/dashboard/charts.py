"""The kinds of panels: a figure, bars, a table, a list of documents, and the heatmap."""

import json
from collections.abc import Sequence

from cluster.dashboard.columns import Columns
from cluster.dashboard.views import Object, saved, view_reference

_LAYER = "layer"
_SIDES = {"x": True, "yLeft": True, "yRight": True}


def figure(id: str, view: str, title: str, columns: Columns, shown: str, query: str = "", color: str = "") -> Object:
    """One number, large."""
    visualization: Object = {"layerId": _LAYER, "layerType": "data", "metricAccessor": shown}
    if color:
        visualization["color"] = color
    return _lens(id, view, title, "lnsMetric", columns, visualization, query)


def bars(
    id: str,
    view: str,
    title: str,
    columns: Columns,
    x: str,
    shown: Sequence[str],
    split: str = "",
    horizontal: bool = False,
) -> Object:
    """Bars, on one another where they are split."""
    series = ("bar_horizontal" if horizontal else "bar") + ("_stacked" if split else "")
    layer: Object = {
        "layerId": _LAYER,
        "layerType": "data",
        "seriesType": series,
        "xAccessor": x,
        "accessors": list(shown),
        "position": "top",
        "showGridlines": False,
        "palette": {"type": "palette", "name": "default"},
    }
    if split:
        layer["splitAccessor"] = split
    visualization: Object = {
        "legend": {"isVisible": True, "position": "right", "legendSize": "auto"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "yLeftExtent": {"mode": "full"},
        "yRightExtent": {"mode": "full"},
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": _SIDES,
        "labelsOrientation": {"x": 0, "yLeft": 0, "yRight": 0},
        "gridlinesVisibilitySettings": _SIDES,
        "preferredSeriesType": series,
        "layers": [layer],
    }
    return _lens(id, view, title, "lnsXY", columns, visualization)


def table(id: str, view: str, title: str, columns: Columns, shown: Sequence[str]) -> Object:
    """A row for each value of what is split by."""
    visualization: Object = {
        "layerId": _LAYER,
        "layerType": "data",
        "columns": [{"columnId": column, "isTransposed": False} for column in shown],
        "rowHeight": "single",
        "rowHeightLines": 1,
        "paging": {"size": 20, "enabled": True},
    }
    return _lens(id, view, title, "lnsDatatable", columns, visualization)


def listing(id: str, view: str, title: str, fields: Sequence[str], sort: str) -> Object:
    """The documents themselves, newest first."""
    source = {
        "highlightAll": True,
        "version": True,
        "query": {"query": "", "language": "kuery"},
        "filter": [],
        "indexRefName": "kibanaSavedObjectMeta.searchSourceJSON.index",
    }
    attributes: Object = {
        "columns": list(fields),
        "description": "",
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(source)},
        "sort": [[sort, "desc"]],
        "timeRestore": False,
        "title": title,
    }
    reference = view_reference(view, "kibanaSavedObjectMeta.searchSourceJSON.index")
    return saved("search", id, attributes, [reference])


def pair_map(id: str, index: str, title: str) -> Object:
    """Actors by issues, counted over `pairs`: an item counts where both were named in the same sentence.

    Lens can only cross `actors` with `issues`, which counts what stands anywhere in the same item; so this one is
    written in Vega-Lite, which takes the two halves of a pair apart.
    """
    spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "data": {
            "url": {
                "%context%": True,
                "%timefield%": "@timestamp",
                "index": index,
                "body": {"size": 0, "aggs": {"pairs": {"terms": {"field": "pairs", "size": 2000}}}},
            },
            "format": {"property": "aggregations.pairs.buckets"},
        },
        "transform": [
            {"calculate": "split(datum.key, '|')[0]", "as": "actor"},
            {"calculate": "split(datum.key, '|')[1]", "as": "issue"},
            *_largest("actor", 15),
            *_largest("issue", 15),
        ],
        "mark": {"type": "rect", "tooltip": True},
        "encoding": {
            "x": _axis("issue"),
            "y": _axis("actor"),
            "color": {"field": "doc_count", "type": "quantitative", "title": "Items", "scale": {"scheme": "blues"}},
            "tooltip": [
                {"field": "actor", "type": "nominal"},
                {"field": "issue", "type": "nominal"},
                {"field": "doc_count", "type": "quantitative", "title": "items"},
            ],
        },
        "config": {"axis": {"labelLimit": 160, "labelAngle": 0}, "axisX": {"labelAngle": -45}},
    }
    state = {"title": title, "type": "vega", "aggs": [], "params": {"spec": json.dumps(spec, indent=1)}}
    attributes: Object = {
        "description": "",
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(EVERYTHING)},
        "title": title,
        "uiStateJSON": "{}",
        "version": 1,
        "visState": compact(state),
    }
    return saved("visualization", id, attributes, [])


EVERYTHING: Object = {"query": {"query": "", "language": "kuery"}, "filter": []}
"""A search that leaves nothing out."""


def compact(value: object) -> str:
    """JSON in a string, as Kibana keeps it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _axis(field: str) -> Object:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "sort": {"field": f"{field}_items", "order": "descending"},
    }


def _largest(field: str, most: int) -> list[Object]:
    sums = {"op": "sum", "field": "doc_count", "as": f"{field}_items"}
    rank = {"op": "dense_rank", "as": f"{field}_rank"}
    return [
        {"joinaggregate": [sums], "groupby": [field]},
        {"window": [rank], "sort": [{"field": f"{field}_items", "order": "descending"}]},
        {"filter": f"datum.{field}_rank <= {most}"},
    ]


def _lens(
    id: str, view: str, title: str, kind: str, columns: Columns, visualization: Object, query: str = ""
) -> Object:
    layer = {"columns": columns.made, "columnOrder": list(columns.made), "incompleteColumns": {}, "sampling": 1}
    attributes: Object = {
        "description": "",
        "state": {
            "adHocDataViews": {},
            "datasourceStates": {"formBased": {"layers": {_LAYER: layer}}, "textBased": {"layers": {}}},
            "filters": [],
            "internalReferences": [],
            "query": {"query": query, "language": "kuery"},
            "visualization": visualization,
        },
        "title": title,
        "visualizationType": kind,
    }
    return saved("lens", id, attributes, [view_reference(view, f"indexpattern-datasource-layer-{_LAYER}")])
