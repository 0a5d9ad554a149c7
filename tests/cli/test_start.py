"""What a start loads, and when."""

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.cli.folders import ENVIRON, make_places
from tests.fakes.receiver import closed_address

BESIDE = """
import sys
from embedded.cli.ahead import load_language
loading = load_language()
import embedded.cli.process
loading.join(60)
from ceasewire.text import language
assert language._identifier.cache_info().currsize == 1, "the model is not there"
language.LanguageReader()
assert language._identifier.cache_info().misses == 1, "it was loaded twice"
print(sorted(name for name in ("listparser", "langdetect.detector", "embedded.demo.play") if name in sys.modules))
"""


def test_the_language_model_is_loaded_beside_the_imports_and_once() -> None:
    done = subprocess.run([sys.executable, "-c", BESIDE], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "listparser" not in done.stdout
    assert "embedded.demo.play" not in done.stdout


def at_a_terminal(folder: Path, until: str) -> str:
    """What `ceasewire run` shows until it says that."""
    places = make_places(folder, f"{closed_address()}/one", f"{closed_address()}/two")
    program = str(Path(sys.executable).parent / "ceasewire")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [program, "--config", str(places.config), "--data", str(places.data), "run"],
        env={**os.environ, **ENVIRON, "NO_COLOR": "1"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    deadline = time.monotonic() + 60
    try:
        while until.encode() not in shown and select.select([ours], [], [], max(deadline - time.monotonic(), 0))[0]:
            shown += os.read(ours, 4096)
    except OSError:  # the process ended, and with it the terminal
        pass
    finally:
        process.terminate()
        process.wait(20)
        os.close(ours)
    return shown.decode().replace("\r", "")


def test_the_first_seconds_at_a_terminal_without_a_network(tmp_path: Path) -> None:
    shown = at_a_terminal(tmp_path, "make demo\r\n").splitlines()
    assert shown[0].startswith("Ceasewire runs; its desk is at http://127.0.0.1:")
    assert shown[-2:] == [
        "reading 2 feeds for the first time; what they hold appears on the desk as it comes",
        "none of 2 feeds could be reached; see it work without a network: make demo",
    ]
    assert not [line for line in shown if "[info" in line or "[warning" in line]
