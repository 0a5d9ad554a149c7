"""A new index beside the one in use, broken off and killed at every point: the next run goes on."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ceasewire import bundled
from ceasewire.engine import build_engine
from cluster.reindex.building import Tagging, Wish
from cluster.search.counting import count
from cluster.setup_index import Indices
from indexers.elastic import Elastic
from indexers.templates import Kind
from tests.cluster.indexes import World, indexing, make_world, news, until
from tests.cluster.reindexing import SAME, STEPS, leads_to, name_of, run
from tests.cluster.workers import make_config

pytestmark = pytest.mark.timeout(240)


@pytest.fixture
def world(kafka: str, elasticsearch: str, prefix: str) -> World:
    return make_world(kafka, elasticsearch, prefix)


@pytest.fixture(scope="module")
def tagging() -> Tagging:
    return Tagging(build_engine(bundled.packs(["ukraine_russia"]), (), ()), SAME)


class Broken(Exception):
    """In place of a SIGKILL at that point."""


def test_broken_off_after_any_step_the_next_run_goes_on(world: World, tagging: Tagging) -> None:
    kinds: tuple[Kind, ...] = ("versions",)
    rows, good = news(300)
    with indexing(world):
        world.put("tagged", rows)
        until(lambda: world.left() == 0)
        for number, step in enumerate(STEPS):

            def tell(words: str, step: str = step) -> None:
                if step in words:
                    raise Broken

            with pytest.raises(Broken):
                run(world, tagging, Wish(kinds, ("index",), anew=True), tell)
            late, ids = news(30, start=5_000 + 30 * number)
            world.put("tagged", late)
            good |= ids
            until(lambda: world.left() == 0)
            told = Indices(world.index).run()
            assert not told.refusals
            unfilled = [line for line in told.lines if "was not filled to its end: ceasewire cluster reindex" in line]
            # what came last may be missing in what all read
            assert len(unfilled) == (1 if step == "leads to" else 0)
            finished = step == STEPS[-1]
            assert len(asyncio.run(count(world.index)).unfilled) == (0 if finished else 1), step
            outcome = run(world, tagging, Wish(kinds, anew=not finished))
            assert not outcome.refusals
            assert len(outcome.built) == (0 if finished else 1)
            assert leads_to(world, "versions") == [name_of(world, "versions", number + 2)], step
            assert world.ids("versions") == {f"{id}:1" for id in good}, step
            assert Indices(world.index).run() == ((), ())
    dropped = run(world, tagging, Wish(kinds, drop_old=True)).dropped
    assert len(dropped) == len(STEPS)
    assert asyncio.run(count(world.index)).unfilled == ()
    assert world.ids("versions") == {f"{id}:1" for id in good}


def test_killed_again_and_again_it_comes_to_its_end(world: World, tmp_path: Path) -> None:
    """SIGKILL of the command itself at points of its copying, with an indexer at work."""
    rows, good = news(6_000)
    program = str(Path(sys.executable).parent / "ceasewire")
    command = [program, "cluster", "reindex", "items", "--anew", "--from", "index"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CEASEWIRE_")} | {
        "CEASEWIRE_CONFIG": str(make_config(tmp_path)),
        "CEASEWIRE_PACKS": "[]",
        "CEASEWIRE_KAFKA__BOOTSTRAP": json.dumps(list(world.kafka.bootstrap)),
        "CEASEWIRE_KAFKA__PREFIX": world.kafka.prefix,
        "CEASEWIRE_KAFKA__PARTITIONS": str(world.kafka.partitions),
        "CEASEWIRE_ELASTICSEARCH__URL": world.index.url,
        "CEASEWIRE_ELASTICSEARCH__PREFIX": world.index.prefix,
    }
    second, elastic = name_of(world, "items", 2), Elastic(world.index)

    def has() -> int:
        return elastic.count(second) if elastic.indices(second) else 0

    with indexing(world):
        world.put("tagged", rows)
        until(lambda: world.left() == 0)
        seen = 0
        for kill in range(2):
            killed = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL)
            try:
                until(lambda: has() > seen)  # noqa: B023
            finally:
                killed.send_signal(signal.SIGKILL)
            assert killed.wait(10) == -signal.SIGKILL
            seen = has()
            assert 0 < seen < len(good), "killed too late to tell anything"
            assert leads_to(world, "items") == [name_of(world, "items", 1)]
            more, ids = news(20, start=20_000 + 20 * kill)
            world.put("tagged", more)
            good |= ids
        ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, timeout=120)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert f"{second}: goes on" in ended.stdout
        until(lambda: world.left() == 0)
    elastic.close()
    assert world.ids() == good
    assert leads_to(world, "items") == [second]
