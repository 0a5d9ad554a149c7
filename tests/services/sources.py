"""Where a service comes from: an address in the environment, else the pinned files; and whether it may be missing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tests.services import broker, node
from tests.services.broker import Broker
from tests.services.files import LOCK, cache
from tests.services.service import NotStarted, Service

Name = Literal["kafka", "elasticsearch"]
NAMES: tuple[Name, ...] = ("kafka", "elasticsearch")
VARIABLES: Mapping[Name, tuple[str, str]] = {
    "kafka": ("TEST_KAFKA_BOOTSTRAP", "CEASEWIRE_KAFKA__BOOTSTRAP"),
    "elasticsearch": ("TEST_ELASTICSEARCH_URL", "CEASEWIRE_ELASTICSEARCH__URL"),
}


@dataclass(frozen=True)
class Source:
    """A service that answers: its address, where it came from, and what to stop when all is done."""

    address: str
    told: str
    service: Service | None = None

    def stop(self) -> None:
        """Stop it, where it was started for this."""
        if self.service is not None:
            self.service.stop()


def not_run(name: str, why: str) -> str:
    """What is said of a service that this machine cannot run; the closing summary of the tests reads it."""
    return f"NOT RUN {name} ({why})"


def given(name: Name) -> str | None:
    """The address of a service that the environment names."""
    return os.environ.get(VARIABLES[name][0]) or None


def fetch(name: Name) -> str:
    """Get the files of a service, and say what they are; raises Missing or Changed."""
    made_of(name).stop()
    return f"{name} {LOCK[name]['version']}, as pinned, in {cache()}"


def made_of(name: Name, *, brief: bool = False) -> Service:
    """A service of the pinned files, not yet started; raises Missing or Changed."""
    return Broker(brief=brief) if name == "kafka" else node.Node(brief=brief)


def begin(name: Name, *, brief: bool = False) -> Source:
    """The service, answering; raises Missing, Changed or NotStarted."""
    address = given(name)
    if address:
        answers = broker.answers if name == "kafka" else node.answers
        if not answers(address.rstrip("/").split(",")[0]):
            raise NotStarted(f"{name} does not answer at {address}, which {VARIABLES[name][0]} names")
        return Source(address, f"{name} at {address}, as {VARIABLES[name][0]} says")
    service = made_of(name, brief=brief)
    try:
        service.start()
    except BaseException:
        service.stop()
        raise
    return Source(service.address, f"{name} {LOCK[name]['version']} of the pinned files at {service.address}", service)
