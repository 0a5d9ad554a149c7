"""Brings data views and the dashboard into Kibana, and says in words what Kibana refuses."""

import base64
import json
import secrets
import ssl
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from ceasewire.config.settings import ElasticsearchSettings, Settings
from cluster.dashboard import ndjson
from cluster.setup import Outcome

OLDEST = (8, 9)
"""The oldest Kibana that takes what we import."""
_SAID = 200


class _Refused(Exception):
    """Carries the name and words of a refusal out of a request."""


class KibanaStep:
    """The step of the setup that imports the dashboard."""

    name = "kibana"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def run(self) -> Outcome:
        """Imports all objects; what Kibana refuses is a refusal by name."""
        return import_objects(self._settings)


def import_objects(settings: Settings) -> Outcome:
    """Imports all objects over those of an earlier time; without an address of Kibana it does nothing."""
    if settings.kibana.url is None:
        return Outcome(lines=("Kibana: no kibana.url is set, so no dashboard was imported",))
    kibana = _Kibana(str(settings.kibana.url).rstrip("/"), settings.elasticsearch)
    try:
        version = kibana.version()
        if version and _numbers(version) < OLDEST:
            wanted = ".".join(map(str, OLDEST))
            return Outcome(refusals=(f"kibana_too_old: it is {version}, the dashboard needs {wanted} or newer",))
        answer = kibana.import_file(ndjson(settings.elasticsearch.prefix))
    except _Refused as refused:
        return Outcome(refusals=(str(refused),))
    faults = answer.get("errors") or []
    if faults:
        return Outcome(refusals=tuple(_fault(one) for one in faults))
    if not answer.get("success"):
        return Outcome(refusals=("kibana_objects: Kibana took none of the objects and does not say why",))
    shown = str(settings.kibana.public_url or kibana.address).rstrip("/")
    done = f"Kibana: {answer.get('successCount', 0)} objects imported; the dashboard is at {shown}"
    return Outcome(lines=(f"{done}/app/dashboards#/view/{settings.elasticsearch.prefix}-overview",))


class _Kibana:
    """Asks one Kibana; each refusal of it has a name."""

    def __init__(self, address: str, login: ElasticsearchSettings) -> None:
        self.address = address
        self._login = _authorization(login)
        self._timeout = login.timeout.total_seconds()
        context = ssl.create_default_context(cafile=login.ca_file) if address.startswith("https:") else None
        handlers: list[urllib.request.BaseHandler] = [_Stay(), urllib.request.ProxyHandler({})]
        if context:
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self._open = urllib.request.build_opener(*handlers).open

    def version(self) -> str:
        """The version it tells, or nothing where it tells none to this login."""
        found = self._ask("/api/status").get("version")
        return str(found.get("number", "")) if isinstance(found, dict) else ""

    def import_file(self, text: str) -> dict[str, Any]:
        """Its answer to the import of the file."""
        boundary = f"ceasewire-{secrets.token_hex(16)}"
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="ceasewire.ndjson"\r\n'
        body = f"{head}Content-Type: application/ndjson\r\n\r\n{text}\r\n--{boundary}--\r\n".encode()
        kind = f"multipart/form-data; boundary={boundary}"
        return self._ask("/api/saved_objects/_import?overwrite=true", body, kind)

    def _ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> dict[str, Any]:
        headers = {"kbn-xsrf": "ceasewire", "Content-Type": kind} | self._login
        asked = urllib.request.Request(self.address + path, data=body, headers=headers)
        try:
            with self._open(asked, timeout=self._timeout) as response:
                answer = json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _Refused(_refusal(error.code, self.address, error.read(2000))) from None
        except (OSError, HTTPException) as error:
            why = getattr(error, "reason", None) or error
            raise _Refused(f"kibana_unreachable: {self.address} does not answer: {_short(why)}") from None
        except ValueError:
            raise _Refused(f"kibana_answer: what answers at {self.address} is no Kibana: no JSON") from None
        if not isinstance(answer, dict):
            raise _Refused(f"kibana_answer: what answers at {self.address} is no Kibana: no object")
        return answer


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the login is for this address only."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


def _authorization(login: ElasticsearchSettings) -> dict[str, str]:
    if login.api_key:
        return {"Authorization": f"ApiKey {login.api_key.get_secret_value()}"}
    if login.username and login.password:
        both = f"{login.username}:{login.password.get_secret_value()}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    return {}


def _refusal(status: int, address: str, body: bytes) -> str:
    if status == 401:
        return f"kibana_login: {address} does not know the login of elasticsearch.api_key or elasticsearch.username"
    if status == 403:
        return f"kibana_rights: the login may not import at {address}; it needs the right on Saved Objects Management"
    if 300 <= status < 400:
        return f"kibana_address: {address} points elsewhere (HTTP {status}): give the address that it points to"
    if status == 503:
        return f"kibana_starting: {address} is not ready yet (HTTP 503)"
    return f"kibana_refused: {address} answers HTTP {status}: {_message(body)}"


def _message(body: bytes) -> str:
    try:
        found = json.loads(body)
        return _short(found["message"])
    except (ValueError, KeyError, TypeError):
        return "without a reason"


def _fault(one: dict[str, Any]) -> str:
    error = one.get("error") or {}
    kind = error.get("type", "unknown")
    said = f": {_short(error['message'])}" if error.get("message") else ""
    missing = ", ".join(f"{ref.get('type')} {ref.get('id')}" for ref in error.get("references", ()))
    return f"kibana_objects: {one.get('type')} {one.get('id')}: {kind}{said}{f', lacks {missing}' if missing else ''}"


def _short(text: object) -> str:
    return " ".join(str(text).split())[:_SAID]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("-")[0].split(".")[:2] if part.isdigit())
