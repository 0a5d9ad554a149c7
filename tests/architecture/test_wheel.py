"""The wheel holds our packages with their texts and pages, and nothing else."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    room = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(room)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = room.glob("*.whl")
    return zipfile.ZipFile(wheel).namelist()


def test_top_level_names(names: list[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "ceasewire",
        "process",
        "producers",
        "streams",
        "indexers",
        "desk",
        "embedded",
        "cluster",
    }


@pytest.mark.parametrize(
    "beginning",
    [
        "ceasewire/packs/ukraine_russia/",
        "ceasewire/rules/ceasefire.yml",
        "desk/templates/",
        "desk/static/vendor/",
        "process/starter/feeds.yml",
        "embedded/demo/day/",
    ],
)
def test_texts_and_pages_come_along(names: list[str], beginning: str) -> None:
    assert any(name.startswith(beginning) for name in names)
