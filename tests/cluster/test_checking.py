"""Checks of feeds where Kafka or a secret is not there."""

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from ceasewire.config.feeds import Feed
from ceasewire.config.settings import KafkaSettings, PollingSettings, Settings
from ceasewire.errors import Refused, StoreError
from cluster.checking import FeedChecks
from tests.cluster.outboxes import utc_now
from tests.fakes.feed_server import serving

HERE = ("127.0.0.0/8",)
AWAY = KafkaSettings(bootstrap=("127.0.0.1:9",))


def checks(settings: Settings, *feeds: Feed) -> FeedChecks:
    configuration: Any = SimpleNamespace(settings=settings, feeds=feeds, engine=None)
    return FeedChecks(lambda: configuration, utc_now, opened_within=5.0)


async def test_without_a_broker_nothing_is_asked_and_it_is_said_why() -> None:
    async with serving() as server:
        feed = Feed(id="wire", url=server.feed("/feed", "Talks"), outlet="Wire", allow_private=HERE)
        made = checks(Settings(kafka=AWAY), feed)
        try:
            for _ in range(2):  # and it is tried anew each time
                with pytest.raises(StoreError, match=r"no feed can be checked now: .*127\.0\.0\.1:9 does not answer"):
                    await made.check("wire", True)
        finally:
            await made.close()
        assert server.asked == []


@pytest.mark.parametrize(
    ("feed", "polling"),
    [
        ({"url": "https://wire.example/${WIRE_KEY}"}, {}),
        ({"headers": {"X-Key": "k ${WIRE_KEY}"}}, {}),
        ({"proxy": "http://${WIRE_KEY}@proxy.example:8080"}, {}),
        ({}, {"proxy": SecretStr("http://${WIRE_KEY}@proxy.example:8080")}),
    ],
)
async def test_a_request_that_needs_a_secret_which_is_not_set_is_not_made(
    feed: dict[str, Any], polling: dict[str, Any]
) -> None:
    settings = Settings(kafka=AWAY, polling=PollingSettings().model_copy(update=polling))
    made = checks(settings, Feed.model_validate({"id": "wire", "url": "https://wire.example/", "outlet": "W", **feed}))
    with pytest.raises(Refused, match=r"^wire needs WIRE_KEY, which is not set where the desk runs$"):
        await made.check("wire", True)
    await made.close()
