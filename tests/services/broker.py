"""A Kafka broker: one node that is its own controller."""

import os
import socket
import struct
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.services.files import kafka_jars
from tests.services.java import find_java
from tests.services.service import HOST, NotStarted, Service, free_ports

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "num.partitions": "1",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "4000",  # a broker that comes back after a kill is let in when its old session is over
}
LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""
METADATA, VERSION = 3, 1


class Broker(Service):
    """A broker on its own ports; with more protocols than PLAINTEXT it listens for each on a port of its own.

    `settings` go over those of server.properties. It has to keep PLAINTEXT, which is how it is asked whether it works.
    A `brief` one starts sooner and never becomes as fast: not for measuring.
    """

    name = "kafka"

    def __init__(
        self,
        folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
        protocols: tuple[str, ...] = ("PLAINTEXT",),
        heap: str = "512m",
        brief: bool = True,
    ) -> None:
        self._java = find_java(17)
        self._jars = kafka_jars()
        super().__init__(folder)
        self.ports = dict(zip((*protocols, "CONTROLLER"), free_ports(len(protocols) + 1), strict=True))
        self._settings = dict(settings or {})
        self._heap = heap
        self._compiler = ["-XX:TieredStopAtLevel=1"] if brief else []

    @property
    def address(self) -> str:
        """host:port to begin with, in plain text."""
        return self.address_for("PLAINTEXT")

    def address_for(self, protocol: str) -> str:
        """host:port to begin with, for one of its protocols."""
        return f"{HOST}:{self.ports[protocol]}"

    def answers(self) -> bool:
        """Whether a request for metadata names a broker."""
        return answers(self.address)

    def _launch(self) -> None:
        properties, logging = self.folder / "server.properties", self.folder / "log4j2.properties"
        if not properties.exists():
            listeners = [f"{protocol}://{HOST}:{port}" for protocol, port in self.ports.items()]
            settings = SETTINGS | {
                "controller.quorum.voters": f"1@{HOST}:{self.ports['CONTROLLER']}",
                "listeners": ",".join(listeners),
                "advertised.listeners": ",".join(listeners[:-1]),
                "listener.security.protocol.map": ",".join(
                    f"{name}:{'PLAINTEXT' if name == 'CONTROLLER' else name}" for name in self.ports
                ),
                "log.dirs": str(self.folder / "log"),
            }
            lines = [f"{key}={value}\n" for key, value in (settings | self._settings).items()]
            properties.write_text("".join(lines), encoding="utf-8")
            logging.write_text(LOGGING, encoding="utf-8")
            said = subprocess.run(
                self._command(
                    "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAQACAAAAAAAAAAQ", "-c", str(properties)
                ),
                capture_output=True,
                text=True,
                check=False,
                env=self._environ(),
                timeout=120,
            )
            if said.returncode:
                properties.unlink()
                raise NotStarted(f"kafka did not format its folder: {said.stdout}{said.stderr}")
        self._run(self._command("kafka.Kafka", str(properties)), self._environ(), self.folder)

    def _command(self, main: str, *arguments: str) -> list[str]:
        lean = ["-XX:+UseSerialGC", *self._compiler, "-Dfile.encoding=UTF-8"]
        log = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}"
        return [self._java.command, f"-Xmx{self._heap}", *lean, log, "-cp", f"{self._jars}/*", main, *arguments]

    def _environ(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.folder)}


def answers(address: str) -> bool:
    """Whether a broker in plain text at host:port answers a request for metadata with at least one broker."""
    host, _, port = address.rpartition(":")
    client = b"tests"
    request = struct.pack(f">hhih{len(client)}si", METADATA, VERSION, 1, len(client), client, 0)
    try:
        with socket.create_connection((host, int(port)), 2) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                head = answer.read(12)
    except OSError:
        return False
    return len(head) == 12 and struct.unpack(">iii", head)[1:] > (1, 0)
