"""Fixtures of the services, and what is said where one could not run.

A test that asks for `kafka`, `elasticsearch`, `own_broker` or `own_node` bears the marker of that service. The shared
services start once, before the first test, and stop after the last, also where tests run side by side (pytest-xdist).
"""

import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.services.broker import Broker
from tests.services.cleaning import clean_elasticsearch, clean_kafka
from tests.services.files import Changed
from tests.services.java import Missing
from tests.services.node import Node
from tests.services.service import NotStarted, Service
from tests.services.shared import OWN, Shared, outcome
from tests.services.sources import NAMES, Name

Own = TypeVar("Own", bound=Service)
SHARED = pytest.StashKey[Shared]()
FOLDER = pytest.StashKey["tempfile.TemporaryDirectory[str]"]()
TOLD = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    given = getattr(config, "workerinput", {}).get("services")
    config.stash[SHARED] = Shared(Path(given) if given else None)
    config.stash[TOLD] = []
    # kafka-python reads its schemas with calls that Python 3.11 and 3.12 call deprecated, and 3.13 does not.
    config.addinivalue_line("filterwarnings", "ignore:(read|open)_text is deprecated:DeprecationWarning")
    # It also leaves the sockets of failed connections to the garbage collector, which comes in a test of others.
    config.addinivalue_line("filterwarnings", "ignore:unclosed <socket.socket:ResourceWarning")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for name in NAMES:
            if {name, OWN[name]} & set(getattr(item, "fixturenames", ())):
                item.add_marker(name)


def pytest_collection_finish(session: pytest.Session) -> None:
    if session.config.option.collectonly:
        return
    used = {fixture for item in getattr(session, "items", ()) for fixture in _needs(item)}
    for name in NAMES:
        session.config.stash[SHARED].prepare(name, used)


def _needs(item: pytest.Item) -> set[str]:
    """The fixtures that a test asks for; one that only bears a marker asks for the shared service as it runs."""
    asked = set(getattr(item, "fixturenames", ()))
    return asked | {name for name in NAMES if item.get_closest_marker(name) and OWN[name] not in asked}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Each worker that pytest-xdist starts is told of the folder that they share."""
    if FOLDER not in node.config.stash:
        node.config.stash[FOLDER] = tempfile.TemporaryDirectory(prefix="ceasewire-services-")
    node.workerinput["services"] = node.config.stash[FOLDER].name


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What a worker tells at its end is told once."""
    told = node.config.stash[TOLD]
    told += [line for line in getattr(node, "workeroutput", {}).get("services", ()) if line not in told]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    shared = session.config.stash[SHARED]
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["services"] = shared.told()
    shared.stop()


def pytest_unconfigure(config: pytest.Config) -> None:
    if FOLDER in config.stash:
        config.stash[FOLDER].cleanup()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in (*config.stash[SHARED].told(), *config.stash[TOLD]):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """host:port of the shared broker."""
    return pytestconfig.stash[SHARED].address("kafka")


@pytest.fixture(scope="session")
def elasticsearch(pytestconfig: pytest.Config) -> str:
    """URL of the shared node."""
    return pytestconfig.stash[SHARED].address("elasticsearch")


@pytest.fixture
def own_broker(pytestconfig: pytest.Config) -> Iterator[Callable[..., Broker]]:
    """Starts a broker of the test's own, to be killed; takes what Broker takes."""
    with _starting(pytestconfig.stash[SHARED], "kafka", Broker) as start:
        yield start


@pytest.fixture
def own_node(pytestconfig: pytest.Config) -> Iterator[Callable[..., Node]]:
    """Starts a node of the test's own, to be killed; takes what Node takes."""
    with _starting(pytestconfig.stash[SHARED], "elasticsearch", partial(Node, brief=True)) as start:
        yield start


@contextmanager
def _starting(shared: Shared, name: Name, make: Callable[..., Own]) -> Iterator[Callable[..., Own]]:
    before = shared.found.get(name)
    with ExitStack() as started:

        def start(**options: Any) -> Own:
            try:
                if isinstance(before, Missing | Changed):
                    raise before
                service = make(**options)
                started.callback(service.stop)
                service.start()
            except (Missing, Changed, NotStarted) as error:
                raise outcome(name, error) from None
            return service

        yield start


@pytest.fixture
def prefix(request: pytest.FixtureRequest) -> Iterator[str]:
    """A first part for the names of topics, groups, indices and templates; what bears it is deleted afterwards."""
    name = f"t{secrets.token_hex(5)}-"
    yield name
    if "kafka" in request.fixturenames:
        clean_kafka(request.getfixturevalue("kafka"), name)
    if "elasticsearch" in request.fixturenames:
        clean_elasticsearch(request.getfixturevalue("elasticsearch"), name)
