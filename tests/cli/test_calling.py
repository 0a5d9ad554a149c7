"""Hints name the command as it was typed, so that they can be typed too."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.cli.calling import as_called, called


@pytest.fixture
def typed(request: pytest.FixtureRequest) -> Iterator[None]:
    before, sys.argv = sys.argv, [*request.param.split(), "search", "talks"]
    yield
    sys.argv = before


@pytest.mark.parametrize("typed", [".venv/bin/ceasewire"], indirect=True)
def test_a_path_that_was_typed_stands_in_hints(typed: None) -> None:
    assert called() == ".venv/bin/ceasewire"
    assert as_called("end that: ceasewire run --port 0") == "end that: .venv/bin/ceasewire run --port 0"
    assert as_called("(ceasewire feeds list)") == "(.venv/bin/ceasewire feeds list)"
    kept = "the ceasewire desk, /opt/ceasewire run and ./ceasewire run"
    assert as_called(kept) == kept


@pytest.mark.parametrize("typed", ["ceasewire --config my/config --data=d"], indirect=True)
def test_hints_are_about_the_folders_that_were_named(typed: None) -> None:
    assert as_called("see ceasewire feeds list").endswith("ceasewire --config my/config --data=d feeds list")


@pytest.mark.parametrize("typed", [str(Path.cwd() / ".venv" / "bin" / "ceasewire")], indirect=True)
def test_a_path_below_this_folder_is_shortened(typed: None) -> None:
    assert called() == ".venv/bin/ceasewire"


@pytest.mark.parametrize("typed", ["/usr/lib/python3/pytest"], indirect=True)
def test_another_program_leaves_hints_alone(typed: None) -> None:
    assert as_called("start it: ceasewire run") == "start it: ceasewire run"
