"""The board of Grafana: its queries can be read, its metrics exist, and none of its keys is made up."""

import json
from typing import Any

import promql_parser
import yaml
from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.deploy.conftest import ROOT
from tests.deploy.test_prometheus import known, selected

FOLDER = ROOT / "deploy/grafana"
BOARD = FOLDER / "boards/ceasewire.json"


def board() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(BOARD.read_text(encoding="utf-8"))
    return found


def queries() -> list[str]:
    return [target["expr"] for panel in board()["panels"] for target in panel["targets"]]


def lost(ours: Any, theirs: Any, place: str = "") -> list[str]:
    """The places of what a value had and a reading of it has not."""
    if isinstance(ours, dict):
        if not isinstance(theirs, dict):
            return [place]
        missing = [f"{place}/{key}" for key in ours if key not in theirs]
        return missing + [
            one for key in ours if key in theirs for one in lost(ours[key], theirs[key], f"{place}/{key}")
        ]
    if isinstance(ours, list):
        if not isinstance(theirs, list) or len(theirs) != len(ours):
            return [place]
        return [one for at, (a, b) in enumerate(zip(ours, theirs, strict=True)) for one in lost(a, b, f"{place}[{at}]")]
    return [] if ours == theirs else [place]


def read_again(value: dict[str, Any]) -> Any:
    plugins.register_default_plugins()
    return json.loads(JSONEncoder().encode(Dashboard.from_json(value)))


def test_every_query_can_be_read_and_asks_for_what_there_is() -> None:
    series = known()
    for query in queries():
        parsed = promql_parser.parse(query.replace("$__rate_interval", "5m"))
        for name, labels in selected(parsed):
            assert name in series, query
            assert labels <= series[name], query


def test_what_operators_look_for_is_on_it() -> None:
    shown = {name for query in queries() for name, _ in selected(query)}
    assert shown >= {
        "ceasewire_handled_total",
        "ceasewire_oldest_unhandled_seconds",
        "ceasewire_stage_delay_seconds_bucket",
        "ceasewire_feeds",
        "ceasewire_dead_letters_total",
        "ceasewire_delivery_attempts_total",
        "ceasewire_indexed_total",
    }


def test_none_of_its_keys_is_unknown() -> None:
    assert not lost(board(), read_again(board()))


def test_an_unknown_key_is_found() -> None:
    worse = board()
    worse["panels"][0]["descripton"] = worse["panels"][0].pop("description")
    assert lost(worse, read_again(worse)) == ["/panels[0]/descripton"]


def test_panels_do_not_lie_on_one_another() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in board()["panels"]:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        taken |= cells
    assert len({panel["id"] for panel in board()["panels"]}) == len(board()["panels"])


def test_it_is_provided_with_its_source() -> None:
    (source,) = yaml.safe_load((FOLDER / "provisioning/datasources/prometheus.yml").read_text())["datasources"]
    for panel in board()["panels"]:
        assert {panel["datasource"]["uid"], *(target["datasource"]["uid"] for target in panel["targets"])} == {
            source["uid"]
        }
    (provider,) = yaml.safe_load((FOLDER / "provisioning/dashboards/ceasewire.yml").read_text())["providers"]
    mounted = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]["volumes"]
    assert f"./deploy/grafana/boards:{provider['options']['path']}:ro" in mounted
    assert source["url"] == "http://prometheus:9090"
