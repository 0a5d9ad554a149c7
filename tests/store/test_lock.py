"""One runtime for one store."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ceasewire.errors import StoreError
from embedded.store.lock import hold, holder

HOLD = """
import sys, time
from pathlib import Path
from embedded.store.lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def start(lock: Path) -> subprocess.Popen[bytes]:
    """A process that holds the lock until it is ended."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def end(process: subprocess.Popen[bytes], sign: int = signal.SIGKILL) -> None:
    process.send_signal(sign)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()


def test_a_second_runtime_is_refused_with_the_pid_of_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "data" / "ceasewire.lock"
    assert holder(lock) is None
    first = start(lock)
    try:
        assert holder(lock) == first.pid
        with pytest.raises(StoreError, match=f"process {first.pid}"), hold(lock):
            raise AssertionError("held twice")
    finally:
        end(first)


def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    lock = tmp_path / "ceasewire.lock"
    end(start(lock))
    assert holder(lock) is None
    with hold(lock):
        assert holder(lock) == os.getpid()
        assert lock.read_text() == f"{os.getpid()}\n"
    assert holder(lock) is None
    with hold(lock):
        pass


def test_looking_who_holds_the_lock_disturbs_nobody(tmp_path: Path) -> None:
    lock = tmp_path / "ceasewire.lock"
    for _ in range(20):
        assert holder(lock) is None
        with hold(lock):
            assert holder(lock) == os.getpid()


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(StoreError, match="give this user the folder"), hold(tmp_path / "data" / "ceasewire.lock"):
        pass
