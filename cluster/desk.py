"""The desk as a process of its own, over Elasticsearch: what `ceasewire cluster desk` runs."""

import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

import desk
from ceasewire.errors import CeasewireError
from ceasewire.polling import FeedState
from cluster.search.alerts import ElasticAlerts
from cluster.search.client import Index, connect
from cluster.search.feeds import IndexChanges, feed_states
from cluster.search.items import ElasticItems
from cluster.search.pairs import ElasticPairs
from cluster.search.searching import ElasticSearch
from cluster.search.stories import ElasticStories
from process.feed_views import ConfiguredFeeds
from process.hosting import Host, run
from process.listening import address_of, open_port, serve


def _now() -> datetime:
    return datetime.now(UTC)


class ClusterActions:
    """Implements `ports.Actions`: refuses, and says who does these things in the cluster."""

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        """Refuses: the producer that has the feed polls it."""
        raise CeasewireError("feeds are polled by the producers; their state here is as of their last poll")

    async def retry_delivery(self, delivery: str) -> bool:
        """Refuses: the notifier that has the channel tries again."""
        raise CeasewireError("deliveries are tried again by the notifiers, for 72 hours")

    async def play_sample_day(self) -> str:
        """Refuses: the sample day is a profile of its own."""
        raise CeasewireError("the sample day of the cluster is started by: make cluster-demo")


async def start(host: Host, port: int | None = None, sample: bool = False) -> None:
    """Starts the desk in the host. Raises CeasewireError."""
    settings = host.configuration.settings
    client = connect(settings.elasticsearch)
    host.held.push_async_callback(client.close)
    index = Index(client, settings.elasticsearch)
    search = ElasticSearch(index, _now)
    ports = desk.Ports(
        search=search,
        items=ElasticItems(index, lambda: [rule.id for rule in host.configuration.rules if rule.enabled]),
        stories=ElasticStories(index),
        pairs=ElasticPairs(index, search.query),
        alerts=ElasticAlerts(index),
        feeds=ConfiguredFeeds(
            lambda: host.configuration.feeds,
            lambda: feed_states(index),
            _now,
            lambda: host.configuration.secrets,
        ),
        changes=IndexChanges(index),
        actions=ClusterActions(),
    )
    listening = open_port(settings.desk.host, settings.desk.port if port is None else port)
    host.held.callback(listening.close)
    site = desk.build(
        ports,
        settings.desk,
        lambda: host.configuration.engine.names,
        sample=sample,
        metrics=host.metrics,
        health=desk.Health,
        now=_now,
    )
    host.tasks.start("desk", serve(site, listening, host.tasks.stop))
    structlog.get_logger().info("desk", address=address_of(listening))


def run_desk(environ: Mapping[str, str], port: int | None = None, sample: bool = False) -> int:
    """Runs the desk until it is told to end; gives the exit code."""

    async def part(host: Host) -> None:
        await start(host, port, sample)

    return run("desk", part, environ, serves=False)


if __name__ == "__main__":
    sys.exit(run_desk(os.environ, sample=os.environ.get("CEASEWIRE_SAMPLE") == "1"))
