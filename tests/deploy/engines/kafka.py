"""Starts Kafka as its own image does: KAFKA_ variables become settings, the folder of the log is made once.

It also does the work of kafka-broker-api-versions.sh, which the pinned files lack: another program of Kafka asks the
broker, with the heap that the real script would take.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

JARS = "/opt/kafka/libs/*"
WORK = Path("/opt/kafka/config")
NOT_SETTINGS = {"KAFKA_HEAP_OPTS", "KAFKA_OPTS", "KAFKA_VERSION", "KAFKA_JVM_PERFORMANCE_OPTS", "KAFKA_LOG4J_OPTS"}
COLLECTOR = ("-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-XX:InitiatingHeapOccupancyPercent=35")
CLUSTER = "5L6g3nShT-eMCtK--X86sw"
"""The id that the real image gives a cluster where the environment names none."""
ASK = "--ask"
"""What that script calls this one with, before its own arguments."""


def properties(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings that the environment gives: one underscore is a dot, two are an underscore, three a dash."""
    found = {}
    for name, value in sorted(environ.items()):
        if name.startswith("KAFKA_") and name not in NOT_SETTINGS:
            key = name.removeprefix("KAFKA_").lower()
            found[key.replace("___", "-").replace("__", "\0").replace("_", ".").replace("\0", "_")] = value
    return found


def java(environ: Mapping[str, str], usual: str, main: str, *arguments: str) -> list[str]:
    """The command of one of its programs; `usual` is the heap where KAFKA_HEAP_OPTS says nothing."""
    heap = environ.get("KAFKA_HEAP_OPTS", usual).split()
    log = "-Dlog4j2.configurationFile=/opt/kafka/log4j2.properties"
    return ["/opt/java/bin/java", *heap, *COLLECTOR, log, "-cp", JARS, main, *arguments]


def start(environ: Mapping[str, str]) -> list[str]:
    """Writes the settings, formats the folder where it is new, and gives the command of the broker."""
    settings = WORK / "server.properties"
    settings.write_text("".join(f"{key}={value}\n" for key, value in properties(environ).items()), encoding="utf-8")
    cluster = environ.get("CLUSTER_ID", CLUSTER)
    made = ("format", "--ignore-formatted", "-t", cluster, "-c", str(settings))
    subprocess.run(java(environ, "-Xmx256M", "kafka.tools.StorageTool", *made), check=True)
    return java(environ, "-Xmx1G", "kafka.Kafka", str(settings))


def main(arguments: Sequence[str]) -> None:
    """Becomes the broker, or what asks it."""
    if arguments[:1] == [ASK]:
        asked = (*arguments[1:], "--describe", "--entity-type", "brokers")
        command = java(os.environ, "-Xmx256M", "kafka.admin.ConfigCommand", *asked)
    else:
        command = start(os.environ)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])
