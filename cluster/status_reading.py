"""Asks brokers and index how the cluster is. What cannot be asked is a finding, not an end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import CeasewireError, StoreError
from cluster.broker import Broker, Place
from cluster.dead_letters import Dead, open_letters
from cluster.editions import newest_edition
from cluster.search.counting import Counted
from cluster.stages import STAGES, places
from cluster.status import DeadLine, FeedLine, Finding, Partition, Stage, Status

Counts = Callable[[], Counted]
"""What the index has; raises CeasewireError in words."""


class _Head(msgspec.Struct, frozen=True):
    """The part of a feed's state that is shown; its long memory is not read."""

    health: str = "new"
    reason: str = ""
    last_poll: datetime | None = None
    next_poll: datetime | None = None


_head = msgspec.json.Decoder(_Head)


def read_status(settings: KafkaSettings, feeds: Sequence[str], now: datetime, counts: Counts | None = None) -> Status:
    """The status at `now`. `feeds` are the configured ones that are enabled; `counts` asks the index."""
    status = Status(at=now, brokers=", ".join(settings.bootstrap))
    try:
        with Broker(settings) as broker:
            status = _of_broker(broker, settings, feeds, status)
    except StoreError as error:
        status = msgspec.structs.replace(status, faults=(Finding("broker_away", str(error)),))
    if counts is not None:
        try:
            found = counts()
            status = msgspec.structs.replace(
                status, index={str(kind): number for kind, number in found.documents.items()}, unfilled=found.unfilled
            )
        except CeasewireError as error:
            status = msgspec.structs.replace(status, faults=(*status.faults, Finding("index_away", str(error))))
    return status


def _of_broker(broker: Broker, settings: KafkaSettings, feeds: Sequence[str], status: Status) -> Status:
    wanted = topics.topics(settings)
    found = broker.topics([topic.name for topic in wanted])
    missing = tuple(settings.prefix + topic.name for topic in wanted if topic.name not in found)
    stages = tuple(
        _stage(broker, name, [place for place in places(settings, read) if _is_there(found, place)], status.at)
        for name, read in STAGES.items()
    )
    letters, unread = open_letters(broker) if topics.DEAD in found else ((), 0)
    edition = newest_edition(broker) if topics.EDITIONS in found else None
    return msgspec.structs.replace(
        status,
        missing=missing,
        edition=edition.number if edition else None,
        stages=stages,
        feeds=_feeds(broker, feeds) if topics.FEEDS in found else (),
        dead=tuple(_dead(one) for one in letters),
        dead_unread=unread,
    )


def _dead(one: Dead) -> DeadLine:
    letter = one.letter
    return DeadLine(key=letter.key, stage=letter.stage, reason=letter.reason, detail=letter.detail, at=one.at)


def _is_there(found: Mapping[str, object], place: Place) -> bool:
    topic = found.get(place.topic)
    return topic is not None and place.partition < getattr(topic, "partitions", 0)


def _stage(broker: Broker, name: str, read: Iterable[Place], now: datetime) -> Stage:
    read = list(read)
    committed, workers = broker.committed(name), broker.workers(name)
    begins, ends = broker.beginnings(read), broker.ends(read)
    nexts = {place: max(committed.get(place, 0), begins[place]) for place in read}
    times = broker.times({place: at for place, at in nexts.items() if at < ends[place]})
    holders = {place: f"{worker.client}@{worker.host}" for worker in workers for place in worker.places}
    partitions = tuple(
        Partition(
            topic=place.topic,
            partition=place.partition,
            next=nexts[place],
            end=ends[place],
            oldest=max((now - times[place]).total_seconds(), 0.0) if place in times else None,
            worker=holders.get(place),
        )
        for place in read
    )
    return Stage(name=name, partitions=partitions, workers=tuple(f"{one.client}@{one.host}" for one in workers))


def _feeds(broker: Broker, feeds: Sequence[str]) -> tuple[FeedLine, ...]:
    lines = {feed: FeedLine(feed=feed) for feed in feeds}
    place = (Place(topics.FEEDS, 0),)
    newest = {row.key: row.value for row in broker.rows(broker.beginnings(place), broker.ends(place))}
    for key, value in newest.items():
        feed = (key or b"").decode("utf-8", "replace")
        if feed not in lines or value is None:
            continue
        try:
            head = _head.decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            lines[feed] = FeedLine(feed=feed, health="failing", reason="state_not_readable")
        else:
            lines[feed] = FeedLine(feed=feed, **msgspec.structs.asdict(head))
    return tuple(lines.values())
