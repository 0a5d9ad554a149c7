"""The one dashboard: its panels, where each stands, and the controls above them."""

import json
from typing import NamedTuple

from cluster.dashboard.charts import EVERYTHING, bars, compact, figure, listing, pair_map, table
from cluster.dashboard.columns import Columns
from cluster.dashboard.views import VIEWS, Object, data_view, saved, view_reference

_SECONDS: Object = {"id": "duration", "params": {"fromUnit": "seconds", "toUnit": "humanizePrecise", "decimals": 0}}


class Panel(NamedTuple):
    """A panel and its place on the grid of 48 columns."""

    shown: Object
    x: int
    y: int
    w: int
    h: int


CONTROLS = (("Issue", "issues"), ("Actor", "actors"), ("Language", "lang"), ("Source", "source.outlet"))


def objects(prefix: str) -> list[Object]:
    """All saved objects, each after what it refers to, for indices with this prefix."""
    panels = _panels(prefix)
    views = [data_view(kind, prefix) for kind in VIEWS]
    return [*views, *(panel.shown for panel in panels), _dashboard(prefix, panels)]


def ndjson(prefix: str) -> str:
    """The same as the file that Kibana imports."""
    return "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in objects(prefix))


def _panels(prefix: str) -> list[Panel]:
    items, alerts, feeds = f"{prefix}-items", f"{prefix}-alerts", f"{prefix}-feeds"
    decisions, deliveries, stories = f"{prefix}-decisions", f"{prefix}-deliveries", f"{prefix}-stories"

    counted, alerted, alive, delay = Columns(), Columns(), Columns(), Columns()
    counted.count("items", "Items")
    alerted.count("alerts", "Alerts")
    alive.measure("sources", "Sources with an item", "unique_count", "source.outlet")
    delay.measure("delay", "Median, published to seen", "median", "delay_seconds", _SECONDS)

    volume = Columns()
    volume.terms("issue", "Issue", "issues", 12, by="items", other=True)
    volume.over_time("time", "@timestamp")
    volume.count("items", "Items")

    share = Columns()
    share.terms("issue", "Issue", "issues", 100, by="items")
    share.count("items", "Items")
    share.share("now", "Share")
    share.count("earlier_items", "Items in the period before", shift="previous")
    share.share("earlier", "Share in the period before", shift="previous")

    split = Columns()
    split.terms("source", "Source", "source.outlet", 20, by="items", other=True)
    split.terms("language", "Language", "lang", 10, by="items", other=True)
    split.count("items", "Items")

    sent = Columns()
    sent.terms("channel", "Channel", "channel", 10, by="deliveries")
    sent.terms("state", "State", "state", 10, by="deliveries")
    sent.count("deliveries", "Deliveries")

    health = Columns()
    health.terms("health", "Health", "health", 10, by="feeds")
    health.count("feeds", "Feeds")

    def id(name: str) -> str:
        return f"{prefix}-{name}"

    return [
        Panel(figure(id("items-figure"), items, "Items", counted, "items"), 0, 0, 12, 6),
        Panel(figure(id("alerts-figure"), alerts, "Alerts", alerted, "alerts"), 12, 0, 12, 6),
        Panel(figure(id("sources-figure"), items, "Live sources", alive, "sources"), 24, 0, 12, 6),
        Panel(figure(id("delay-figure"), items, "Delay", delay, "delay"), 36, 0, 12, 6),
        Panel(bars(id("volume"), items, "Items by issue", volume, "time", ["items"], "issue"), 0, 6, 48, 12),
        Panel(pair_map(id("pairs"), items, "Named in the same sentence: actors by issues"), 0, 18, 24, 18),
        Panel(
            table(
                id("share"),
                items,
                "Issues against the period before (share of all issue tags)",
                share,
                ["issue", "items", "now", "earlier_items", "earlier"],
            ),
            24,
            18,
            24,
            18,
        ),
        Panel(
            listing(id("latest"), items, "Latest items", _ITEM_FIELDS, "@timestamp"),
            0,
            36,
            48,
            16,
        ),
        Panel(
            listing(
                id("decided"), decisions, "Alerts and decisions", ["action", "reason", "rule", "title"], "@timestamp"
            ),
            0,
            52,
            24,
            16,
        ),
        Panel(
            bars(id("split"), items, "Items by source and language", split, "source", ["items"], "language", True),
            24,
            52,
            24,
            16,
        ),
        Panel(listing(id("stories-list"), stories, "Latest stories", _STORY_FIELDS, "@timestamp"), 0, 68, 24, 12),
        Panel(
            bars(id("sent"), deliveries, "Deliveries by channel and state", sent, "channel", ["deliveries"], "state"),
            24,
            68,
            12,
            12,
        ),
        Panel(bars(id("health"), feeds, "Feeds by health", health, "health", ["feeds"]), 36, 68, 12, 12),
    ]


_ITEM_FIELDS = ["source.outlet", "lang", "title", "issues", "actors"]
_STORY_FIELDS = ["title", "size", "outlets", "issues"]


def _dashboard(prefix: str, panels: list[Panel]) -> Object:
    view = f"{prefix}-items"
    shown, references = [], []
    for panel in panels:
        index = panel.shown["id"].removeprefix(f"{prefix}-")
        kind = panel.shown["type"]
        shown.append(
            {
                "version": "8.9.0",
                "type": kind,
                "gridData": {"x": panel.x, "y": panel.y, "w": panel.w, "h": panel.h, "i": index},
                "panelIndex": index,
                "embeddableConfig": {"enhancements": {}},
                "title": panel.shown["attributes"]["title"],
                "panelRefName": f"panel_{index}",
            }
        )
        references.append({"id": panel.shown["id"], "name": f"{index}:panel_{index}", "type": kind})
    controls = {}
    for order, (title, field) in enumerate(CONTROLS):
        name = f"control-{field.replace('.', '-')}"
        controls[name] = {
            "order": order,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {"id": name, "title": title, "fieldName": field, "enhancements": {}},
        }
        references.append(view_reference(view, f"controlGroup_{name}:optionsListDataView"))
    heeded = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}
    options = {
        "useMargins": True,
        "syncColors": False,
        "syncCursor": True,
        "syncTooltips": False,
        "hidePanelTitles": False,
    }
    attributes: Object = {
        "controlGroupInput": {
            "chainingSystem": "HIERARCHICAL",
            "controlStyle": "oneLine",
            "ignoreParentSettingsJSON": compact(heeded),
            "panelsJSON": compact(controls),
        },
        "description": "Who says what about which issue of a negotiation, and which alerts it raised",
        "kibanaSavedObjectMeta": {"searchSourceJSON": compact(EVERYTHING)},
        "optionsJSON": compact(options),
        "panelsJSON": compact(shown),
        "refreshInterval": {"pause": False, "value": 60000},
        "timeFrom": "now-24h",
        "timeRestore": True,
        "timeTo": "now",
        "title": "Ceasewire",
        "version": 1,
    }
    return saved("dashboard", f"{prefix}-overview", attributes, references)
