"""Tags of headlines that were written for this project, about half of them traps, against floors."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ceasewire import bundled
from ceasewire.engine import Engine
from tests.core.tagging_samples import make_engine, make_item

HEADLINES: dict[str, list[list[Any]]] = yaml.safe_load(
    (Path(__file__).parent / "headlines.yml").read_text(encoding="utf-8")
)
SANCTIONS = {"sanctions_relief": "sanctions", "sanctions_pressure": "sanctions"}
Pair = tuple[bool, bool]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return make_engine(bundled.rules())


def rates(pairs: Iterable[Pair]) -> tuple[float, float]:
    """Precision and recall of (found, wanted)."""
    pairs = list(pairs)
    right = sum(found and wanted for found, wanted in pairs)
    return right / max(1, sum(found for found, _ in pairs)), right / max(1, sum(wanted for _, wanted in pairs))


def test_alerts_of_any_conflict(engine: Engine) -> None:
    pairs = []
    for wanted, title in HEADLINES["alerts"]:
        tagged = engine.tagger.tag(make_item(title))
        pairs.append((any(hit.rule == "ceasefire_anywhere" for hit in tagged.rules), wanted))
    precision, recall = rates(pairs)
    assert precision >= 0.97
    assert recall >= 0.95


def test_issues(engine: Engine) -> None:
    pairs: list[Pair] = []
    for wanted, title in HEADLINES["issues"]:
        found = {SANCTIONS.get(issue, issue) for issue in engine.tagger.tag(make_item(title)).issues}
        named = {wanted} - {"none"}
        pairs += [(issue in found, issue in named) for issue in found | named]
    precision, recall = rates(pairs)
    assert precision >= 0.90
    assert recall >= 0.97


def test_main_matter(engine: Engine) -> None:
    pairs = [(engine.tagger.tag(make_item(title)).relevance == "main", wanted) for wanted, title in HEADLINES["main"]]
    precision, recall = rates(pairs)
    assert precision >= 0.97
    assert recall >= 0.97
