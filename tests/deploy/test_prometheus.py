"""Alert rules and scrape configuration, checked and tried by Prometheus' own tool; the metrics they name exist."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from ceasewire.metrics import Metrics
from tests.deploy.conftest import ROOT

FOLDER = ROOT / "deploy/prometheus"
RULES, TESTS = FOLDER / "rules.yml", FOLDER / "rules_test.yml"
OPERATING = ROOT / "docs/operating.md"


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]


def known() -> dict[str, set[str]]:
    """The series of each metric in code, with their labels."""
    found: dict[str, set[str]] = {}
    for metric in list(Metrics().registry._collector_to_names):
        labels = set(metric._labelnames)
        name = metric._name
        kind = metric._type
        names = {"counter": [f"{name}_total"], "histogram": [f"{name}_bucket", f"{name}_sum", f"{name}_count"]}
        for series in names.get(kind, [name]):
            found[series] = labels | ({"le"} if series.endswith("_bucket") else set())
    return found


def selected(expression: object) -> Iterator[tuple[str, set[str]]]:
    """Each series that an expression names, with the labels that it asks for."""
    for match in re.finditer(r"\b([a-z_]+)(?:\{([^}]*)\})?", str(expression)):
        if match[1].startswith("ceasewire_"):
            yield match[1], set(re.findall(r"(\w+)\s*=", match[2] or ""))


def test_no_series_is_asked_for_that_no_code_makes() -> None:
    series = known()
    for rule in rules():
        for name, labels in selected(promql_parser.parse(rule["expr"])):
            assert name in series, rule["alert"]
            assert labels <= series[name], rule["alert"]


def test_a_series_that_does_not_exist_is_found() -> None:
    expression = promql_parser.parse(
        'sum(rate(ceasewire_items_lost_total{stage="tag"}[5m])) > ceasewire_feeds{state="x"}'
    )
    asked = dict(selected(expression))
    assert asked == {"ceasewire_items_lost_total": {"stage"}, "ceasewire_feeds": {"state"}}
    assert "ceasewire_items_lost_total" not in known()
    assert not asked["ceasewire_feeds"] <= known()["ceasewire_feeds"]


def test_values_of_labels_are_those_of_the_code() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("[cips]*/**/*.py"))
    for rule in rules():
        for values in re.findall(r'\w+=~?"([a-z_|]+)"', rule["expr"]):
            for value in values.split("|"):
                if value not in ("ceasewire", "desk"):
                    assert f'"{value}"' in texts, f"{rule['alert']}: nothing is ever called {value}"


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_each_rule_says_what_is_wrong_and_where_to_read_on(rule: dict[str, Any]) -> None:
    told = rule["annotations"]
    assert set(told) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    path, _, anchor = told["runbook_url"].partition("#")
    assert ROOT / path == OPERATING
    headings = re.findall(r"^#+ (.+)$", OPERATING.read_text(encoding="utf-8"), re.MULTILINE)
    assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_rules_are_right(promtool: str) -> None:
    said = subprocess.run([promtool, "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_each_rule_is_tried(promtool: str) -> None:
    tried = {
        case["alertname"] for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]
    }
    assert tried == {rule["alert"] for rule in rules()}
    said = subprocess.run([promtool, "test", "rules", TESTS], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout + said.stderr


def test_a_rule_that_no_longer_fires_is_found(promtool: str, tmp_path: Path) -> None:
    (tmp_path / RULES.name).write_text(RULES.read_text().replace("> 300", "> 3000"))
    (tmp_path / TESTS.name).write_text(TESTS.read_text())
    said = subprocess.run(
        [promtool, "test", "rules", tmp_path / TESTS.name], capture_output=True, text=True, check=False
    )
    assert said.returncode != 0
    assert "CeasewireStageBehind" in said.stdout + said.stderr


def test_what_is_scraped_is_right(promtool: str, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("x")
    text = (FOLDER / "prometheus.yml").read_text().replace("/run/secrets/desk_token", str(token))
    (tmp_path / "prometheus.yml").write_text(text)
    (tmp_path / RULES.name).write_text(RULES.read_text())
    said = subprocess.run(
        [promtool, "check", "config", tmp_path / "prometheus.yml"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    asked = [
        name
        for job in yaml.safe_load(text)["scrape_configs"]
        for lookup in job.get("dns_sd_configs", [])
        for name in lookup["names"]
    ]
    assert set(asked) == {"producer", "tagger", "gatherer", "notifier", "indexer"}
    assert set(asked) < set(services)
