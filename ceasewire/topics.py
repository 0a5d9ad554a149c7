"""The topics of the cluster edition: what each is called, how it is cut, and what is kept of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

import msgspec

from ceasewire.config.settings import KafkaSettings

Cleanup = Literal["compact", "delete", "compact,delete"]
_MEGABYTE = 1_048_576


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """One topic as it must be on the broker."""

    name: str
    """Without the prefix of the settings."""
    partitions: int
    cleanup: Cleanup
    keep: timedelta | None
    """How long its contents are kept; None: as long as nothing newer has their key."""
    append_time: bool = False
    """Whether the broker stamps what it appends; else the time of the producer stands."""
    largest: int = _MEGABYTE
    """Bytes that one value may have, after compression."""

    def options(self, replication: int) -> Mapping[str, str]:
        """The topic's configuration, as Kafka spells it."""
        wanted = {
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": "LogAppendTime" if self.append_time else "CreateTime",
            "max.message.bytes": str(self.largest),
            "min.insync.replicas": str(2 if replication >= 3 else 1),
        }
        if self.cleanup != "delete":
            # a log is compacted segment by segment, and readers of it begin at its start: not after a whole gigabyte
            wanted["segment.bytes"] = str(64 * _MEGABYTE)
        if self.keep is not None:
            wanted["retention.ms"] = str(int(self.keep.total_seconds() * 1000))
        return wanted


ITEMS, TAGGED, RELEVANT = "items", "tagged", "relevant"
STORIES, ALERTS, DISPATCH, DELIVERIES = "stories", "alerts", "dispatch", "deliveries"
FEEDS, DEAD, EDITIONS = "feeds", "dead", "editions"


def topics(settings: KafkaSettings) -> tuple[Topic, ...]:
    """All topics, in the order in which an item meets them."""
    days = timedelta(days=1)
    return (
        Topic(name=EDITIONS, partitions=1, cleanup="compact", keep=None),
        Topic(name=FEEDS, partitions=1, cleanup="compact", keep=None, largest=16 * _MEGABYTE),
        Topic(
            name=ITEMS,
            partitions=settings.partitions,
            cleanup="compact,delete",
            keep=settings.keep_items,
            largest=4 * _MEGABYTE,
        ),
        Topic(name=TAGGED, partitions=settings.partitions, cleanup="delete", keep=7 * days, largest=4 * _MEGABYTE),
        Topic(name=RELEVANT, partitions=1, cleanup="delete", keep=14 * days, append_time=True, largest=4 * _MEGABYTE),
        Topic(name=STORIES, partitions=3, cleanup="compact,delete", keep=90 * days, largest=4 * _MEGABYTE),
        Topic(name=ALERTS, partitions=3, cleanup="compact,delete", keep=90 * days, largest=4 * _MEGABYTE),
        Topic(name=DISPATCH, partitions=3, cleanup="delete", keep=7 * days, largest=8 * _MEGABYTE),
        Topic(name=DELIVERIES, partitions=3, cleanup="compact,delete", keep=90 * days, largest=4 * _MEGABYTE),
        Topic(name=DEAD, partitions=1, cleanup="delete", keep=30 * days, largest=16 * _MEGABYTE),
    )
