"""Killed in the middle of commits: what was acknowledged is there, whole, once."""

import random
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.store.crashing import ITEMS

ROOT = Path(__file__).parents[2]


def run_until_killed(folder: Path, seconds: float) -> int:
    """The last poll that the process said was durable before it was killed, some time after its first one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.crashing", str(folder)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout is not None
    last = int(process.stdout.readline())
    killer = threading.Timer(seconds, process.send_signal, (signal.SIGKILL,))
    killer.start()
    for line in process.stdout:
        if line.endswith("\n"):
            last = int(line)
    killer.join()
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()
    return last


def look(path: Path) -> dict[str, int | str]:
    """What the store holds, read as a fresh process would."""
    connection = sqlite3.connect(path)
    try:
        one = {
            name: connection.execute(f"SELECT {sql}").fetchone()[0]
            for name, sql in {
                "items": "count(*) FROM items",
                "ids": "count(DISTINCT id) FROM items",
                "bodies": "count(*) FROM bodies",
                "versions": "count(*) FROM versions",
                "alerts": "count(DISTINCT id) FROM alerts",
                "decisions": "count(*) FROM decisions",
                "deliveries": "count(*) FROM deliveries",
                "members": "count(*) FROM members",
                "words": "count(*) FROM words WHERE words MATCH 'ceasefir* OR rain*'",
                "polls": "json_extract(value, '$.etag') FROM feeds",
            }.items()
        }
        one["integrity"] = connection.execute("PRAGMA integrity_check").fetchone()[0]
        return one
    finally:
        connection.close()


@pytest.mark.parametrize(
    "kills", [8, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(1800)])], ids=["few", "many"]
)
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path, kills: int) -> None:
    seed = random.randrange(1 << 32)
    sys.stdout.write(f"seed {seed}\n")
    luck = random.Random(seed)
    before = 0
    for _ in range(kills):
        acknowledged = run_until_killed(tmp_path, luck.uniform(0.0, 0.3))
        assert acknowledged > before
        held = look(tmp_path / "ceasewire.db")
        polls = int(held["polls"])
        assert acknowledged <= polls <= acknowledged + 1
        assert held["integrity"] == "ok"
        assert held["items"] == held["ids"] == held["bodies"] == held["words"] == ITEMS * polls
        assert held["versions"] == polls - 1
        assert held["alerts"] == held["decisions"] == held["deliveries"] == held["members"] == polls
        before = acknowledged
