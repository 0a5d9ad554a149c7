"""`ceasewire cluster reindex`: makes new indices, fills them, moves the aliases, and takes in what came meanwhile.

What nothing is lost by: an indexer writes where the alias leads to, and a row is in its topic before it is indexed. So
all that went into the old index is in what was copied of it, or in rows after the offsets that were committed before;
and what it is still given when the alias moves is in rows before the end that the topics have after that. Documents
carry the versions of their rows, so that it does not matter who writes one first, or how often.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from ceasewire.config.settings import Settings
from ceasewire.engine import Engine
from ceasewire.errors import CeasewireError, StoreError
from cluster.broker import Broker, Place
from cluster.editions import newest_edition
from cluster.index_templates import template_faults
from cluster.reindex.filling import TOPICS, Count, Filler
from cluster.reindex.plan import FILLING, ORIGINS, Building, Filling, Made, Origin, meta_of, outdated, plan
from cluster.stages import places
from indexers.elastic import Elastic, Move
from indexers.templates import Kind, alias, mapping
from streams.tagging import tag

_CLOSE = 500
"""Rows that may be left when a round of catching up counts as the last."""
_ROUNDS = 20


class Wish(NamedTuple):
    """What is asked for."""

    kinds: tuple[Kind, ...]
    origins: tuple[Origin, ...] = ()
    """What to fill from; nothing: as an earlier run said, else from both."""
    anew: bool = False
    """Also where an index is as it should be."""
    fewer: bool = False
    """Lets the alias move also where the new index has less than the old one."""
    drop_old: bool = False


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """A new index that is filled and in use."""

    kind: Kind
    alias: str
    before: str
    after: str
    had: int | None
    """Documents of the old index before the alias moved; None where that was in an earlier run."""
    has: int
    """Documents of the new one."""
    count: Count


class Outcome(NamedTuple):
    """What became of it."""

    built: tuple[Built, ...] = ()
    done: tuple[str, ...] = ()
    """Indices in use that needed nothing."""
    dropped: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


class Tagging(NamedTuple):
    """What items are tagged by, and the hash of that."""

    engine: Engine
    made_of: str


Tell = Callable[[str], None]


def nobody(_: str | int) -> None:
    """Is told and says nothing."""


def reindex(
    settings: Settings, tagging: Tagging, wish: Wish, tell: Tell = nobody, step: Callable[[int], None] = nobody
) -> Outcome:
    """Builds the indices. Breaks off at any point without hurt: the next run goes on. Raises CeasewireError in words.

    `tell` is told of each part that is done, `step` of each further stretch how many rows or documents it had.
    """
    elastic = Elastic(settings.elasticsearch)
    try:
        prefix = settings.elasticsearch.prefix
        refusals = template_faults(elastic, settings.elasticsearch)
        planned = plan(prefix, wish.kinds, _indices(elastic, prefix, wish.kinds), wish.anew)
        if refusals or planned.refusals:
            return Outcome(refusals=(*refusals, *planned.refusals))
        built: tuple[Built, ...] = ()
        if planned.buildings:
            with Broker(settings.kafka) as broker:
                work = _Work(settings, tagging, wish, elastic, broker, planned.buildings, tell, step)
                if refusals := work.refusals():
                    return Outcome(done=planned.done, refusals=tuple(refusals))
                work.fill()
                if refusals := work.lacking():
                    return Outcome(done=planned.done, refusals=tuple(refusals))
                built = work.take_over()
        dropped = _drop(elastic, prefix, wish.kinds, tell) if wish.drop_old else ()
        return Outcome(built, planned.done, dropped)
    finally:
        elastic.close()


def _indices(elastic: Elastic, prefix: str, kinds: Iterable[Kind]) -> Mapping[str, Made]:
    names = [alias(prefix, kind) for kind in kinds]
    return elastic.indices(",".join(f"{name},{name}-v*" for name in names))


def _drop(elastic: Elastic, prefix: str, kinds: Sequence[Kind], tell: Tell) -> tuple[str, ...]:
    old = outdated(prefix, kinds, _indices(elastic, prefix, kinds))
    for index in old:
        elastic.delete_index(index)
        tell(f"{index}: deleted")
    return tuple(old)


class _Work:
    """The building of one set of indices."""

    def __init__(
        self,
        settings: Settings,
        tagging: Tagging,
        wish: Wish,
        elastic: Elastic,
        broker: Broker,
        buildings: Sequence[Building],
        tell: Tell,
        step: Callable[[int], None],
    ) -> None:
        self._settings = settings
        self._tagging = tagging
        self._wish = wish
        self._elastic = elastic
        self._broker = broker
        self._buildings = buildings
        self._tell = tell
        self._step = step
        said = {origin for one in buildings if one.filling for origin in one.filling.origins}
        fresh = any(one.filling is None for one in buildings)
        self._origins = wish.origins or tuple(one for one in ORIGINS if fresh or one in said)
        self._places = places(settings.kafka, tuple({TOPICS[one.kind] for one in buildings}))
        self._filler = Filler(elastic, {one.kind: one.after for one in buildings}, lambda: datetime.now(UTC))
        self._read_to: dict[Place, int] = {}
        self._had: dict[Kind, int] = {}

    def refusals(self) -> list[str]:
        """What speaks against it that the node does not know."""
        edition = newest_edition(self._broker) if self._tags() else None
        if edition is not None and edition.made_of != self._tagging.made_of:
            return [
                f"packs, rules or program are not those of edition {edition.number}: ceasewire cluster retag first, "
                "or --from index, which leaves the tags as they are"
            ]
        return []

    def _tags(self) -> bool:
        return "log" in self._origins and any(one.kind in ("items", "versions") for one in self._buildings)

    def fill(self) -> None:
        """Makes the new indices that there are not yet, and fills them."""
        begins = self._broker.beginnings(self._places)
        committed = self._broker.committed("index")
        starts = {place: max(committed.get(place, 0), begins[place]) for place in self._places}
        for one in self._buildings:
            noted = self._begin(one, starts)
            for place in self._places:
                if TOPICS[one.kind] == place.topic:
                    earlier = noted.starts.get(f"{place.topic}/{place.partition}", begins[place])
                    starts[place] = max(min(starts[place], earlier), begins[place])
        if "index" in self._origins:
            self._copy()
        if self._tags():
            edition = newest_edition(self._broker)
            number = edition.number if edition else 1
            engine = self._tagging.engine
            self._filler.tag(self._broker, self._settings.kafka, lambda item: tag(item, engine, number), self._step)
            self._tell(f"items were tagged by edition {number}")
        self._read_to = dict(begins if "log" in self._origins else starts)
        self._catch_up()
        self._tell("rows of the indexed topics were read")

    def _begin(self, one: Building, starts: Mapping[Place, int]) -> Filling:
        if one.filling is not None:
            if one.filling.origins != self._origins:
                filling = msgspec.structs.replace(one.filling, origins=self._origins)
                self._elastic.note(one.after, _meta(self._elastic, one.after) | {FILLING: msgspec.to_builtins(filling)})
            self._tell(f"{one.after}: goes on")
            return one.filling
        own = {
            f"{place.topic}/{place.partition}": at for place, at in starts.items() if place.topic == TOPICS[one.kind]
        }
        filling = Filling(one.before, self._origins, own)
        meta = mapping(one.kind)["_meta"] | {FILLING: msgspec.to_builtins(filling)}
        self._elastic.create_index(one.after, [], meta)
        self._tell(f"{one.after}: made")
        return filling

    def _copy(self) -> None:
        for one in self._buildings:
            if one.before not in self._elastic.indices(one.before):
                continue  # dropped by hand after the alias had moved
            self._filler.copy(self._elastic, one.kind, one.before, self._step)
            self._tell(f"{one.after}: what {one.before} has was taken over")

    def _catch_up(self) -> None:
        """Reads up to where the topics end; what comes while that is done, too, until little does."""
        for _ in range(_ROUNDS):
            ends = self._broker.ends(self._places)
            rows = sum(ends[place] - self._read_to[place] for place in self._places)
            self._filler.read(self._broker, self._read_to, ends, self._step)
            self._read_to = ends
            if rows <= _CLOSE:
                return

    def lacking(self) -> list[str]:
        """What the new indices lack of the old ones, in words, where that is not agreed to."""
        waiting = [one for one in self._buildings if not one.moved]
        self._had = {one.kind: self._elastic.count(one.before) for one in waiting}
        self._catch_up()  # what the old one was given since must not count against the new one
        refusals: list[str] = []
        for one in waiting:
            has, had, count = self._elastic.count(one.after), self._had[one.kind], self._filler.counts[one.kind]
            if self._wish.fewer or (has >= had and not count.lost):
                continue
            words = f"{one.alias} was not moved to {one.after}: that has {has:,} documents, {one.before} has {had:,}"
            if count.lost:
                words += f", of which {count.lost:,} were not taken over ({count.why})"
            refusals.append(f"{words}; {self._advice()}")
        return refusals

    def _advice(self) -> str:
        if "index" in self._origins:
            return "--fewer moves it all the same"
        return "--from index takes over what only that has, --fewer moves it all the same"

    def take_over(self) -> tuple[Built, ...]:
        """Moves the aliases in one action, then takes in what the old indices were still given."""
        waiting = [one for one in self._buildings if not one.moved]
        if waiting:
            try:
                self._elastic.move([Move(one.alias, one.before, one.after) for one in waiting])
            except StoreError:
                self._look_who_moved(waiting)
                raise
            for one in waiting:
                self._tell(f"{one.alias}: leads to {one.after}")
        self._catch_up()
        for one in self._buildings:
            self._elastic.note(one.after, _meta(self._elastic, one.after))
        self._tell("what came meanwhile was taken in")
        return tuple(self._built(one) for one in self._buildings)

    def _look_who_moved(self, waiting: Sequence[Building]) -> None:
        found = _indices(self._elastic, self._settings.elasticsearch.prefix, [one.kind for one in waiting])
        for one in waiting:
            behind = sorted(index for index, about in found.items() if one.alias in about["aliases"])
            if behind not in ([one.before], [one.after]):  # the latter is ours, done though its answer did not come
                where = " and ".join(behind) or "nothing"
                raise CeasewireError(
                    f"{one.alias}: leads to {where} by now, which somebody else did: nothing was moved"
                ) from None

    def _built(self, one: Building) -> Built:
        return Built(
            kind=one.kind,
            alias=one.alias,
            before=one.before,
            after=one.after,
            had=self._had.get(one.kind),
            has=self._elastic.count(one.after),
            count=self._filler.counts[one.kind],
        )


def _meta(elastic: Elastic, index: str) -> dict[str, Any]:
    """The `_meta` of an index, without what says that it is not filled."""
    return {name: value for name, value in meta_of(elastic.indices(index)[index]).items() if name != FILLING}
