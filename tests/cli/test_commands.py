"""The command line: help everywhere, exit codes, JSON for scripts, no colours where none are wanted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from embedded.cli.app import PARTS, build
from embedded.docs import each_command
from process.places import Places
from tests.cli.folders import KEY, make_places

COMMANDS = [name for name, _ in each_command(typer.main.get_command(build()))]
EXPECTED = {
    "run",
    "demo",
    "status",
    "validate",
    "doctor",
    "init",
    "search",
    "explain",
    "why",
    "names",
    "tag",
    "stories",
    "import",
    "export",
    "backup",
    "restore",
    "feeds add",
    "feeds list",
    "feeds check",
    "feeds parse",
    "feeds import",
    "feeds export",
    "alerts list",
    "alerts retry",
    "alerts test",
    "alerts secret",
}


def place(places: Places | None) -> list[str]:
    return ["--config", str(places.config), "--data", str(places.data)] if places else []


def invoke(*words: str, places: Places | None = None, **environ: str) -> Result:
    """The command in this process, which has the language model loaded already."""
    return CliRunner().invoke(build(), [*place(places), *words], env={"TEAM_KEY": KEY, **environ})


def ceasewire(*words: str, places: Places | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    program = str(Path(sys.executable).parent / "ceasewire")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("CEASEWIRE", "NO_COLOR"))}
    return subprocess.run(
        [program, *place(places), *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**inherited, "TEAM_KEY": KEY, **environ},
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path, "http://127.0.0.1:9/feed")


def test_every_command_is_there() -> None:
    assert set(COMMANDS) >= EXPECTED | {f"pack {name}" for name in ("check", "stats", "explain", "diff", "suggest")}
    assert set(PARTS) == {"running", "feeds", "reading", "naming", "tagging", "packing", "alerts", "demo"}


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_command_has_a_help(name: str) -> None:
    said = CliRunner().invoke(build(), [*name.split(), "--help"])
    assert said.exit_code == 0
    assert "Usage:" in said.output


def test_every_command_and_option_is_told_in_words() -> None:
    silent = []
    for name, command in each_command(typer.main.get_command(build())):
        if not command.help:
            silent.append(name)
        silent += [f"{name} {one.name}" for one in command.params if not getattr(one, "help", None)]
    assert not silent


def test_every_command_speaks_json() -> None:
    """But for those that write a format of their own, a text for people, or a key."""
    others = {"export", "tag", "stories", "demo", "feeds export", "alerts secret"}
    commands = dict(each_command(typer.main.get_command(build())))
    assert {name for name in EXPECTED if not any("--json" in one.opts for one in commands[name].params)} == others


def test_the_version() -> None:
    said = ceasewire("--version")
    assert said.returncode == 0
    assert said.stdout.startswith("ceasewire 0.")


def test_no_words_and_wrong_words() -> None:
    assert ceasewire("nothing").returncode == 2
    assert ceasewire("run", "--prot", "1").returncode == 2


def test_validate(places: Places) -> None:
    good = invoke("validate", places=places)
    assert (good.exit_code, good.stderr) == (0, "")
    assert "valid, 1 feeds, 1 rules, 1 channels" in good.stdout
    said = json.loads(invoke("validate", "--json", places=places).stdout)
    assert said == {"valid": True, "faults": [], "feeds": 1, "rules": 1, "channels": 1}
    (places.config / "settings.yml").write_text("desk:\n  prt: 1\nstore:\n  keep: long\n")
    bad = invoke("validate", places=places)
    assert bad.exit_code == 1
    assert bad.stderr == ""
    lines = bad.stdout.splitlines()
    assert lines[0] == f'{places.config}/settings.yml:2: unknown key "prt"; did you mean "port"?'
    assert len(lines) == 2
    said = json.loads(invoke("validate", "--json", places=places).stdout)
    assert [(fault["line"], said["valid"]) for fault in said["faults"]] == [(2, False), (4, False)]


def test_an_empty_list_is_said(places: Places) -> None:
    (places.config / "feeds.yml").write_text("feeds: []\n")
    assert "valid, no feeds, 1 rules, 1 channels" in invoke("validate", places=places).stdout
    assert "note configuration: no feeds, 1 rules" in invoke("doctor", places=places).stdout


def test_a_bad_configuration_does_not_start(places: Places) -> None:
    (places.config / "feeds.yml").write_text("feeds: [{id: a}]\n")
    said = ceasewire("run", places=places)
    assert said.returncode == 2
    assert "feeds.yml:1:" in said.stderr
    assert said.stdout == ""


def test_an_open_desk_without_a_token_does_not_start(places: Places) -> None:
    said = ceasewire("run", places=places, CEASEWIRE_DESK__HOST="0.0.0.0")
    assert said.returncode == 2
    assert said.stderr.startswith("environment: CEASEWIRE_DESK__HOST: the desk listens beyond this machine")
    assert len(said.stderr.splitlines()) == 1


def test_status_of_none(places: Places) -> None:
    said = invoke("status", places=places)
    assert said.exit_code == 1
    assert "ceasewire run" in said.stderr
    assert json.loads(invoke("status", "--json", places=places).stdout) == {"running": False}


def test_doctor(places: Places) -> None:
    said = invoke("doctor", "--json", places=places)
    checks = {(line := json.loads(text))["name"]: line for text in said.stdout.splitlines()}
    assert said.exit_code == 0
    assert {"python", "sqlite", "text", "configuration", "process", "disk", "store"} <= set(checks)
    assert checks["configuration"] == {
        "name": "configuration",
        "state": "good",
        "words": "1 feeds, 1 rules, 1 channels",
    }
    (places.config / "rules" / "harbour.yml").write_text("id: harbour\n")
    said = invoke("doctor", places=places)
    assert said.exit_code == 1
    assert f"BAD  configuration: {places.config}/rules/harbour.yml:1:" in said.stdout


def test_doctor_names_a_file_with_secrets_that_others_read(places: Places) -> None:
    path = places.config / "channels.yml"
    path.write_text(path.read_text().replace("${TEAM_KEY}", KEY))
    path.chmod(0o644)
    said = invoke("doctor", places=places)
    assert f"chmod 600 {path}" in said.stdout
    assert KEY not in said.stdout


def test_init(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "config", data=tmp_path / "data")
    first = invoke("init", places=places)
    assert first.exit_code == 0
    assert str(places.config / "feeds.yml") in first.stdout.splitlines()
    written = json.loads(invoke("init", "--json", places=Places(tmp_path / "other", tmp_path / "data")).stdout)
    assert [path.replace("/other/", "/config/") for path in written["written"]] == first.stdout.splitlines()
    again = invoke("init", places=places)
    assert (again.exit_code, again.stdout) == (0, "")


def test_folders_from_the_environment(places: Places) -> None:
    said = invoke("validate", CEASEWIRE_CONFIG=str(places.config), CEASEWIRE_DATA=str(places.data))
    assert f"{places.config}: valid" in said.stdout


@pytest.mark.parametrize("words", [["validate"], ["doctor"], ["feeds", "list"], ["--help"]])
def test_no_colours_in_a_pipe(places: Places, words: list[str]) -> None:
    said = ceasewire(*words, places=places, NO_COLOR="1")
    assert "\x1b" not in said.stdout + said.stderr


def test_a_missing_store_is_said_in_a_line(places: Places) -> None:
    said = invoke("search", "harbour", places=places)
    assert said.exit_code == 2
    assert said.stderr.count("\n") == 1
    assert "ceasewire run" in said.stderr
