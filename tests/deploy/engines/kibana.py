"""Stands in for Kibana: 503 until its own login is taken by Elasticsearch, then what the setup and a browser ask.

It draws nothing. An import is checked as far as each object has what it refers to, and is kept in its volume.
"""

import base64
import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KEPT = Path("/usr/share/kibana/data/objects.ndjson")
VERSION = {"name": "kibana", "version": {"number": "9.4.3"}}


def login(environ: Mapping[str, str]) -> str:
    """The head of its own requests."""
    both = f"{environ['ELASTICSEARCH_USERNAME']}:{environ['ELASTICSEARCH_PASSWORD']}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"


def known(elasticsearch: str, authorization: str) -> int:
    """How Elasticsearch answers to a login: 200 where it knows it, 503 where it does not answer."""
    asked = urllib.request.Request(f"{elasticsearch}/_security/_authenticate", headers={"Authorization": authorization})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=4) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return 503


def imported(kind: str, body: bytes) -> tuple[dict[str, Any], str]:
    """The answer to an import, and the file that was in it."""
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + body)
    text = "".join(part.get_payload(decode=True).decode() for part in form.iter_parts()).strip()
    objects = [json.loads(line) for line in text.splitlines()]
    there = {(one["type"], one["id"]) for one in objects}
    errors = []
    for one in objects:
        missing = [ref for ref in one["references"] if (ref["type"], ref["id"]) not in there]
        if missing:
            why = {"type": "missing_references", "references": missing}
            errors.append({"type": one["type"], "id": one["id"], "error": why})
    found = {"success": not errors, "successCount": len(objects) - len(errors)}
    return found | ({"errors": errors} if errors else {}), text


class Answers(BaseHTTPRequestHandler):
    """One request."""

    def do_GET(self) -> None:
        """The status for who is known, else the way to the login."""
        if self.path.startswith("/api/"):
            status = self._may()
            self._say(status, VERSION if status == 200 else {})
        elif known(os.environ["ELASTICSEARCH_HOSTS"], login(os.environ)) == 200:
            self._say(302, {}, {"Location": "/login?next=%2F"})
        else:
            self._say(503, {})

    def do_POST(self) -> None:
        """An import."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self.headers.get("kbn-xsrf"):
            self._say(400, {"message": "Request must contain a kbn-xsrf header."})
        elif (status := self._may()) != 200:
            self._say(status, {})
        else:
            answer, text = imported(self.headers["Content-Type"], body)
            KEPT.write_text(text, encoding="utf-8")
            self._say(200, answer)

    def _may(self) -> int:
        return known(os.environ["ELASTICSEARCH_HOSTS"], self.headers.get("Authorization", ""))

    def _say(self, status: int, answer: dict[str, Any], heads: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (heads or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", 5601), Answers).serve_forever()
