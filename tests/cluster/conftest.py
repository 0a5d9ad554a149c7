"""What all tests beside a broker share: kafka-python leaves the sockets of failed connections to the garbage collector.

They are collected at the end of the test that left them, not in one of another module.
"""

import gc
import logging
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
IGNORED = (
    "ignore:unclosed <socket:ResourceWarning",
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            for filter in IGNORED:
                item.add_marker(pytest.mark.filterwarnings(filter))


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """The lines that the library logs hold its sockets, so they are left out, as our processes do."""
    log = logging.getLogger("kafka")
    log.setLevel(logging.CRITICAL)
    yield
    log.setLevel(logging.NOTSET)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
