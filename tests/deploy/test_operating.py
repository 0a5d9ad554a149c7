"""docs/operating.md says what is so: rights, keys of secrets, files and settings that it names."""

import json
import re

from cluster.accounts import rights
from process.schemas import each_setting
from tests.deploy.conftest import ROOT

TEXT = (ROOT / "docs/operating.md").read_text(encoding="utf-8")


def test_the_rights_are_those_that_are_tried() -> None:
    (block,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert json.loads(block) == rights("ceasewire")


def test_every_setting_that_it_names_is_one() -> None:
    known = {".".join(path) for path, _ in each_setting()}
    named = set(re.findall(r"`((?:kafka|elasticsearch|kibana|desk|store|probes)\.[a-z_]+)`", TEXT))
    assert named
    assert named <= known


def test_every_file_and_secret_that_it_names_is_there() -> None:
    for path in re.findall(r"`((?:deploy|docs)/[\w./-]+)`", TEXT):
        assert (ROOT / path).exists(), path
    asked = "".join(path.read_text() for path in (ROOT / "deploy/kubernetes/base").glob("*.yaml"))
    for key in re.findall(r"--from-literal=([\w-]+)=", TEXT):
        assert f"key: {key}\n" in asked, key


def test_every_command_that_it_names_is_one() -> None:
    commands = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| \[`([\w -]+)`\]", commands, re.MULTILINE))
    named = set(re.findall(r"ceasewire (cluster [a-z-]+)", TEXT))
    assert named >= {"cluster setup", "cluster status", "cluster retag", "cluster reset-group", "cluster dead"}
    for command in named:
        assert any(one == command or one.startswith(f"{command} ") for one in known), command


def test_links_within_it_lead_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([\w-]+)\)", TEXT)) <= anchors
