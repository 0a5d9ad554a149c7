"""The whole sample day, end to end: real sockets, the real runtime; and that the check can find fault."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ceasewire.errors import StoreError
from embedded.demo.play import MAX_SPEED, check, poll_seconds
from embedded.demo.staging import clear, sample_places
from embedded.store.lock import hold
from process.places import Places


def _console() -> Console:
    return Console(file=StringIO(), width=200, no_color=True, highlight=False)


async def test_the_sample_day_comes_out_right(tmp_path: Path) -> None:
    console = _console()
    good = await check(sample_places(tmp_path), console)
    told = console.file.getvalue()  # type: ignore[attr-defined]
    assert good, told
    assert "FAILED" not in told
    assert "came out right" in told


@pytest.mark.parametrize("speed", [0.1, 1.0, MAX_SPEED])
def test_feeds_are_read_as_often_as_a_feed_may_be(speed: float) -> None:
    assert 1 <= poll_seconds(speed) <= 2


def test_a_folder_that_the_demo_did_not_make_is_left_alone(tmp_path: Path) -> None:
    places = sample_places(tmp_path)
    places.data.mkdir()
    (places.data / "mine.txt").write_text("mine")
    with pytest.raises(StoreError, match="did not make"):
        clear(places)
    assert (places.data / "mine.txt").read_text() == "mine"


def test_a_folder_of_the_demo_is_made_anew(tmp_path: Path) -> None:
    places = sample_places(tmp_path)
    clear(places)
    (places.data / "ceasewire.db").write_text("old")
    clear(places)
    assert not (places.data / "ceasewire.db").exists()


def test_a_day_that_is_being_played_is_not_swept_away(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "sample" / "config", data=tmp_path / "sample")
    clear(places)
    with hold(places.lock), pytest.raises(StoreError, match="stop that one first"):
        clear(places)
