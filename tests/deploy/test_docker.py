"""The image's recipe and the compose file: their own checkers, and what an operator relies on."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cluster.up import SECRETS
from process.environment import read_overlay
from tests.deploy.conftest import ROOT

DOCKERFILE = ROOT / "deploy/docker/Dockerfile"
OURS = {"producer", "tagger", "gatherer", "notifier", "indexer", "desk"}
ONCE = {"accounts", "setup", "demo"}
ENGINES = {"kafka", "elasticsearch", "kibana", "prometheus", "grafana"}


class Compose(yaml.SafeLoader):
    """YAML as compose reads it: `<<` may name several."""


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"), Compose)
    return found


def services() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def hadolint(path: Path) -> subprocess.CompletedProcess[str]:
    words = [Path(sys.executable).parent / "hadolint", "--no-color", path]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def test_the_recipe_of_the_image_is_clean(tmp_path: Path) -> None:
    said = hadolint(DOCKERFILE)
    assert said.returncode == 0, said.stdout
    worse = tmp_path / "Dockerfile"
    worse.write_text(DOCKERFILE.read_text(encoding="utf-8").replace("WORKDIR /src", "RUN cd src"), encoding="utf-8")
    assert hadolint(worse).returncode != 0


def test_the_image_runs_without_rights_and_from_pinned_packages() -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert not text.startswith("# syntax=")
    assert "--require-hashes -r constraints/cluster.txt" in text
    last = text.rpartition("\nFROM ")[2]
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    for package in ("ceasewire", "process", "producers", "streams", "indexers", "desk", "embedded", "cluster"):
        assert f"COPY {package} {package}\n" in text
        assert f"!{package}\n" in (ROOT / ".dockerignore").read_text(encoding="utf-8")


def test_the_compose_file_meets_its_schema(schema_of_compose: dict[str, Any]) -> None:
    validator = jsonschema.Draft7Validator(schema_of_compose)
    assert not [error.message for error in validator.iter_errors(compose())]
    worse = compose()
    worse["services"]["desk"]["healthchek"] = worse["services"]["desk"].pop("healthcheck")
    assert [error.message for error in validator.iter_errors(worse)]


def test_all_that_is_needed_is_there() -> None:
    found = services()
    assert set(found) == OURS | ONCE | ENGINES
    profiles = {name: service.get("profiles", []) for name, service in found.items()}
    assert {name: p for name, p in profiles.items() if p} == {
        "demo": ["demo"],
        "prometheus": ["monitoring"],
        "grafana": ["monitoring"],
    }


def test_ports_are_for_this_machine_only_and_what_scales_has_none() -> None:
    for name, service in services().items():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert "container_name" not in service
        if name in OURS - {"desk"}:
            assert "ports" not in service, f"{name} can't be scaled with a port of its own"


def test_each_service_says_how_it_is_and_is_asked_often_at_the_start() -> None:
    for name, service in services().items():
        check = service["healthcheck"]
        if name in ONCE - {"demo"}:  # these end; what runs on is waited for, and needs a check for that
            assert check == {"disable": True}
            continue
        assert check["start_interval"] in ("1s", "2s", "3s"), name
        assert check["start_period"], name
        assert service["mem_limit"], name


def test_ours_wait_for_the_setup_which_waits_for_the_engines() -> None:
    found = services()
    for name in OURS | {"demo"}:
        assert found[name]["depends_on"] == {"setup": {"condition": "service_completed_successfully"}}, name
    assert set(found["setup"]["depends_on"]) == {"kafka", "kibana"}
    assert found["kibana"]["depends_on"] == {"accounts": {"condition": "service_completed_successfully"}}
    assert found["accounts"]["depends_on"] == {"elasticsearch": {"condition": "service_healthy"}}


def test_ours_have_no_rights_and_read_the_configuration_only() -> None:
    for name in OURS | ONCE:
        service = services()[name]
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service["volumes"] == ["./config:/config:ro"], name
        assert service["init"] is True, name


def test_the_image_is_built_once_and_no_registry_is_asked_for_it() -> None:
    found = services()
    assert [name for name, service in found.items() if "build" in service] == ["setup"]
    assert {name: found[name]["pull_policy"] for name in OURS | ONCE} == dict.fromkeys(OURS | ONCE, "never") | {
        "setup": "missing"
    }


def test_no_limit_is_raised_that_an_engine_without_root_may_not_raise() -> None:
    assert not [name for name, service in services().items() if "ulimits" in service]


def test_the_number_of_taggers_outlives_the_next_start() -> None:
    assert services()["tagger"]["scale"] == "${TAGGERS:-1}"


def test_every_variable_of_ours_is_a_setting() -> None:
    for name in OURS | ONCE:
        given = {key: str(value) for key, value in services()[name]["environment"].items()}
        read_overlay({key: "x" * 20 if "${" in value else value for key, value in given.items() if "_URL" not in key})


def test_secrets_come_from_the_file_that_make_up_writes() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for name in SECRETS:
        assert f"${{{name}:?run make up once, it writes .env}}" in text, name
    for name, service in services().items():
        for key, value in service.get("environment", {}).items():
            if key.endswith(("PASSWORD", "TOKEN", "ENCRYPTIONKEY")):
                assert str(value).startswith("${"), f"{name}: {key}"


def test_no_secret_is_an_argument_of_a_command() -> None:
    for name, service in services().items():
        words = [*service.get("command", []), *service["healthcheck"].get("test", [])]
        for word in words:
            assert "${" not in word.replace("$${", ""), name
    # in the check of Elasticsearch the shell itself writes the password, to the standard input of curl
    check = services()["elasticsearch"]["healthcheck"]["test"][1]
    assert check.startswith("printf ")
    assert "$$ELASTIC_PASSWORD" in check.partition("|")[0]


def test_only_the_one_that_sends_is_given_the_secrets_of_channels() -> None:
    given = {name: service["env_file"] for name, service in services().items() if "env_file" in service}
    assert given == {"notifier": [{"path": "channels.env", "required": False}]}


@pytest.mark.parametrize("name", ["kafka", "elasticsearch", "kibana", "prometheus", "grafana"])
def test_what_engines_keep_is_in_a_named_volume(name: str) -> None:
    kept = [volume.partition(":")[0] for volume in services()[name]["volumes"]]
    assert name in kept
    assert name in compose()["volumes"]
