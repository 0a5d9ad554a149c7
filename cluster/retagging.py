"""Tags again what is stored, by the packs and rules in force: writes `tagged` only, so it alerts nobody."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from ceasewire import topics
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY, LAST, raised
from ceasewire.engine import Engine
from ceasewire.errors import CeasewireError, CodecError
from ceasewire.items import Item, Tagged
from cluster.broker import BATCH, Broker, Outgoing, Row
from cluster.editions import newest_edition
from cluster.stages import places
from streams.tagging import tag

Tags = frozenset[str]


class Before(msgspec.Struct, frozen=True):
    """The tags of an item as they are now, and the revision that has them."""

    rev: int
    tags: Tags


Known = Callable[[Sequence[str]], Mapping[str, Before]]
"""Gives the tags of items by their ids; what it does not know is left out."""


class Report(msgspec.Struct, kw_only=True):
    """What a re-tag did, or would do."""

    edition: int
    dry: bool
    items: int = 0
    """Items that were tagged; an item that was edited may count once for each of its texts."""
    compared: int = 0
    """Items whose tags of before are known."""
    changed: int = 0
    added: int = 0
    """Tags that are new, over all items that could be compared."""
    removed: int = 0
    unread: int = 0
    """Rows that hold no item."""
    failed: int = 0
    """Items that the tagger could not handle, by a fault of ours."""

    def lines(self) -> Iterator[str]:
        """The report in words."""
        did = "would be tagged" if self.dry else "tagged"
        tags = f"+{self.added:,} / -{self.removed:,} tags"
        yield f"edition {self.edition}: {tags} in {self.changed:,} of {self.items:,} items"
        yield f"{did} anew: {self.items:,} items, {self.compared:,} of them compared with their tags of before"
        if self.unread or self.failed:
            yield f"{self.unread:,} rows hold no item, {self.failed:,} items could not be tagged by a fault of ours"


def retag(
    broker: Broker,
    settings: KafkaSettings,
    engine: Engine,
    made_of: str,
    *,
    dry: bool = False,
    known: Known | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Raises the edition and tags everything in `items` anew, up to where it ends when this is called.

    Taggers take the new edition up by themselves; what comes in the meantime is tagged by both, to the same effect.
    With `dry` nothing is written. Raises CeasewireError where there are no further editions, StoreError where the
    brokers do not answer; it may be run again then, with a further edition.
    """
    edition = raised(newest_edition(broker), made_of)
    if edition is None:
        raise CeasewireError(f"edition {LAST} is the last that the index can tell apart")
    known = known or read_known(broker, settings)
    if not dry:
        broker.write([Outgoing(topics.EDITIONS, KEY, encode(edition))])
    report = Report(edition=edition.number, dry=dry)
    where = places(settings, (topics.ITEMS,))
    begins, ends = broker.beginnings(where), broker.ends(where)
    total, done = sum(ends[place] - begins[place] for place in where), 0
    for rows in _batches(broker.rows(begins, ends)):
        outputs = _tagged(rows, engine, edition, known, report)
        if not dry:
            broker.write(outputs)
        done += len(rows)
        progress(done, total)
    return report


def read_known(broker: Broker, settings: KafkaSettings) -> Known:
    """The newest tags of each item as the topic `tagged` has them, which keeps those of some days only."""
    where = places(settings, (topics.TAGGED,))
    found: dict[str, tuple[int, int, Tags]] = {}
    shared: dict[Tags, Tags] = {}
    for row in broker.rows(broker.beginnings(where), broker.ends(where)):
        try:
            tagged = decode(row.value or b"", Tagged)
        except CodecError:
            continue
        id, rank = tagged.item.id, (tagged.item.rev, tagged.edition)
        if id not in found or found[id][:2] <= rank:
            tags = tags_of(tagged)
            found[id] = (*rank, shared.setdefault(tags, tags))

    def known(ids: Sequence[str]) -> Mapping[str, Before]:
        return {id: Before(found[id][0], found[id][2]) for id in ids if id in found}

    return known


def tags_of(tagged: Tagged) -> Tags:
    """All that tagging says of an item, each thing as `kind:id`."""
    named = (("issue", tagged.issues), ("actor", tagged.actors), ("rule", [hit.rule for hit in tagged.rules]))
    tags = {f"{kind}:{id}" for kind, ids in named for id in ids}
    if tagged.conflict:
        tags.add(f"conflict:{tagged.conflict}")
    if tagged.relevance != "none":
        tags.add(f"relevance:{tagged.relevance}")
    return frozenset(tags)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _tagged(rows: Sequence[Row], engine: Engine, edition: Edition, known: Known, report: Report) -> list[Outgoing]:
    items: dict[str, Item] = {}
    for row in rows:
        if row.value is None:
            continue
        try:
            item = decode(row.value, Item)
        except CodecError:
            report.unread += 1
            continue
        if item.id not in items or items[item.id].rev <= item.rev:
            items[item.id] = item
    before = known(list(items))
    outputs = []
    for item in items.values():
        try:
            tagged = tag(item, engine, edition.number)
        except Exception:
            report.failed += 1
            continue
        outputs.append(Outgoing(topics.TAGGED, item.id.encode(), encode(tagged)))
        report.items += 1
        if (known_as := before.get(item.id)) and known_as.rev == item.rev:
            _compare(known_as.tags, tags_of(tagged), report)
    return outputs


def _compare(before: Tags, now: Tags, report: Report) -> None:
    report.compared += 1
    report.added += len(now - before)
    report.removed += len(before - now)
    report.changed += before != now
