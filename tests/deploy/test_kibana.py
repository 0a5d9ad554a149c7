"""The dashboard for Kibana against our rules for such files, and its import against a stand-in for Kibana."""

import json
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import MappingProxyType
from typing import Any, NamedTuple, get_args

import pytest

from ceasewire.config.settings import ElasticsearchSettings, KibanaSettings, Settings
from cluster.dashboard import ndjson, objects
from cluster.kibana import KibanaStep
from indexers.templates import Kind, alias, fields
from tests.deploy.conftest import ROOT
from tests.deploy.kibana_rules import faults

PREFIX = "ceasewire"
FILE = ROOT / "deploy/kibana/ceasewire.ndjson"


def known() -> dict[str, dict[str, str]]:
    return {alias(PREFIX, kind): fields(kind) for kind in get_args(Kind)}


def test_kibana_can_take_the_file() -> None:
    assert not faults(ndjson(PREFIX), known())


def test_the_file_for_an_import_by_hand_is_the_same() -> None:
    assert FILE.read_text(encoding="utf-8") == ndjson(PREFIX), "write it: python -m cluster.dashboard > " + FILE.name


def test_another_prefix_gives_other_objects_over_other_indices() -> None:
    text = ndjson("other")
    assert '"ceasewire-' not in text
    other = {alias("other", kind): fields(kind) for kind in get_args(Kind)}
    assert not faults(text, other)


def test_all_that_is_promised_is_on_the_dashboard() -> None:
    made = objects(PREFIX)
    assert {one["id"] for one in made if one["type"] == "index-pattern"} == {
        f"{PREFIX}-{kind}" for kind in ("items", "stories", "alerts", "decisions", "deliveries", "feeds")
    }
    (board,) = [one["attributes"] for one in made if one["type"] == "dashboard"]
    titles = [panel["title"] for panel in json.loads(board["panelsJSON"])]
    assert titles[:4] == ["Items", "Alerts", "Live sources", "Delay"]
    controls = json.loads(board["controlGroupInput"]["panelsJSON"]).values()
    assert [one["explicitInput"]["fieldName"] for one in controls] == ["issues", "actors", "lang", "source.outlet"]


Change = Callable[[list[dict[str, Any]]], None]


def of(made: list[dict[str, Any]], kind: str, name: str = "") -> dict[str, Any]:
    return next(one for one in made if one["type"] == kind and one["id"].endswith(name))


def in_json(holder: dict[str, Any], key: str, change: Callable[[Any], object]) -> None:
    value = json.loads(holder[key])
    change(value)
    holder[key] = json.dumps(value)


