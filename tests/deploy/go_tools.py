"""Programs and schemas that checks of Kubernetes files need, from Go modules, kept outside the checkout."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.services.files import cache

PROGRAMS = {
    "kustomize": "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
}
KUBERNETES = "k8s.io/kubernetes@v1.34.1"
KEDA = "github.com/kedacore/keda/v2@v2.17.2"
COMPOSE = "github.com/compose-spec/compose-go/v2@v2.9.1"


class Absent(Exception):
    """A tool cannot be had here, with the reason."""


class Cluster(NamedTuple):
    """What checks manifests: the two programs and a folder of schemas."""

    kustomize: Path
    kubeconform: Path
    schemas: Path


def cluster_tools() -> Cluster:
    """Builds what is missing; raises Absent where there is no Go, or nothing to get it from."""
    kept = _kept("kubernetes-1.34.1-keda-2.17.2", _fill)
    return Cluster(kept / "kustomize", kept / "kubeconform", kept / "schemas")


def compose_schema() -> dict[str, Any]:
    """The schema of compose files; raises Absent."""
    kept = _kept("compose-2.9.1", lambda into: _copy(COMPOSE, "schema/compose-spec.json", into / "schema.json"))
    found: dict[str, Any] = json.loads((kept / "schema.json").read_text(encoding="utf-8"))
    return found


def _kept(name: str, fill: Callable[[Path], object]) -> Path:
    ours = sha256(Path(__file__).read_bytes()).hexdigest()[:12]
    folder = cache() / f"deploy-{name}-{ours}"
    if folder.exists():
        return folder
    go = shutil.which("go")
    if go is None:
        raise Absent("no Go; get it at go.dev, or Debian: apt-get install golang-go")
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    try:
        fresh.mkdir(parents=True)
        fill(fresh)
        fresh.rename(folder)
    except OSError as error:
        if not folder.exists():  # another run may have been faster
            raise Absent(f"{cache()} cannot be written: {error.strerror}") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def _fill(into: Path) -> None:
    for name, module in PROGRAMS.items():
        _go("install", module, GOBIN=str(into))
        assert (into / name).exists()
    schemas = into / "schemas"
    schemas.mkdir()
    definitions = json.loads((_module(KUBERNETES) / "api/openapi-spec/swagger.json").read_text())["definitions"]
    write_kubernetes(definitions, schemas)
    for file in sorted((_module(KEDA) / "config/crd/bases").glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            write_definition(document, schemas)


def _copy(module: str, path: str, to: Path) -> None:
    shutil.copyfile(_module(module) / path, to)


def _module(module: str) -> Path:
    return Path(json.loads(_go("mod", "download", "-json", module))["Dir"])


def _go(*words: str, **environ: str) -> str:
    done = subprocess.run(
        ["go", *words],
        capture_output=True,
        text=True,
        cwd="/",
        env=os.environ | {"GOFLAGS": "-mod=mod"} | environ,
        timeout=500,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no reason given"]
        raise Absent(f"go {words[0]} {words[-1]}: {lines[-1][:200]}")
    return done.stdout


def write_kubernetes(definitions: dict[str, Any], into: Path) -> None:
    """A schema for each kind of Kubernetes, strict: unknown fields are faults."""
    prefix = "#/definitions/"
    strict = {name: _strict(definition, prefix) for name, definition in definitions.items()}
    for name in list(strict):
        if name.endswith(".Quantity"):
            strict[name] = {"oneOf": [{"type": "string"}, {"type": "number"}]}
        elif name.endswith(".IntOrString"):
            strict[name] = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    (into / "_definitions.json").write_text(json.dumps({"definitions": strict}))
    for name, definition in definitions.items():
        for kind in definition.get("x-kubernetes-group-version-kind", ()):
            group = f"{kind['group'].split('.')[0]}-" if kind["group"] else ""
            file = into / f"{kind['kind'].lower()}-{group}{kind['version']}.json"
            file.write_text(json.dumps({"$ref": f"_definitions.json#/definitions/{name}"}))


def write_definition(document: dict[str, Any], into: Path) -> None:
    """A strict schema for each version of a custom resource."""
    spec = document["spec"]
    for version in spec["versions"]:
        schema = _strict(version["schema"]["openAPIV3Schema"], "")
        file = into / f"{spec['names']['kind'].lower()}-{spec['group'].split('.')[0]}-{version['name']}.json"
        file.write_text(json.dumps(schema))


def _strict(schema: Any, prefix: str) -> Any:
    if isinstance(schema, list):
        return [_strict(one, prefix) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "int-or-string" or schema.get("x-kubernetes-int-or-string") is True:
        return {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    found = {}
    for key, value in schema.items():
        if key == "properties":  # a field may itself be called properties, format or $ref
            found[key] = {name: _strict(field, prefix) for name, field in value.items()}
        else:
            found[key] = _strict(value, prefix)
    if prefix and isinstance(found.get("$ref"), str):
        found["$ref"] = found["$ref"].replace(prefix, f"_definitions.json{prefix}")
    if "properties" in found and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found
