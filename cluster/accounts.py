"""Accounts of the compose file in Elasticsearch: one for Kibana itself, and two of ours with the least rights.

Run as `python -m cluster.accounts` with ELASTIC_PASSWORD, that of the superuser; may be run again at any time.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import CeasewireError, StoreError
from process.config_files import read_settings
from process.hosting import places_of

_SECRETS = ("ELASTIC_PASSWORD", "KIBANA_PASSWORD", "WORKER_PASSWORD", "READER_PASSWORD")


class Request(NamedTuple):
    """One request to the node, and what it makes in words."""

    method: str
    path: str
    body: dict[str, Any]
    makes: str


def rights(prefix: str) -> dict[str, dict[str, Any]]:
    """The least that each of ours needs, as Elasticsearch takes it for a role or an API key.

    The setup makes templates and indices; a reindex makes indices, reads and fills them; the indexer writes, deletes
    what is too old and reads; the desk only reads.
    """
    names = [f"{prefix}-*"]
    worker = ["read", "index", "delete", "maintenance", "view_index_metadata"]
    reader = ["read", "view_index_metadata"]
    return {
        "ceasewire_setup": {
            "cluster": ["monitor", "manage_index_templates"],
            "indices": [{"names": names, "privileges": ["manage"]}],
        },
        "ceasewire_reindex": {
            "cluster": ["monitor", "manage_index_templates"],
            "indices": [{"names": names, "privileges": ["manage", "read", "index"]}],
        },
        "ceasewire_worker": {"cluster": ["monitor"], "indices": [{"names": names, "privileges": worker}]},
        "ceasewire_reader": {"cluster": ["monitor"], "indices": [{"names": names, "privileges": reader}]},
    }


def requests(prefix: str, environ: Mapping[str, str]) -> Iterator[Request]:
    """All that is asked of the node, in order."""
    kibana = {"password": environ["KIBANA_PASSWORD"]}
    yield Request("POST", "/_security/user/kibana_system/_password", kibana, "the password of kibana_system")
    for name in (
        "ceasewire_worker",
        "ceasewire_reader",
    ):  # the compose file's setup is the superuser, for Kibana's sake
        yield Request("PUT", f"/_security/role/{name}", rights(prefix)[name], f"the role {name}")
        secret = environ[f"{name.removeprefix('ceasewire_').upper()}_PASSWORD"]
        user = {"password": secret, "roles": [name], "full_name": f"Ceasewire, {name.removeprefix('ceasewire_')}"}
        yield Request("PUT", f"/_security/user/{name}", user, f"the user {name}")


def make(settings: ElasticsearchSettings, environ: Mapping[str, str]) -> Iterator[str]:
    """Makes all accounts and tells of each; raises StoreError in words, without secrets, where it can't."""
    url = str(settings.url).rstrip("/")
    who = environ.get("ELASTIC_USERNAME", "elastic")
    login = base64.b64encode(f"{who}:{environ['ELASTIC_PASSWORD']}".encode()).decode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for one in requests(settings.prefix, environ):
        asked = urllib.request.Request(
            url + one.path,
            data=json.dumps(one.body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Basic {login}"},
            method=one.method,
        )
        try:
            with opener.open(asked, timeout=settings.timeout.total_seconds()) as response:
                response.read()
        except urllib.error.HTTPError as error:
            with error:
                raise _refused(url, one.makes, f"HTTP {error.code}") from None
        except OSError as error:
            raise _refused(url, one.makes, str(error)) from None
        yield f"Elasticsearch: {one.makes} is set"


def _refused(url: str, makes: str, why: str) -> StoreError:
    return StoreError(f"{url}: {makes} could not be set: {why}")


def main(environ: Mapping[str, str]) -> int:
    """0 where all are made; 2, with words, where not."""
    if missing := [name for name in _SECRETS if not environ.get(name)]:
        print(f"not set: {', '.join(missing)}; make up writes them to .env", file=sys.stderr)  # noqa: T201
        return 2
    try:
        for line in make(read_settings(places_of(environ), environ).elasticsearch, environ):
            print(line)  # noqa: T201
    except CeasewireError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