def column(made: list[dict[str, Any]], name: str, id: str) -> dict[str, Any]:
    layers = of(made, "lens", name)["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]
    found: dict[str, Any] = layers["layer"]["columns"][id]
    return found


def shown(made: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found: dict[str, Any] = of(made, "lens", name)["attributes"]["state"]["visualization"]
    return found


def panels(made: list[dict[str, Any]], change: Callable[[list[dict[str, Any]]], object]) -> None:
    in_json(of(made, "dashboard")["attributes"], "panelsJSON", change)


WRONG: dict[str, tuple[Change, str]] = {
    "an object twice": (lambda made: made.append(made[0]), "one type and id"),
    "a lost panel": (lambda made: made.remove(of(made, "lens", "volume")), "which is not in the file"),
    "a newer stamp": (lambda made: of(made, "dashboard").update(typeMigrationVersion="10.3.0"), "stamped newer"),
    "no stamp": (lambda made: of(made, "lens").pop("typeMigrationVersion"), "stamped newer"),
    "a wrong index": (lambda made: of(made, "index-pattern")["attributes"].update(title="x"), "no index of ours"),
    "an unused view": (
        lambda made: made.append(of(made, "index-pattern") | {"id": "another"}),
        "nothing uses this data view",
    ),
    "a field that is not": (
        lambda made: column(made, "volume", "issue").update(sourceField="issue"),
        "there is no field issue",
    ),
    "a median of words": (
        lambda made: column(made, "delay-figure", "delay").update(sourceField="lang"),
        "median of lang, which is keyword",
    ),
    "terms of a text": (lambda made: column(made, "split", "source").update(sourceField="title"), "terms of title"),
    "a filter on nothing": (
        lambda made: column(made, "volume", "items").update(filter={"query": "langs: uk", "language": "kuery"}),
        "asks for langs",
    ),
    "a part that is not": (lambda made: column(made, "share", "now").update(references=["x"]), "made of columns"),
    "an accessor that is not": (
        lambda made: of(made, "lens", "items-figure")["attributes"]["state"]["visualization"].update(
            metricAccessor="x"
        ),
        "which is no column",
    ),
    "a column left out": (
        lambda made: of(made, "search", "latest")["attributes"]["columns"].append("source"),
        "there is no field source",
    ),
    "a panel on another": (lambda made: panels(made, lambda all: all[1]["gridData"].update(x=1)), "lies on"),
    "a panel beyond the edge": (lambda made: panels(made, lambda all: all[3]["gridData"].update(x=40)), "48 columns"),
    "a panel without its reference": (
        lambda made: panels(made, lambda all: all[0].update(panelRefName="panel_x")),
        "no reference",
    ),
    "a control on a text": (
        lambda made: in_json(
            of(made, "dashboard")["attributes"]["controlGroupInput"],
            "panelsJSON",
            lambda all: all["control-lang"]["explicitInput"].update(fieldName="title"),
        ),
        "is no keyword",
    ),
    "an attribute of later times": (
        lambda made: of(made, "dashboard")["attributes"].update(sections=[]),
        "unknown attributes",
    ),
    "pairs of another field": (
        lambda made: in_json(
            of(made, "visualization")["attributes"],
            "visState",
            lambda state: state["params"].update(spec=state["params"]["spec"].replace('"pairs"', '"text"')),
        ),
        "terms of text",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_rules_find_what_is_wrong(name: str) -> None:
    change, said = WRONG[name]
    made = json.loads(json.dumps(objects(PREFIX)))
    change(made)
    text = "\n".join(json.dumps(one) for one in made)
    assert any(said in fault for fault in faults(text, known())), faults(text, known())


class Answer(NamedTuple):
    status: int
    body: dict[str, Any]
    headers: Mapping[str, str] = MappingProxyType({})


class Kibana:
    """Stands in for Kibana: answers what it is told to and keeps what was asked."""

    def __init__(self) -> None:
        self.status = Answer(200, {"version": {"number": "9.4.3"}})
        self.imported = Answer(200, {"success": True, "successCount": 20})
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        kibana = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(kibana.status)

            def do_POST(self) -> None:
                self._answer(kibana.imported)

            def _answer(self, answer: Answer) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kibana.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(json.dumps(answer.body).encode())

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def kibana() -> Iterator[Kibana]:
    standing = Kibana()
    yield standing
    standing.stop()


def step(address: str | None, **login: str) -> KibanaStep:
    elasticsearch = ElasticsearchSettings.model_validate({"prefix": "tried", **login})
    return KibanaStep(Settings(kibana=KibanaSettings(url=address), elasticsearch=elasticsearch))


def test_the_import_sends_the_file_with_the_login(kibana: Kibana) -> None:
    done = step(kibana.address + "/", api_key="key-of-setup").run()
    assert done.refusals == ()
    assert done.lines == (
        f"Kibana: 20 objects imported; the dashboard is at {kibana.address}/app/dashboards#/view/tried-overview",
    )
    path, headers, body = kibana.asked[-1]
    assert path == "/api/saved_objects/_import?overwrite=true"
    assert headers["kbn-xsrf"]
    assert headers["authorization"] == "ApiKey key-of-setup"
    boundary = headers["content-type"].partition("boundary=")[2]
    part = body.split(f"--{boundary}".encode())[1]
    assert part.partition(b"\r\n\r\n")[2].decode().strip() == ndjson("tried").strip()


def test_people_are_told_the_address_that_is_theirs(kibana: Kibana) -> None:
    shown = KibanaSettings(url=kibana.address, public_url="https://kibana.newsroom.example/")
    (line,) = KibanaStep(Settings(kibana=shown)).run().lines
    assert line.endswith(" is at https://kibana.newsroom.example/app/dashboards#/view/ceasewire-overview")


def test_without_an_address_nothing_is_imported() -> None:
    done = step(None).run()
    assert done.refusals == ()
    assert "no kibana.url is set" in done.lines[0]


@pytest.mark.parametrize(
    ("status", "imported", "name"),
    [
        (Answer(200, {"version": {"number": "8.6.2"}}), None, "kibana_too_old"),
        (Answer(401, {}), None, "kibana_login"),
        (None, Answer(403, {}), "kibana_rights"),
        (Answer(503, {}), None, "kibana_starting"),
        (Answer(302, {}, {"Location": "http://192.0.2.1/"}), None, "kibana_address"),
        (None, Answer(400, {"message": "nothing fits"}), "kibana_refused"),
        (None, Answer(200, {"success": False}), "kibana_objects"),
    ],
)
def test_each_refusal_has_a_name(kibana: Kibana, status: Answer | None, imported: Answer | None, name: str) -> None:
    kibana.status, kibana.imported = status or kibana.status, imported or kibana.imported
    (said,) = step(kibana.address, username="elastic", password="password-of-elastic").run().refusals
    assert said.startswith(f"{name}: ")
    assert "password-of-elastic" not in said


def test_each_object_that_is_refused_is_named(kibana: Kibana) -> None:
    missing = {"type": "missing_references", "references": [{"type": "index-pattern", "id": "tried-items"}]}
    newer = {"type": "unknown", "message": "is from a newer version"}
    kibana.imported = Answer(
        200,
        {
            "success": False,
            "errors": [
                {"type": "lens", "id": "tried-volume", "error": missing},
                {"type": "dashboard", "id": "tried-overview", "error": newer},
            ],
        },
    )
    assert step(kibana.address).run().refusals == (
        "kibana_objects: lens tried-volume: missing_references, lacks index-pattern tried-items",
        "kibana_objects: dashboard tried-overview: unknown: is from a newer version",
    )


def test_nobody_there_is_said(kibana: Kibana) -> None:
    kibana.stop()
    (said,) = step(kibana.address).run().refusals
    assert said.startswith("kibana_unreachable: ")
