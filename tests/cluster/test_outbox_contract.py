"""The contracts of outbox and backlog, kept by the topic on a real broker."""

from collections.abc import AsyncIterator

import pytest

from streams.outbox_topic import TopicOutbox
from tests.cluster.brokers import make_topics, settings_for
from tests.cluster.outboxes import outbox_of
from tests.contract.test_backlog import *  # noqa: F403
from tests.contract.test_outbox import *  # noqa: F403

pytestmark = [
    # kafka-python leaves the sockets of failed connections to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
]


@pytest.fixture
async def outbox(kafka: str, prefix: str) -> AsyncIterator[TopicOutbox]:
    settings = settings_for(kafka, prefix)
    make_topics(settings)
    async with outbox_of(settings) as made:
        yield made


@pytest.fixture
def whole(outbox: TopicOutbox) -> TopicOutbox:
    return outbox
