"""Tools of the checks; a test whose tool is not to be had is told as NOT RUN."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.go_tools import Absent, Cluster, cluster_tools, compose_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def promtool() -> str:
    """Prometheus' own checker."""
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("NOT RUN promtool (it is not installed; Debian: apt-get install prometheus)")
    return found


@pytest.fixture(scope="session")
def cluster() -> Cluster:
    """What checks manifests."""
    try:
        return cluster_tools()
    except Absent as absent:
        pytest.skip(f"NOT RUN go ({absent})")


@pytest.fixture(scope="session")
def schema_of_compose() -> dict[str, Any]:
    """The schema of compose files."""
    try:
        return compose_schema()
    except Absent as absent:
        pytest.skip(f"NOT RUN go ({absent})")
