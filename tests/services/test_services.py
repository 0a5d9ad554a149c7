"""The services of the tests keep what they acknowledged, end with who started them, and are missed out loud."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic

from tests.services import broker, node
from tests.services.broker import Broker
from tests.services.cleaning import clean_elasticsearch, clean_kafka
from tests.services.files import Changed, folder_of
from tests.services.java import Missing, find_java
from tests.services.node import Node
from tests.services.service import NotStarted, Service, gone
from tests.services.shared import Shared
from tests.services.sources import Source

ROOT = Path(__file__).parents[2]
ADDRESSES = ("TEST_KAFKA_BOOTSTRAP", "TEST_ELASTICSEARCH_URL", "TEST_REQUIRE")


def called(arguments: list[str], **environ: str) -> "subprocess.CompletedProcess[str]":
    """A Python of its own without the addresses that this run may have been given."""
    clean = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=clean | environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


def asked(url: str, method: str = "GET", body: object = None) -> dict[str, object]:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def make_topic(address: str, name: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    admin.create_topics([NewTopic(name, 1, 1)])
    admin.close()


def rows(address: str, topic: str) -> list[bytes]:
    """All rows that the one partition of a topic holds."""
    consumer = KafkaConsumer(bootstrap_servers=address, auto_offset_reset="earliest")
    partition = TopicPartition(topic, 0)
    consumer.assign([partition])
    end = consumer.end_offsets([partition])[partition]
    found: list[bytes] = []
    deadline = time.monotonic() + 60
    while len(found) < end and time.monotonic() < deadline:
        for batch in consumer.poll(timeout_ms=1000).values():
            found += [row.value for row in batch]
    consumer.close()
    return found


def test_shared_broker_answers_and_is_left_clean(kafka: str, prefix: str) -> None:
    assert broker.answers(kafka)
    make_topic(kafka, f"{prefix}items")
    producer = KafkaProducer(bootstrap_servers=kafka, acks="all", compression_type="gzip")
    producer.send(f"{prefix}items", b"one").get(30)
    producer.close()
    assert rows(kafka, f"{prefix}items") == [b"one"]
    clean_kafka(kafka, prefix)
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    assert not [topic for topic in admin.list_topics() if topic.startswith(prefix)]
    admin.close()


def test_shared_node_answers_and_is_left_clean(elasticsearch: str, prefix: str) -> None:
    assert node.answers(elasticsearch)
    asked(f"{elasticsearch}/_index_template/{prefix}items", "PUT", {"index_patterns": [f"{prefix}*"]})
    asked(f"{elasticsearch}/{prefix}items/_doc/1?refresh=true", "PUT", {"title": "Talks"})
    clean_elasticsearch(elasticsearch, prefix)
    assert node.status(f"{elasticsearch}/{prefix}items") == 404
    assert node.status(f"{elasticsearch}/_index_template/{prefix}items") == 404


@pytest.mark.timeout(300)
def test_killed_broker_keeps_what_it_acknowledged(own_broker: Callable[..., Broker]) -> None:
    running = own_broker()
    make_topic(running.address, "items")
    producer = KafkaProducer(bootstrap_servers=running.address, acks="all")
    sent = [producer.send("items", str(number).encode()) for number in range(2_000)]
    for future in sent:
        future.get(60)
    running.kill()
    assert not running.answers()
    producer.close(timeout=0)
    began = time.monotonic()
    running.start()
    assert time.monotonic() - began < 60
    assert rows(running.address, "items") == [str(number).encode() for number in range(2_000)]


@pytest.mark.timeout(400)
def test_killed_node_keeps_what_it_acknowledged(own_node: Callable[..., Node]) -> None:
    running = own_node()
    asked(f"{running.address}/items", "PUT", {"settings": {"number_of_replicas": 0, "refresh_interval": "-1"}})
    for number in range(200):
        asked(f"{running.address}/items/_doc/{number}?version={number + 1}&version_type=external", "PUT", {"n": number})
    running.kill()
    assert not running.answers()
    running.start()
    asked(f"{running.address}/items/_refresh", "POST")
    assert asked(f"{running.address}/items/_count")["count"] == 200


@pytest.mark.timeout(300)
def test_command_finds_the_service_and_its_exit_code_is_passed_on(kafka: str) -> None:
    code = "import os; print(os.environ['CEASEWIRE_KAFKA__BOOTSTRAP'], os.environ['TEST_KAFKA_BOOTSTRAP']); exit(7)"
    said = called(["-m", "tests.services", "--kafka", "--", sys.executable, "-c", code])
    assert said.returncode == 7, said.stderr
    first, second = said.stdout.split()
    assert first == second != kafka
    assert not broker.answers(first)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_service_ends_with_who_started_it(kafka: str, how: signal.Signals) -> None:
    code = "import os, time; print(os.environ['TEST_KAFKA_BOOTSTRAP'], flush=True); time.sleep(200)"
    clean = {name: value for name, value in os.environ.items() if name not in ADDRESSES}
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.services", "--kafka", "--", sys.executable, "-c", code],
        cwd=ROOT,
        env=clean,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdout is not None
    address = running.stdout.readline().strip()
    assert broker.answers(address)
    below = psutil.Process(running.pid).children(recursive=True)
    folder = next(Path(process.cwd()) for process in below if "kafka.Kafka" in process.cmdline())
    command = next(process for process in below if code in process.cmdline())
    running.send_signal(how)
    running.wait(60)
    with suppress(psutil.NoSuchProcess):
        command.kill()  # it is no service: SIGKILL of its parent leaves it
    running.stdout.close()
    assert gone(below, 20)
    assert not broker.answers(address)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["kafka", "elasticsearch"])
def test_what_is_missing_is_said_and_is_a_failure_where_it_is_required(name: str, tmp_path: Path) -> None:
    tests = ["-m", "pytest", "-q", "tests/services/test_services.py", "-k", "left_clean or wording"]
    bare = {"PATH": "", "JAVA_HOME": "", "CEASEWIRE_TEST_CACHE": str(tmp_path)}
    told = re.compile(rf"^NOT RUN {name}=1 \(no (Java|full JDK|Maven) [^\n]+\)$", re.MULTILINE)
    calls = [("", 0, tests), ("browser", 0, tests), (name, 1, tests), (name, 1, [*tests, "-n", "2"])]
    for required, code, words in calls if name == "kafka" else calls[:3]:
        said = called(words, TEST_REQUIRE=required, **bare)
        assert told.search(said.stdout), said.stdout
        assert said.returncode == code, said.stdout
        assert "1 passed, 2 skipped" in said.stdout
        assert ("TEST_REQUIRE is set" in said.stdout) == bool(code)
    said = called(["-m", "tests.services", f"--{name}", "--", "true"], **bare)
    assert said.returncode == 3
    assert re.fullmatch(rf"NOT RUN {name} \(no [^\n]+\)\n", said.stderr)


class Pretended(Service):
    """A service that only knows whether it was stopped."""

    stopped = False

    def stop(self) -> None:
        self.stopped = True


def test_workers_share_a_service_and_who_started_it_waits_for_the_others(tmp_path: Path) -> None:
    begun: list[Pretended] = []

    def start(name: str) -> Source:
        begun.append(Pretended(tmp_path / name))
        return Source(f"127.0.0.1:{len(begun)}", f"{name} of the test", begun[-1])

    first, second = Shared(tmp_path, start), Shared(tmp_path, start)
    first.prepare("kafka", {"kafka"})
    second.prepare("kafka", {"kafka"})
    assert first.address("kafka") == second.address("kafka") == "127.0.0.1:1"
    assert first.told() == second.told() == ["kafka of the test"]
    with ThreadPoolExecutor() as threads:
        ending = threads.submit(first.stop)
        with pytest.raises(TimeoutError):
            ending.result(0.5)
        assert not begun[0].stopped
        second.stop()
        ending.result(20)
    assert [one.stopped for one in begun] == [True]


@pytest.mark.parametrize("failure", [Missing("no Java"), NotStarted("ended"), Changed("other bytes")])
def test_workers_tell_one_another_why_there_is_no_service(failure: Exception, tmp_path: Path) -> None:
    def start(name: str) -> Source:
        raise failure

    def never(name: str) -> Source:
        raise AssertionError("it is started once")

    first, second = Shared(tmp_path, start), Shared(tmp_path, never)
    ends = pytest.skip.Exception if isinstance(failure, Missing) else pytest.fail.Exception
    for worker in (first, second):
        worker.prepare("kafka", {"kafka"})
        with pytest.raises(ends, match=str(failure)):
            worker.address("kafka")
    first.stop()
    second.stop()


def test_wording_of_a_missing_java() -> None:
    with pytest.raises(Missing, match="no Java 999 or newer"):
        find_java(999)
    with pytest.raises(Missing, match="no full JDK 999 or newer, with jlink"):
        find_java(999, full=True)


def test_unknown_requirement_is_refused() -> None:
    said = called(["-m", "pytest", "-q", "tests/services", "--collect-only"], TEST_REQUIRE="kafak")
    assert said.returncode == 4
    assert "kafak is none of" in said.stderr


def test_other_file_than_the_pinned_one_is_a_failure(kafka: str, tmp_path: Path) -> None:
    kept = tmp_path / folder_of("kafka").name
    kept.mkdir()
    (kept / "kafka-clients-4.3.1.jar").write_bytes(b"something else")
    said = called(["-m", "tests.services", "--kafka", "--", "true"], CEASEWIRE_TEST_CACHE=str(tmp_path))
    assert said.returncode == 1
    assert "kafka: not as tests/services/lock.toml pins them" in said.stderr
