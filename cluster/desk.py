"""The desk as a process of its own, over Elasticsearch: what `ceasewire cluster desk` runs."""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import structlog

import desk
from cluster.actions import ClusterActions
from cluster.checking import FeedChecks
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


async def start(host: Host, port: int | None = None, sample: bool = False) -> None:
    """Starts the desk in the host. Raises CeasewireError."""
    settings = host.configuration.settings
    client = connect(settings.elasticsearch)
    host.held.push_async_callback(client.close)
    index = Index(client, settings.elasticsearch)
    search = ElasticSearch(index, _now)
    checks = FeedChecks(lambda: host.configuration, _now)
    host.held.push_async_callback(checks.close)
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
        actions=ClusterActions(index, lambda: host.configuration.settings.kafka, checks),
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

    # it tells of every try to connect; what is wrong is said on the page
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    return run("desk", part, environ, serves=False)


if __name__ == "__main__":
    sys.exit(run_desk(os.environ, sample=os.environ.get("CEASEWIRE_SAMPLE") == "1"))
