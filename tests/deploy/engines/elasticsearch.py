"""Starts Elasticsearch as its own image does: variables with a dot are settings, the first password is kept once."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

HOME = Path("/usr/share/elasticsearch")
SETTING = re.compile(r"[a-z0-9_]+\.[a-z0-9_.]+")
IMAGE = {"cluster.name": "docker-cluster", "network.host": "0.0.0.0"}
"""What the elasticsearch.yml of the real image has."""
JAVA = "/opt/java/bin/java"
LAUNCHER = "org.elasticsearch.server.launcher.ServerLauncher"


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What the image has and the environment gives."""
    return IMAGE | {name: value for name, value in environ.items() if SETTING.fullmatch(name) and value}


def own(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of its programs."""
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(HOME),
        "JAVA": JAVA,
        "ES_HOME": str(HOME),
        "ES_PATH_CONF": str(HOME / "config"),
        "ES_DISTRIBUTION_TYPE": "tar",
        "JAVA_TYPE": "ES_JAVA_HOME",
        "ES_JAVA_HOME": "/opt/java",
        "ES_TMPDIR": "/tmp",
        "LIBFFI_TMPDIR": "/tmp",
        "ES_JAVA_OPTS": environ.get("ES_JAVA_OPTS", ""),
    }


def keep_password(environ: Mapping[str, str]) -> None:
    """Puts the first password of `elastic` into the keystore, by its standard input."""
    if not environ.get("ELASTIC_PASSWORD") or (HOME / "config/elasticsearch.keystore").exists():
        return
    tool = ["/bin/bash", str(HOME / "bin/elasticsearch-cli")]
    named = own(environ) | {"CLI_NAME": "keystore", "CLI_LIBS": "lib/tools/keystore-cli"}
    subprocess.run([*tool, "create"], env=named, check=True)
    first = [*tool, "add", "-x", "bootstrap.password"]
    subprocess.run(first, env=named, input=environ["ELASTIC_PASSWORD"] + "\n", text=True, check=True)


def main() -> None:
    """Becomes the node."""
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in settings(os.environ).items()]
    (HOME / "config/elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
    keep_password(os.environ)
    os.chdir(HOME)
    words = [JAVA, "-Xmx64m", "-XX:+UseSerialGC", "-cp", "lib/tools/server-launcher/*", LAUNCHER]
    os.execve(JAVA, words, own(os.environ))


if __name__ == "__main__":
    main()
