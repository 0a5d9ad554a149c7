"""The house: layers, lengths and words of the code, and what may stand in no file."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("ceasewire", "process", "producers", "streams", "indexers", "desk", "embedded", "cluster")
FORBIDDEN_MODULES = re.compile(r"(^|_)(utils?|base|manager|helpers?|handlers?|processor|misc|common)(_|$)")


def tracked() -> list[Path]:
    said = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in said.stdout.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in PACKAGES]


def test_layers_hold() -> None:
    said = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout


def test_no_file_is_over_400_lines() -> None:
    written = [p for p in tracked() if p.suffix in {".py", ".js", ".css", ".html"} and "vendor" not in p.parts]
    long = {
        str(p.relative_to(ROOT)): n for p in written if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [str(path) for path in sources() if FORBIDDEN_MODULES.search(path.stem)]


def test_every_public_thing_says_what_it_gives() -> None:
    silent = []
    for path in sources():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not ast.get_docstring(tree) and tree.body:
            silent.append(str(path.relative_to(ROOT)))
        for node in tree.body:
            named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if named and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not silent


def test_importing_does_nothing() -> None:
    modules = [".".join(p.relative_to(ROOT).with_suffix("").parts) for p in sources() if p.stem != "__main__"]
    modules = [name.removesuffix(".__init__") for name in modules if "parsing_child" not in name]
    code = f"""
import socket, threading, importlib, sys
def refuse(*_): raise SystemExit('a socket at import')
socket.socket.connect = refuse
for name in {modules!r}:
    importlib.import_module(name)
print(threading.active_count())
"""
    said = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == "1"


PATHS = re.compile(r"(?<![\w.])/(?:work|farm|root|home/\w+)/")
HOSTS = re.compile(
    r"(?:py" + r"pi\.org|python" + r"hosted|npm" + r"js\.(?:org|com)|static\.cr" + r"ates|deb\.deb" + r"ian)"
)


@pytest.mark.parametrize("pattern", [PATHS, HOSTS], ids=["machine paths", "registry hosts"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]) -> None:
    named = []
    for path in tracked():
        if path.stat().st_size > 400_000 or path.suffix in {".png", ".woff2", ".gz", ".db"} or "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        named += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in pattern.finditer(text)]
    assert not named


HOMES = {
    "kafka": ("producers.kafka_intake", "indexers.consumer", "cluster.broker"),
    "aiokafka": ("streams.outbox_topic", "streams.warmup", "streams.editions", "streams.partition_log"),
    "faust": ("streams.app", "streams.faust_"),
    "mode": ("streams.app", "streams.faust_"),
    "elasticsearch": ("indexers.elastic", "cluster.search"),
    "feedparser": ("producers.parsing_child", "producers.reading"),
    "trafilatura": ("producers.pages.extracting",),
    "protego": ("producers.pages.extracting",),
    "sqlite3": ("embedded",),
}
"""Where each library of an engine may be imported: what it does badly is known there, and nowhere else."""


@pytest.mark.parametrize("library", list(HOMES))
def test_a_library_of_an_engine_is_imported_in_its_own_modules_only(library: str) -> None:
    found = set()
    for path in sources():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == library for name in names):
                found.add(module)
    assert found
    assert not {module for module in found if not module.startswith(HOMES[library])}
