"""The outbox over the topic, for the suites that all outboxes pass. It needs the extra `cluster`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Any

import pytest

TOPIC = pytest.param(
    "topic",
    marks=[
        pytest.mark.kafka,
        # kafka-python leaves the sockets of failed connections to the garbage collector
        pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    ],
)


@asynccontextmanager
async def over_topic(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """An outbox on topics of its own that holds all partitions."""
    bootstrap, prefix = request.getfixturevalue("kafka"), request.getfixturevalue("prefix")
    brokers, outboxes = import_module("tests.cluster.brokers"), import_module("tests.cluster.outboxes")
    settings = brokers.settings_for(bootstrap, prefix)
    brokers.make_topics(settings)
    async with outboxes.outbox_of(settings) as made:
        yield made
