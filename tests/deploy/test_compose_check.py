"""What `make compose-check` is made of: the images that stand in, what it changes in the compose file, its refusals."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cluster.dashboard import ndjson
from tests.deploy.compose_check import DAY, ENGINES, published, until
from tests.deploy.compose_stack import IMAGE, ONCE, OURS, Stack, override
from tests.deploy.docker_engine import ROOT, Failed
from tests.deploy.engines import elasticsearch, kafka, kibana
from tests.deploy.test_docker import hadolint, services


def test_variables_of_the_compose_file_become_settings_of_kafka() -> None:
    environ = {key: str(value) for key, value in services()["kafka"]["environment"].items()}
    made = kafka.properties(environ | {"KAFKA_A__B_C___D": "x", "OTHER": "y"})
    assert made["listeners"] == "INSIDE://:9092,CONTROLLER://:9093,OUTSIDE://:9094"
    assert made["log.dirs"] == services()["kafka"]["volumes"][0].partition(":")[2]
    assert made["a_b.c-d"] == "x"
    assert not [key for key in made if "heap" in key or "other" in key]
    assert kafka.java(environ, "-Xmx1G", "kafka.Kafka")[1:3] == ["-Xms512m", "-Xmx512m"]
    assert kafka.java({}, "-Xmx1G", "kafka.Kafka")[1] == "-Xmx1G"


def test_variables_with_a_dot_become_settings_of_elasticsearch() -> None:
    environ = {key: str(value) for key, value in services()["elasticsearch"]["environment"].items()}
    assert elasticsearch.settings(environ) == {
        "network.host": "0.0.0.0",
        **{key: environ[key] for key in environ if "." in key},
    }
    assert "ELASTIC_PASSWORD" not in elasticsearch.own(environ)


def test_the_stand_in_for_kibana_takes_our_file_and_no_object_whose_parts_are_missing() -> None:
    def sent(text: str) -> bytes:
        head = '--edge\r\nContent-Disposition: form-data; name="file"; filename="a.ndjson"\r\n\r\n'
        return f"{head}{text}\r\n--edge--\r\n".encode()

    text = ndjson("ceasewire")
    answer, kept = kibana.imported("multipart/form-data; boundary=edge", sent(text))
    assert answer == {"success": True, "successCount": len(text.splitlines())}
    assert kept == text.strip()
    fewer = "\n".join(line for line in text.splitlines() if json.loads(line)["type"] != "index-pattern")
    answer, _ = kibana.imported("multipart/form-data; boundary=edge", sent(fewer))
    assert not answer["success"]
    assert answer["errors"][0]["error"]["type"] == "missing_references"


def test_the_images_that_stand_in_have_clean_recipes_and_are_not_root() -> None:
    for name in ENGINES:
        path = ROOT / f"tests/deploy/engines/{name}.Dockerfile"
        said = hadolint(path)
        assert said.returncode == 0, said.stdout
        assert "\nUSER 1000:" in path.read_text(encoding="utf-8")


def test_the_published_images_are_those_of_the_compose_file() -> None:
    assert published("kafka").startswith("apache/kafka:4.")
    assert published("elasticsearch").rpartition(":")[2] == published("kibana").rpartition(":")[2]


def test_only_images_change_and_a_server_of_feeds_comes_in_addition() -> None:
    changed = yaml.safe_load(override({name: f"{name}:x" for name in ENGINES}))["services"]
    assert set(changed) == set(services()) - {"prometheus", "grafana"} | {"feeds"}
    for name in (*OURS, *ONCE):
        assert changed[name]["image"] == IMAGE
        assert set(changed[name]) <= {"image", "build"}
    assert {name: changed[name] for name in ENGINES} == {name: {"image": f"{name}:x"} for name in ENGINES}


def test_the_copy_has_all_that_the_image_is_built_of_and_its_feeds(tmp_path: Path) -> None:
    stack = Stack(tmp_path, {})
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line.startswith("!"):
            assert (tmp_path / line[1:]).exists(), line
    stack.serve("one", 2)
    stack.serve("two", 3)
    assert (tmp_path / "feeds/two.xml").read_text().count("<item>") == 3
    feeds = yaml.safe_load((tmp_path / "config/feeds.yml").read_text())["feeds"]
    assert [feed["url"] for feed in feeds] == ["http://feeds:8000/one.xml", "http://feeds:8000/two.xml"]


def test_what_never_comes_is_a_fault_by_name() -> None:
    with pytest.raises(Failed, match="after 0 s still not: rain"):
        until(0, lambda: False, "rain")


def test_the_counts_of_the_sample_day_are_read_as_it_prints_them() -> None:
    text = "items in       88\ntagged         87\nindexed        86   (counted in Elasticsearch)\nlost           2\n"
    assert DAY.findall(text) == [("items in", "88"), ("tagged", "87"), ("indexed", "86"), ("lost", "2")]


@pytest.mark.parametrize("check", ["compose_check", "images_check"])
def test_without_docker_it_says_not_run_and_why(check: str, tmp_path: Path) -> None:
    words = [sys.executable, "-m", f"tests.deploy.{check}"]
    environ = {**os.environ, "PATH": str(tmp_path), "PYTHONPATH": str(ROOT)}
    said = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (3, "not run: there is no docker command\n")


def test_an_engine_that_is_too_old_is_said(tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 20.10.24\n", encoding="utf-8")
    docker.chmod(0o755)
    words = [sys.executable, "-m", "tests.deploy.compose_check"]
    environ = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    said = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert said.returncode == 3
    assert "not run: Docker Engine 20.10.24 is older than make up needs: 25" in said.stdout
