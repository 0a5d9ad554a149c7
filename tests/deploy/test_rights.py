"""The least rights are enough, and not more than that: on a real node that asks who we are."""

import base64
import json
import shutil
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ceasewire.config.settings import ElasticsearchSettings
from ceasewire.errors import StoreError
from cluster.accounts import make, rights
from cluster.index_templates import template_faults
from cluster.search.client import Index, connect
from cluster.setup_index import Indices
from indexers.documents import Document
from indexers.elastic import Elastic, Move
from indexers.templates import mapping
from tests.services.node import Node

ADMIN = "password-of-the-admin"
HASHED = "$2a$04$IYbhfl0U9GlE7DLCF1fyeuRb0vpevjl3SRPR3RYv0aK.qvHfmDaWu"
"""The same as the node keeps it (bcrypt)."""
SECURE = {"xpack.security.enabled": "true", "xpack.license.self_generated.type": "basic"}
PASSWORDS = {
    "ELASTIC_USERNAME": "admin",
    "ELASTIC_PASSWORD": ADMIN,
    "KIBANA_PASSWORD": "password-of-kibana",
    "WORKER_PASSWORD": "password-of-worker",
    "READER_PASSWORD": "password-of-reader",
}
pytestmark = [pytest.mark.elasticsearch, pytest.mark.timeout(300)]


@pytest.fixture
def node(own_node: Callable[..., Node]) -> Iterator[Node]:
    """A node with security on and one superuser in a file, as there is no tool here that sets elastic's password."""
    folder = Path(tempfile.mkdtemp(prefix="ceasewire-secure-"))
    (folder / "conf").mkdir()
    (folder / "conf/users").write_text(f"admin:{HASHED}\n")
    (folder / "conf/users_roles").write_text("superuser:admin\n")
    yield own_node(folder=folder, settings=SECURE)
    shutil.rmtree(folder, ignore_errors=True)


def post(node: Node, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    login = base64.b64encode(f"admin:{ADMIN}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {login}"}
    asked = urllib.request.Request(node.address + path, b"" if body is None else json.dumps(body).encode(), headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(asked, timeout=30) as answer:
        found: dict[str, Any] = json.loads(answer.read())
    return found


def by_key(node: Node, role: str) -> ElasticsearchSettings:
    """Settings with an API key that has the rights of the role and no more."""
    body = {"name": role, "role_descriptors": {role: rights("ceasewire")[role]}}
    return ElasticsearchSettings.model_validate(
        {"url": node.address, "api_key": post(node, "/_security/api_key", body)["encoded"]}
    )


def by_name(node: Node, role: str) -> ElasticsearchSettings:
    secret = PASSWORDS[f"{role.removeprefix('ceasewire_').upper()}_PASSWORD"]
    return ElasticsearchSettings.model_validate({"url": node.address, "username": role, "password": secret})


def document(id: str) -> Document:
    body = {"id": id, "title": "Talks", "first_seen": "2026-01-02T00:00:00Z", "@timestamp": "2026-01-02T00:00:00Z"}
    return Document(kind="items", id=id, version=1, body=json.dumps(body).encode())


async def counted(settings: ElasticsearchSettings) -> int:
    client = connect(settings)
    try:
        found = await Index(client, settings).ask("items", size=0, track_total_hits=True)
    finally:
        await client.close()
    count: int = found["hits"]["total"]["value"]
    return count


def written(settings: ElasticsearchSettings, id: str) -> str:
    elastic = Elastic(settings)
    try:
        return elastic.bulk([document(id)])[0].outcome
    finally:
        elastic.close()


def copied(settings: ElasticsearchSettings) -> str:
    """All that a reindex does to indices, beside the topics; gives what became of its one document."""
    elastic = Elastic(settings)
    name, before, after = (f"{settings.prefix}-{end}" for end in ("feeds", "feeds-v1", "feeds-v2"))
    try:
        assert template_faults(elastic, settings) == []
        elastic.create_index(after, [], mapping("feeds")["_meta"] | {"filling": {}})
        one = Document(kind="feeds", id="wire", version=1, body=b"{}")
        outcome = elastic.bulk([one], {"feeds": after})[0].outcome
        assert (elastic.count(after), list(elastic.stored(before, ("state",)))) == (1, [])
        elastic.move([Move(name, before, after)])
        elastic.note(after, mapping("feeds")["_meta"])
        elastic.delete_index(before)
    finally:
        elastic.close()
    return outcome


def kept_from(settings: ElasticsearchSettings, cutoff: datetime) -> int:
    elastic = Elastic(settings)
    try:
        return elastic.delete_before("items", "first_seen", cutoff, {})
    finally:
        elastic.close()


async def test_each_may_do_its_work_and_not_that_of_another(node: Node) -> None:
    assert len(list(make(ElasticsearchSettings(url=node.address), PASSWORDS))) == 5
    assert len(list(make(ElasticsearchSettings(url=node.address), PASSWORDS))) == 5  # and again
    wrong = PASSWORDS | {"ELASTIC_PASSWORD": "password-that-is-wrong"}
    with pytest.raises(StoreError, match="HTTP 401") as said:
        list(make(ElasticsearchSettings(url=node.address), wrong))
    assert "password-that-is-wrong" not in str(said.value)
    setup = by_key(node, "ceasewire_setup")
    assert not Indices(setup).run().refusals
    assert Indices(setup).run() == ((), ())
    reindexing = by_key(node, "ceasewire_reindex")
    assert copied(reindexing) == "created"
    ways = (by_name, by_key)
    for number, way in enumerate(ways):
        worker, reader = way(node, "ceasewire_worker"), way(node, "ceasewire_reader")
        assert written(worker, f"item-{number}") == "created"
        assert written(reader, "by-reader") not in ("created", "updated")
        post(node, "/ceasewire-items/_refresh")
        assert await counted(reader) == number + 1
        with pytest.raises(StoreError):
            Indices(worker.model_copy(update={"prefix": "other"})).run()
        with pytest.raises(StoreError):
            kept_from(reader, datetime(2026, 2, 1, tzinfo=UTC))
    with pytest.raises(StoreError, match="does not let us read"):
        await counted(setup)
    assert kept_from(worker, datetime(2026, 2, 1, tzinfo=UTC)) == len(ways)
