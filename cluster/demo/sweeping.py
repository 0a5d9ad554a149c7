"""Removes what an earlier play of the same name left in broker and node."""

from ceasewire import topics
from ceasewire.config.settings import Settings
from cluster.broker import Broker
from indexers.elastic import Elastic


def sweep(settings: Settings) -> None:
    """Deletes the topics and indices of these prefixes; templates stay, for the next play. Raises StoreError."""
    with Broker(settings.kafka) as broker:
        broker.delete([topic.name for topic in topics.topics(settings.kafka)])
    elastic = Elastic(settings.elasticsearch)
    try:
        for index in elastic.indices(f"{settings.elasticsearch.prefix}-*"):
            elastic.delete_index(index)
    finally:
        elastic.close()
