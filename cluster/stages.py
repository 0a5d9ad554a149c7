"""The stages that read topics as a group, and what each reads."""

from collections.abc import Mapping

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from cluster.broker import Place
from indexers.documents import TOPICS as INDEXED

STAGES: Mapping[str, tuple[str, ...]] = {
    "tag": (topics.ITEMS,),
    "gather": (topics.RELEVANT,),
    "notify": (topics.DISPATCH,),
    "index": INDEXED,
}
"""Each stage, which is also the end of its group's name, with its topics; in the order in which an item meets them."""


def places(settings: KafkaSettings, names: tuple[str, ...]) -> tuple[Place, ...]:
    """All partitions of the topics, as they are to be."""
    return tuple(
        Place(topic.name, partition)
        for topic in topics.topics(settings)
        if topic.name in names
        for partition in range(topic.partitions)
    )
