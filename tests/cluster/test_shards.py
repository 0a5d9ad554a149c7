"""What is read of an index is read of all its shards, or not at all: a copy of a part would pass for the whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from indexers.elastic import Elastic


@contextmanager
def node(count: dict[str, Any]) -> Iterator[tuple[Elastic, list[str]]]:
    """A client of a node that counts so and has no documents, and what that was asked."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(self.path)
            said = count if "_count" in self.path else {"id": "p", "pit_id": "p", "hits": {"hits": []}}
            body = json.dumps(said).encode()
            self.send_response(200)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_DELETE = do_GET = do_POST

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    elastic = Elastic(ElasticsearchSettings(url=f"http://127.0.0.1:{server.server_port}"))
    try:
        yield elastic, asked
    finally:
        elastic.close()
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_count_of_some_shards_is_none() -> None:
    with node({"count": 7, "_shards": {"total": 2, "successful": 2, "failed": 0}}) as (elastic, _):
        assert elastic.count("c-items-v1") == 7
    part = {"count": 3, "_shards": {"total": 2, "successful": 1, "failed": 1}}
    told = "not all shards of c-items-v1 can be counted now"
    with node(part) as (elastic, _), pytest.raises(StoreError, match=told):
        elastic.count("c-items-v1")


def test_documents_are_asked_of_all_shards() -> None:
    with node({}) as (elastic, asked):
        assert list(elastic.stored("c-items-v1", ("tagged",))) == []
    [search] = [path for path in asked if path.startswith("/_search")]
    assert "allow_partial_search_results=false" in search
