"""The Kustomize base and its example: built, and checked against the schemas of Kubernetes and KEDA."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from process.config_files import Reading
from process.environment import read_overlay
from process.places import Places
from tests.deploy.conftest import ROOT
from tests.deploy.go_tools import Cluster

BASE, EXAMPLE = ROOT / "deploy/kubernetes/base", ROOT / "deploy/kubernetes/example"
WORKERS = {"producer", "tagger", "gatherer", "notifier", "indexer"}
pytestmark = pytest.mark.timeout(600)  # the first time the tools are built


def built(cluster: Cluster, folder: Path) -> str:
    done = subprocess.run([cluster.kustomize, "build", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def conform(cluster: Cluster, text: str) -> subprocess.CompletedProcess[str]:
    places = f"{cluster.schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json"
    words = [cluster.kubeconform, "-strict", "-summary", "-schema-location", places]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=False)


def documents(text: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text))


def pods(text: str) -> dict[str, dict[str, Any]]:
    kinds = {"Deployment", "StatefulSet", "Job"}
    return {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in documents(text) if one["kind"] in kinds}


def named(text: str, kind: str, name: str) -> dict[str, Any]:
    return next(one for one in documents(text) if one["kind"] == kind and one["metadata"]["name"] == name)


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=["base", "example"])
def test_every_object_meets_its_schema(cluster: Cluster, folder: Path) -> None:
    said = conform(cluster, built(cluster, folder))
    assert said.returncode == 0, said.stdout + said.stderr
    assert "Invalid: 0, Errors: 0, Skipped: 0" in said.stdout


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("readinessProbe:", "readynessProbe:"),
        ("  replicas: 2\n", '  replicas: "2"\n'),
        ("maxReplicaCount: 12", "maxReplicaCount: ten"),
        ("minReplicaCount: 1", "minimalReplicaCount: 1"),
    ],
)
def test_the_check_finds_what_is_wrong(cluster: Cluster, right: str, wrong: str) -> None:
    text = built(cluster, BASE)
    assert right in text
    said = conform(cluster, text.replace(right, wrong))
    assert said.returncode != 0
    assert "Invalid: 0" not in said.stdout
    assert "Errors: 0" in said.stdout


def test_no_pod_has_rights_and_each_has_limits(cluster: Cluster) -> None:
    found = pods(built(cluster, BASE))
    assert set(found) == WORKERS | {"setup", "desk"}
    for name, pod in found.items():
        assert pod["automountServiceAccountToken"] is False, name
        assert pod["securityContext"]["runAsNonRoot"] is True, name
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        assert container["resources"]["limits"]["memory"], name
        assert {mount["mountPath"] for mount in container["volumeMounts"]} == {"/tmp", "/data"}, name


def test_each_process_is_asked_how_it_is(cluster: Cluster) -> None:
    for name, pod in pods(built(cluster, BASE)).items():
        (container,) = pod["containers"]
        if name == "setup":
            assert "livenessProbe" not in container
            continue
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        asked = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}
        assert {kind: get["path"] for kind, get in asked.items()} == {
            "startup": "/live",
            "liveness": "/live",
            "readiness": "/ready",
        }
        assert {ports[get["port"]] for get in asked.values()} == {8321 if name == "desk" else 8330}


def test_secrets_stand_in_no_file(cluster: Cluster) -> None:
    text = built(cluster, EXAMPLE)
    assert not [one for one in documents(text) if one["kind"] == "Secret"]
    for name, pod in pods(text).items():
        for variable in pod["containers"][0].get("env", []):
            if variable["name"].endswith(("PASSWORD", "API_KEY", "TOKEN")):
                assert "secretKeyRef" in variable["valueFrom"], name
    given = [name for name, pod in pods(text).items() if "ceasewire-channels" in str(pod["containers"][0]["envFrom"])]
    assert given == ["notifier"]


def test_every_variable_is_a_setting(cluster: Cluster) -> None:
    for folder in (BASE, EXAMPLE):
        text = built(cluster, folder)
        maps = {one["metadata"]["name"]: one["data"] for one in documents(text) if one["kind"] == "ConfigMap"}
        shared = next(data for name, data in maps.items() if name.startswith("ceasewire-settings"))
        for pod in pods(text).values():
            own = {one["name"]: one.get("value", "x" * 20) for one in pod["containers"][0].get("env", [])}
            read_overlay(shared | own)


def test_there_are_as_many_shards_as_producers(cluster: Cluster) -> None:
    for folder in (BASE, EXAMPLE):
        producer = named(built(cluster, folder), "StatefulSet", "producer")["spec"]
        (shards,) = [
            one["value"]
            for one in producer["template"]["spec"]["containers"][0]["env"]
            if one["name"] == "CEASEWIRE_SHARDS"
        ]
        assert int(shards) == producer["replicas"]


def test_taggers_follow_the_lag_that_work_makes(cluster: Cluster) -> None:
    text = built(cluster, EXAMPLE)
    scaled = named(text, "ScaledObject", "tagger")["spec"]
    named(text, "Deployment", scaled["scaleTargetRef"]["name"])
    assert scaled["minReplicaCount"] == 1
    items = next(topic for topic in topics.topics(KafkaSettings()) if topic.name == topics.ITEMS)
    assert scaled["maxReplicaCount"] == items.partitions
    (trigger,) = scaled["triggers"]
    asked = trigger["metadata"]
    assert asked["bootstrapServers"] == "kafka-1.kafka:9092,kafka-2.kafka:9092,kafka-3.kafka:9092"
    assert (asked["topic"], asked["consumerGroup"]) == (topics.ITEMS, "tag")
    assert asked["excludePersistentLag"] == "true"
    assert int(asked["lagThreshold"]) > int(asked["activationLagThreshold"]) > 0
    assert set(asked) <= {
        "bootstrapServers",
        "consumerGroup",
        "topic",
        "lagThreshold",
        "activationLagThreshold",
        "offsetResetPolicy",
        "excludePersistentLag",
        "limitToPartitionsWithLag",
    }


def test_the_example_lays_out_a_config_that_is_right(cluster: Cluster, tmp_path: Path) -> None:
    text = built(cluster, EXAMPLE)
    (data,) = [
        one["data"]
        for one in documents(text)
        if one["kind"] == "ConfigMap" and one["metadata"]["name"].startswith("ceasewire-config")
    ]
    for name, pod in pods(text).items():
        (volume,) = [one for one in pod["volumes"] if one["name"] == "config"]
        assert {item["key"] for item in volume["configMap"]["items"]} == set(data), name
    for item in volume["configMap"]["items"]:
        path = tmp_path / item["path"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(data[item["key"]], encoding="utf-8")
    reading = Reading(Places(tmp_path, tmp_path / "data"), {"NEWSROOM_SLACK_URL": "https://hooks.example.org/x"})
    assert reading.feeds()
    assert [channel.id for channel in reading.channels()] == ["newsroom"]
    assert not reading.faults
