"""The health check of a container, and the accounts that the compose file makes, against stand-ins."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from cluster.accounts import main, make, rights
from cluster.probe import address
from cluster.probe import ask as probe

Asked = list[tuple[str, str, dict[str, Any]]]


@contextmanager
def server(status: int, body: dict[str, Any]) -> Iterator[tuple[str, Asked]]:
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append((self.command, self.path, json.loads(sent or b"{}")))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_PUT = do_POST = do_GET

        def log_message(self, *_: object) -> None: ...

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=listening.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.server_address[1]}", asked
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def test_ready_or_not_with_the_reasons() -> None:
    with server(200, {"ready": True, "reasons": []}) as (url, _):
        assert probe(url) == (True, "ready")
    with server(503, {"ready": False, "reasons": ["kafka: it does not answer", "warming_up: 3 of 9"]}) as (url, _):
        assert probe(url) == (False, "kafka: it does not answer; warming_up: 3 of 9")
    ready, words = probe(url)
    assert not ready
    assert words.startswith("does not answer: ")


def test_where_it_asks() -> None:
    assert address([], {}) == "http://127.0.0.1:8330/ready"
    assert address([], {"CEASEWIRE_PROBES__PORT": "9000"}) == "http://127.0.0.1:9000/ready"
    assert address(["http://127.0.0.1:8321/ready"], {}) == "http://127.0.0.1:8321/ready"


PASSWORDS = {f"{name}_PASSWORD": f"secret-of-{name.lower()}" for name in ("ELASTIC", "KIBANA", "WORKER", "READER")}


def test_accounts_are_made_with_the_least_rights() -> None:
    with server(200, {}) as (url, asked):
        lines = list(make(ElasticsearchSettings(url=url), PASSWORDS))
    assert [(method, path) for method, path, _ in asked] == [
        ("POST", "/_security/user/kibana_system/_password"),
        ("PUT", "/_security/role/ceasewire_worker"),
        ("PUT", "/_security/user/ceasewire_worker"),
        ("PUT", "/_security/role/ceasewire_reader"),
        ("PUT", "/_security/user/ceasewire_reader"),
    ]
    assert asked[2][2]["roles"] == ["ceasewire_worker"]
    assert not [secret for secret in PASSWORDS.values() if secret in "\n".join(lines)]
    for name, role in rights("ceasewire").items():
        (indices,) = role["indices"]
        assert indices["names"] == ["ceasewire-*"]
        if name not in ("ceasewire_setup", "ceasewire_reindex"):
            assert not {"all", "manage", "create_index", "delete_index"} & set(indices["privileges"]), name
            assert role["cluster"] == ["monitor"], name
    assert "index" not in rights("ceasewire")["ceasewire_reader"]["indices"][0]["privileges"]


def test_a_node_that_refuses_is_said_without_the_secret() -> None:
    with (
        server(401, {}) as (url, _),
        pytest.raises(StoreError, match="kibana_system could not be set: HTTP 401") as said,
    ):
        list(make(ElasticsearchSettings(url=url), PASSWORDS))
    assert "secret-of" not in str(said.value)


def test_what_is_not_set_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({"ELASTIC_PASSWORD": "x"}) == 2
    assert "not set: KIBANA_PASSWORD, WORKER_PASSWORD, READER_PASSWORD" in capsys.readouterr().err
