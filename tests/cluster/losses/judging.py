"""Who lost what: for each stage, every row below its committed offset has its output or its dead letter.

What must have come of a row is worked out here, in one process that nothing disturbs, from the rows as they lie in the
topics: the fold of `relevant`, the alerts and deliveries that follow, the documents of the index.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar, cast, get_args

import msgspec

from ceasewire import gathering, topics
from ceasewire.alerts import Delivery, State
from ceasewire.codec import decode
from ceasewire.config.rules import Rule
from ceasewire.crossings import DeadLetter, Dispatch, Judgement
from ceasewire.errors import CodecError
from ceasewire.gathered import Gathered
from ceasewire.identity import decision_id, delivery_id
from ceasewire.items import Item, Tagged
from ceasewire.stories import Story
from cluster.broker import Place, Row
from cluster.stages import STAGES, places
from indexers.documents import Document, documents
from indexers.templates import Kind, alias
from process.configuration import read_configuration
from process.places import Places
from tests.cluster.brokers import asking
from tests.cluster.indexes import asked
from tests.cluster.losses.stand import CHANNELS, Stand

T = TypeVar("T", bound=msgspec.Struct)


@dataclass
class Seen:
    """The topics and the index as they were; what was committed was asked for first."""

    rules: Mapping[str, Rule]
    committed: Mapping[str, Mapping[Place, int]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    indexed: dict[Kind, dict[str, int]] = field(default_factory=dict)
    """The versions of all documents, by kind and id."""

    def all(self, topic: str, kind: type[T]) -> list[T]:
        """The values of a topic, without those that are none."""
        return [one for row in self.rows[topic] if (one := read(row, kind)) is not None]

    def done(self, stage: str) -> Iterator[Row]:
        """The rows that the stage has committed, in order within each partition."""
        for topic in STAGES[stage]:
            for row in self.rows[topic]:
                if row.offset < self.committed[stage].get(row.place, 0):
                    yield row

    @property
    def letters(self) -> dict[str, Row]:
        """The dead letters by their keys."""
        return {
            decode(row.headers["letter"], DeadLetter).key: row
            for row in self.rows[topics.DEAD]
            if "letter" in row.headers  # else it tells that one was replayed
        }

    @property
    def poisoned(self) -> dict[str, Row]:
        """The rows that no stage can handle, by the keys that their dead letters must have."""
        return {
            f"{stage}|{row.place.topic}|{row.place.partition}|{row.offset}": row
            for stage, names in STAGES.items()
            for name in names
            for row in self.rows[name]
            if row.key is not None and row.key.startswith(b"poison-")
        }


def look(stand: Stand) -> Seen:
    """Reads all; takes a while."""
    folders = Places(config=stand.folder / "config", data=stand.folder)
    seen = Seen(read_configuration(folders, {}, None, False).engine.rules)
    with asking(stand.kafka) as broker:
        seen.committed = {stage: broker.committed(stage) for stage in STAGES}
        for topic in topics.topics(stand.kafka):
            mine = places(stand.kafka, (topic.name,))
            seen.rows[topic.name] = list(broker.rows(broker.beginnings(mine), broker.ends(mine)))
    for kind in cast("tuple[Kind, ...]", get_args(Kind)):
        seen.indexed[kind] = _versions(stand.index.url, alias(stand.index.prefix, kind))
    return seen


def read(row: Row, kind: type[T]) -> T | None:
    """The value of a row; None where it is none."""
    try:
        return decode(row.value or b"", kind)
    except CodecError:
        return None


def lost(seen: Seen) -> list[str]:
    """Each thing that a stage has committed and that left neither its output nor a dead letter."""
    return [*_lost_tagging(seen), *_lost_gathering(seen), *_lost_notifying(seen), *_lost_indexing(seen)]


def _lost_tagging(seen: Seen) -> Iterator[str]:
    tagged = {(one.item.id, one.item.rev): one for one in seen.all(topics.TAGGED, Tagged)}
    relevant = {(one.item.id, one.item.rev) for one in seen.all(topics.RELEVANT, Tagged)}
    for row in seen.done("tag"):
        item = read(row, Item)
        if item is None:
            yield from _unburied(seen, "tag", row)
        elif (item.id, item.rev) not in tagged:
            yield f"tag: {item.id} of {_place(row)} was not tagged"
        elif tagged[item.id, item.rev].gathered and (item.id, item.rev) not in relevant:
            yield f"tag: {item.id} of {_place(row)} did not go on to be gathered"


def _lost_gathering(seen: Seen) -> Iterator[str]:
    for row in seen.done("gather"):
        if read(row, Tagged) is None:
            yield from _unburied(seen, "gather", row)
    alerts, decisions = judged(seen)
    wanted = expected(seen)
    stories = {story.id for story in seen.all(topics.STORIES, Story)}
    ordered = {delivery_id(one.alert.id, one.channel) for one in seen.all(topics.DISPATCH, Dispatch)}
    yield from (f"gather: alert {id} was not raised" for id in sorted(wanted.alerts - alerts))
    yield from (f"gather: decision {id} was not written" for id in sorted(wanted.decisions - decisions))
    yield from (f"gather: story {id} was not written" for id in sorted(wanted.stories - stories))
    yield from (f"gather: delivery {id} was not ordered" for id in sorted(wanted.deliveries - ordered))


def _lost_notifying(seen: Seen) -> Iterator[str]:
    known = {one.id for one in seen.all(topics.DELIVERIES, Delivery)}
    for row in seen.done("notify"):
        dispatch = read(row, Dispatch)
        if dispatch is None:
            yield from _unburied(seen, "notify", row)
        elif (id := delivery_id(dispatch.alert.id, dispatch.channel)) not in known:
            yield f"notify: {id} of {_place(row)} was not opened"


def _lost_indexing(seen: Seen) -> Iterator[str]:
    now = datetime.now(UTC)
    for row in seen.done("index"):
        found = documents(row.place.topic, row.value or b"", now)
        if not isinstance(found, tuple):
            yield from _unburied(seen, "index", row)
            continue
        for one in found:
            if not _holds(seen, one):
                yield f"index: {one.kind} {one.id} of {_place(row)} is not there in version {one.version}"


def _holds(seen: Seen, one: Document) -> bool:
    return seen.indexed[one.kind].get(one.id, -1) >= one.version


def _unburied(seen: Seen, stage: str, row: Row) -> Iterator[str]:
    key = f"{stage}|{row.place.topic}|{row.place.partition}|{row.offset}"
    letter = seen.letters.get(key)
    if letter is None:
        yield f"{stage}: {_place(row)} is no dead letter"
    elif (letter.value, letter.headers.get("key")) != (row.value, row.key):
        yield f"{stage}: the dead letter of {_place(row)} has other bytes"


def _place(row: Row) -> str:
    return f"{row.place.topic}/{row.place.partition}@{row.offset}"


@dataclass(frozen=True)
class Expected:
    """Ids that must come of what the gatherer has committed."""

    alerts: frozenset[str]
    decisions: frozenset[str]
    stories: frozenset[str]
    deliveries: frozenset[str]


def expected(seen: Seen, all: bool = False) -> Expected:
    """The fold of `relevant`, up to the committed offset or to its end."""
    state = Gathered.empty()
    alerts, decisions, stories = dict[str, tuple[str, ...]](), set[str](), set[str]()
    for row in seen.rows[topics.RELEVANT] if all else seen.done("gather"):
        tagged = read(row, Tagged)
        if tagged is None:
            continue
        gathering.forget(state, row.at)
        changes = gathering.gather(state, tagged, seen.rules, row.at)
        gathering.apply(state, changes)
        alerts |= {alert.id: alert.channels for alert in changes.alerts}
        decisions |= {decision_id(one.item, one.rule, one.rev) for one in changes.decisions}
        stories |= {story.id for story in changes.stories}
    deliveries = {delivery_id(id, channel) for id, channels in alerts.items() for channel in channels}
    return Expected(frozenset(alerts), frozenset(decisions), frozenset(stories), frozenset(deliveries))


def judged(seen: Seen) -> tuple[set[str], set[str]]:
    """The ids of alerts and of decisions in the topic `alerts`."""
    all = seen.all(topics.ALERTS, Judgement)
    alerts = {one.alert.id for one in all if one.alert is not None}
    return alerts, {decision_id(d.item, d.rule, d.rev) for one in all if (d := one.decision) is not None}


def last_states(seen: Seen) -> dict[str, Delivery]:
    """The newest state of each delivery."""
    found: dict[str, Delivery] = {}
    for one in seen.all(topics.DELIVERIES, Delivery):
        if one.id not in found or found[one.id].version < one.version:
            found[one.id] = one
    return found


def verdict(stand: Stand, seen: Seen, urls: set[str]) -> list[str]:
    """All that is wrong once everything is handled; `urls` are those of the entries that were fed."""
    faults = lost(seen)
    items = {item.id: item for item in seen.all(topics.ITEMS, Item)}
    came = Counter(item.url for item in items.values())
    faults += [f"produce: {url} never came in" for url in sorted(urls - came.keys())]
    faults += [f"produce: {url} came in as {count} items" for url, count in came.items() if count > 1]
    faults += [f"produce: {url} was never fed" for url in sorted(came.keys() - urls)]
    whole = expected(seen, all=True)
    alerts, decisions = judged(seen)
    states = last_states(seen)
    counted: dict[Kind, set[str] | frozenset[str]] = {
        "items": set(items),
        "stories": whole.stories,
        "alerts": whole.alerts,
        "decisions": whole.decisions,
        "deliveries": whole.deliveries,
    }
    for kind, wanted in counted.items():
        faults += _apart(f"index: {kind}", wanted, set(seen.indexed[kind]))
    faults += _apart("alerts", whole.alerts, alerts)
    faults += _apart("decisions", whole.decisions, decisions)
    faults += _apart("deliveries", whole.deliveries, set(states))
    faults += _apart("dead letters", set(seen.poisoned), set(seen.letters))
    faults += [f"delivery {id} is {one.state}" for id, one in states.items() if one.state != State.DELIVERED]
    faults += _apart("received", whole.deliveries, set(stand.receiver.count()))
    faults += _received_too_often(stand)
    return faults


def _received_too_often(stand: Stand) -> Iterator[str]:
    """At most one repeat for each kill and channel: what was on its way then."""
    kills = stand.kills.get("notifier", 0)
    for channel in CHANNELS:
        counts = Counter(one.id for one in stand.receiver.at(f"/{channel}"))
        if (again := counts.total() - len(counts)) > kills:
            yield f"received: {again} repeats on {channel} after {kills} kills of a notifier"


def repeats(seen: Seen) -> dict[str, int]:
    """By stage, how many of the rows that it wrote had been written before."""
    tagged = [(one.item.id, one.item.rev, one.edition) for one in seen.all(topics.TAGGED, Tagged)]
    written = {
        "produce": [(one.id, one.rev) for one in seen.all(topics.ITEMS, Item)],
        "tag": tagged,
        "gather": [row.key for row in seen.rows[topics.ALERTS]],
        "dispatch": [(one.alert.id, one.channel) for one in seen.all(topics.DISPATCH, Dispatch)],
        "notify": [(one.id, one.version) for one in seen.all(topics.DELIVERIES, Delivery)],
        "dead": [row.key for row in seen.rows[topics.DEAD]],
    }
    return {stage: len(keys) - len(set(keys)) for stage, keys in written.items()}


def _apart(what: str, wanted: set[str] | frozenset[str], found: set[str]) -> list[str]:
    return [f"{what}: {id} is missing" for id in sorted(wanted - found)] + [
        f"{what}: {id} is too much" for id in sorted(found - wanted)
    ]


def _versions(url: str, name: str) -> dict[str, int]:
    """All documents behind an alias, whatever their number."""
    asked(f"{url}/{name}/_refresh", method="POST")
    body = {"query": {"match_all": {}}, "size": 5000, "version": True, "_source": False, "sort": ["_doc"]}
    answer = asked(f"{url}/{name}/_search?scroll=1m", body, "POST")
    found: dict[str, int] = {}
    while hits := answer["hits"]["hits"]:
        found |= {hit["_id"]: hit["_version"] for hit in hits}
        answer = asked(f"{url}/_search/scroll", {"scroll": "1m", "scroll_id": answer["_scroll_id"]}, "POST")
    asked(f"{url}/_search/scroll", {"scroll_id": answer["_scroll_id"]}, "DELETE")
    return found
