"""An Elasticsearch node, alone in its cluster."""

import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.services.files import elasticsearch_home
from tests.services.java import Missing, find_java
from tests.services.service import HOST, Service, free_ports

NOBODY = 65534
LAUNCHER = "org.elasticsearch.server.launcher.ServerLauncher"
SETTINGS = {
    "cluster.name": "test",
    "node.name": "test",
    "discovery.type": "single-node",
    "network.host": HOST,
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "xpack.security.enabled": "false",
}


class Node(Service):
    """A node on its own ports; `settings` go over those of elasticsearch.yml, where an unknown one is fatal.

    A `brief` one starts in three quarters of the time and never becomes as fast: not for measuring.
    """

    name = "elasticsearch"

    def __init__(
        self,
        folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
        heap: str = "512m",
        *,
        brief: bool = False,
    ) -> None:
        self._user = NOBODY if os.geteuid() == 0 else None  # it refuses to run as root
        self._java = find_java(21, full=True, user=self._user)
        self._home = elasticsearch_home()
        if self._user is not None:
            _reachable(self._home)
        super().__init__(folder)
        self._http, self._transport = free_ports(2)
        self._settings = dict(settings or {})
        self._options = f"-Xms{heap} -Xmx{heap}" + (" -XX:TieredStopAtLevel=1" if brief else "")

    @property
    def address(self) -> str:
        """Where its API is."""
        return f"http://{HOST}:{self._http}"

    def answers(self) -> bool:
        """Whether every index can be searched; with security on, whether it asks who we are."""
        return answers(self.address)

    def _launch(self) -> None:
        conf, tmp = self.folder / "conf", self.folder / "tmp"
        for made in (conf, tmp):
            made.mkdir(exist_ok=True)
        for name in ("jvm.options", "log4j2.properties"):
            shutil.copy(self._home / "config" / name, conf / name)
        places = {
            "http.port": str(self._http),
            "transport.port": str(self._transport),
            "path.data": str(self.folder / "data"),
            "path.logs": str(self.folder / "logs"),
        }
        lines = [f"{key}: {json.dumps(value)}\n" for key, value in (SETTINGS | places | self._settings).items()]
        (conf / "elasticsearch.yml").write_text("".join(lines), encoding="utf-8")
        if self._user is not None:
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, self._user, self._user)
        environ = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "JAVA": self._java.command,
            "ES_HOME": str(self._home),
            "ES_PATH_CONF": str(conf),
            "ES_DISTRIBUTION_TYPE": "tar",
            "JAVA_TYPE": "ES_JAVA_HOME",
            "ES_TMPDIR": str(tmp),
            "LIBFFI_TMPDIR": str(tmp),
            "ES_JAVA_OPTS": self._options,
        }
        lean = ["-Xmx64m", "-XX:+UseSerialGC"]
        command = [self._java.command, *lean, "-cp", "lib/tools/server-launcher/*", LAUNCHER]
        self._run(command, environ, self._home, self._user)


def answers(address: str) -> bool:
    """Whether the node at an address has all its primary shards, or asks who we are."""
    return status(f"{address}/_cluster/health?wait_for_status=yellow&timeout=1s") in {200, 401}


def status(address: str, method: str = "GET") -> int | None:
    """The status that an address answers with, or None where nobody does; no proxy is asked."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(address, method=method), timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    except OSError:
        return None


def _reachable(home: Path) -> None:
    for folder in (home, *home.parents):
        if not folder.stat().st_mode & 0o001:
            raise Missing(f"user {NOBODY}, who runs it, may not enter {folder}: set CEASEWIRE_TEST_CACHE elsewhere")
