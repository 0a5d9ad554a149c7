"""The topics of the cluster, and the first edition, as a step of the setup."""

from collections.abc import Iterator, Mapping

from ceasewire import topics
from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.topics import Topic
from cluster.broker import Broker, Found, Outgoing
from cluster.editions import newest_edition
from cluster.setup import Outcome

_ROOM = ("retention.ms", "max.message.bytes")
"""Options whose larger value only makes room; a smaller one might take away what is kept."""
_FIXED = {"cleanup.policy": "cleaned", "message.timestamp.type": "stamped"}


class Topics:
    """Makes missing topics. One that has other partitions, cleaning or stamps than it must have is refused by name."""

    name = "topics"

    def __init__(self, settings: KafkaSettings, made_of: str) -> None:
        """`made_of` is the hash that the first edition stands for."""
        self._settings = settings
        self._made_of = made_of

    def run(self) -> Outcome:
        """Raises StoreError where the brokers do not answer."""
        lines: list[str] = []
        refusals: list[str] = []
        with Broker(self._settings) as broker:
            wanted = topics.topics(self._settings)
            found = broker.topics([topic.name for topic in wanted])
            copies, there_are = self._settings.replication, broker.brokers()
            if copies > there_are and len(found) < len(wanted):
                brokers = "is 1 broker" if there_are == 1 else f"are {there_are} brokers"
                words = f"kafka.replication is {copies}, but there {brokers}; no topic was made"
                return Outcome(refusals=(words,))
            for topic in wanted:
                full = self._settings.prefix + topic.name
                if topic.name not in found:
                    broker.create(topic.name, topic.partitions, copies, topic.options(copies))
                    lines.append(f"{full}: made, {_partitions(topic.partitions)}, cleaned by {topic.cleanup}")
                    continue
                differing = list(differences(topic, found[topic.name]))
                refusals += [f"{full}: {words}" for words in differing]
                if not differing:
                    lines += [f"{full}: {words}" for words in self._fit(broker, topic, found[topic.name])]
            if not refusals:
                lines += self._first_edition(broker)
        return Outcome(tuple(lines), tuple(refusals))

    def _fit(self, broker: Broker, topic: Topic, found: Found) -> Iterator[str]:
        """Changes what only makes room, and tells of what else differs."""
        if found.replication != self._settings.replication:
            yield (
                f"has {found.replication} copies, kafka.replication is {self._settings.replication}: "
                "that changes only by kafka-reassign-partitions"
            )
        options = topic.options(found.replication)
        larger, smaller = compared(options, found.options)
        changes = dict(larger)
        if found.options.get("min.insync.replicas") != options["min.insync.replicas"]:
            changes["min.insync.replicas"] = options["min.insync.replicas"]
        if changes:
            broker.change(topic.name, changes)
        for name, value in changes.items():
            yield f"{name} changed from {found.options.get(name)} to {value}"
        for name, value in smaller.items():
            yield f"{name} is {found.options.get(name)} and stays so; the settings ask for less ({value})"

    def _first_edition(self, broker: Broker) -> Iterator[str]:
        edition = newest_edition(broker)
        if edition is None:
            broker.write([Outgoing(topics.EDITIONS, KEY, encode(Edition(number=1, made_of=self._made_of)))])
            yield "edition 1 of packs and rules"
        elif edition.made_of != self._made_of:
            yield (
                f"packs, rules or program are not those of edition {edition.number}: "
                "ceasewire cluster retag tags again what is stored"
            )


def differences(topic: Topic, found: Found) -> Iterator[str]:
    """What of a topic on the brokers cannot be put right without hurt, in words."""
    if found.partitions != topic.partitions:
        yield (
            f"has {_partitions(found.partitions)}, wanted are {topic.partitions}; "
            "with another number keys would move to other partitions"
        )
    for name, verb in _FIXED.items():
        there, wanted = found.options.get(name, ""), topic.options(1)[name]
        if set(there.split(",")) != set(wanted.split(",")):
            yield f"is {verb} by {name} {there or 'nothing'}, {wanted} is wanted"


def compared(wanted: Mapping[str, str], found: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The options that want more room than there is, and those that want less."""
    larger: dict[str, str] = {}
    smaller: dict[str, str] = {}
    for name in _ROOM:
        if name in wanted and found.get(name) != wanted[name]:
            there = int(found.get(name) or 0)
            unlimited = name == "retention.ms" and there == -1
            (smaller if unlimited or there > int(wanted[name]) else larger)[name] = wanted[name]
    return larger, smaller


def _partitions(count: int) -> str:
    return "1 partition" if count == 1 else f"{count} partitions"
