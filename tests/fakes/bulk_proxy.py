"""A proxy before a real node that spoils bulk requests in the ways in which real ones go wrong."""

import http.client
import itertools
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import urlsplit

Fault = Literal["429", "503", "reset", "lost", "timeout", "401"]
FAULTS: tuple[Fault, ...] = ("429", "503", "reset", "lost", "timeout")
"""reset: the connection breaks before the node gets the request; lost: after it has done it."""


class BulkProxy:
    """Passes everything on to the node, but a share of the bulk requests and of the documents in them.

    `locked`: nothing is let in (401). `hangs` is how long a request that times out is kept waiting.
    """

    def __init__(self, node: str, requests: float = 0.0, documents: float = 0.0, seed: int = 1) -> None:
        self._node = urlsplit(node)
        self._requests = requests
        self._documents = documents
        self._chance = random.Random(seed)
        self._faults = itertools.cycle(FAULTS)  # one after the other, so that few requests meet all of them
        self._lock = threading.Lock()
        self.locked = False
        self.hangs = 2.0
        self.seen: Counter[str] = Counter()
        """Bulk requests by what became of them, and documents that were answered with 429."""
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                proxy.answer(self)

            do_POST = do_PUT = do_DELETE = do_HEAD = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Clients that go away are no news."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    @contextmanager
    def running(self) -> Iterator["BulkProxy"]:
        """Serves as long as the block lasts."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join(5)
            self._server.server_close()

    def answer(self, asked: BaseHTTPRequestHandler) -> None:
        """Answers one request."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        bulk = asked.path.partition("?")[0].endswith("/_bulk")
        fault = self._fault() if bulk else "401" if self.locked else None
        if bulk:
            with self._lock:
                self.seen[fault or "passed"] += 1
        if fault in ("429", "503", "401"):
            _write(asked, int(fault), json.dumps({"error": {"type": "spoiled", "reason": "by the proxy"}}).encode(), {})
        elif fault == "reset":
            _break_off(asked)
        elif fault == "timeout":
            threading.Event().wait(self.hangs)
            _break_off(asked)
        else:
            status, said, headers = self._pass_on(asked, body) if not bulk else self._bulk(asked, body)
            if fault == "lost":
                _break_off(asked)
            else:
                _write(asked, status, said, headers)

    def _fault(self) -> Fault | None:
        if self.locked:
            return "401"
        with self._lock:
            return next(self._faults) if self._chance.random() < self._requests else None

    def _bulk(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """Passes on what is not picked out, and puts the answers together again."""
        lines = body.splitlines()
        pieces = [lines[at : at + 2] for at in range(0, len(lines), 2)]
        with self._lock:
            picked = [self._chance.random() < self._documents for _ in pieces]
            self.seen["documents"] += sum(picked)
        kept = [line for piece, out in zip(pieces, picked, strict=True) if not out for line in piece]
        answers: list[Any] = []
        status, headers = 200, {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}
        if kept:
            status, said, headers = self._pass_on(asked, b"\n".join(kept) + b"\n")
            if status != 200:
                return status, said, headers
            answers = json.loads(said)["items"]
        whole = []
        for piece, out in zip(pieces, picked, strict=True):
            error = {"type": "es_rejected_execution_exception", "reason": "queue is full"}
            head = json.loads(piece[0])["index"]
            whole.append({"index": {"_id": head["_id"], "status": 429, "error": error}} if out else answers.pop(0))
        return status, json.dumps({"items": whole}).encode(), headers

    def _pass_on(self, asked: BaseHTTPRequestHandler, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(str(self._node.hostname), self._node.port or 80, timeout=60)
        try:
            kept = ("accept", "content-type", "authorization")
            headers = {name: value for name, value in asked.headers.items() if name.lower() in kept}
            connection.request(asked.command, asked.path, body or None, headers)
            answer = connection.getresponse()
            said = answer.read()
            wanted = ("Content-Type", "X-Elastic-Product")
            return (
                answer.status,
                said,
                {name.title(): value for name, value in answer.getheaders() if name.title() in wanted},
            )
        finally:
            connection.close()


def _write(asked: BaseHTTPRequestHandler, status: int, said: bytes, headers: dict[str, str]) -> None:
    asked.send_response(status)
    for name, value in ({"Content-Type": "application/json"} | headers).items():
        asked.send_header(name, value)
    asked.send_header("Content-Length", str(len(said)))
    asked.end_headers()
    if asked.command != "HEAD":
        asked.wfile.write(said)


def _break_off(asked: BaseHTTPRequestHandler) -> None:
    """Ends the connection without an answer, at once."""
    asked.close_connection = True
    asked.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    asked.connection.close()
