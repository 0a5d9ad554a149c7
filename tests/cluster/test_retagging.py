"""A re-tag on a real broker: it writes `tagged` with a raised edition, says what changed, and alerts nobody."""

from collections.abc import Mapping, Sequence

import msgspec
import pytest

from ceasewire import bundled
from ceasewire.codec import decode, encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.engine import Engine, build_engine
from ceasewire.errors import CeasewireError
from ceasewire.items import Item, Tagged
from cluster.broker import Broker, Outgoing
from cluster.editions import newest_edition
from cluster.retagging import Before, Report, retag, tags_of
from streams.tagging import tag
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for
from tests.store.making import make_item

TALKS = make_item(1, "Ukraine and Russia discuss a ceasefire", "Envoys of Kyiv and Moscow spoke about a ceasefire.")
RAIN = make_item(2, "Rain in the hills")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), ())


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    made = settings_for(kafka, prefix)
    make_topics(made)
    return made


def put(broker: Broker, topic: str, *values: Item | Tagged) -> None:
    """Writes values under the ids of their items."""
    rows = [(value.item.id if isinstance(value, Tagged) else value.id, value) for value in values]
    broker.write([Outgoing(topic, id.encode(), encode(value)) for id, value in rows])


def test_everything_is_tagged_anew_and_the_difference_told(settings: KafkaSettings, engine: Engine) -> None:
    right = tag(TALKS, engine, 1)
    assert {"issue:ceasefire", "conflict:ukraine_russia", "relevance:main"} <= tags_of(right)
    other = msgspec.structs.replace(right, issues=("territory", "borders"), actors=(), rules=())
    with asking(settings) as broker:
        put(broker, "items", TALKS, RAIN)
        put(broker, "tagged", right, other, tag(RAIN, engine, 1))
        report = retag(broker, settings, engine, "1" * 32)
        edition = newest_edition(broker)
    gone, new = tags_of(other) - tags_of(right), tags_of(right) - tags_of(other)
    assert edition == Edition(number=2, made_of="1" * 32)
    assert report == Report(edition=2, dry=False, items=2, compared=2, changed=1, added=len(new), removed=len(gone))
    assert next(report.lines()) == f"edition 2: +{len(new)} / -{len(gone)} tags in 1 of 2 items"
    tagged = [decode(row.value or b"", Tagged) for row in rows_of(settings, "tagged")]
    anew = {one.item.id: tags_of(one) for one in tagged if one.edition == 2}
    assert len(tagged) == 5
    assert anew == {TALKS.id: tags_of(right), RAIN.id: tags_of(tag(RAIN, engine, 1))}
    for topic in ("relevant", "stories", "alerts", "dispatch", "deliveries"):
        assert not rows_of(settings, topic)


def test_a_dry_run_says_the_same_and_writes_nothing(settings: KafkaSettings, engine: Engine) -> None:
    with asking(settings) as broker:
        put(broker, "items", TALKS)
        put(broker, "tagged", msgspec.structs.replace(tag(TALKS, engine, 1), issues=()))
        report = retag(broker, settings, engine, "1" * 32, dry=True)
        assert newest_edition(broker) == Edition(number=1, made_of="0" * 32)
    assert (report.dry, report.edition, report.compared, report.removed) == (True, 2, 1, 0)
    assert report.added > 0
    assert len(rows_of(settings, "tagged")) == 1


def test_tags_may_be_given_from_elsewhere_and_those_of_another_text_are_not_compared(
    settings: KafkaSettings, engine: Engine
) -> None:
    def known(ids: Sequence[str]) -> Mapping[str, Before]:
        assert set(ids) == {TALKS.id, RAIN.id}
        return {TALKS.id: Before(TALKS.rev, frozenset({"issue:gone"})), RAIN.id: Before(99, frozenset({"issue:gone"}))}

    with asking(settings) as broker:
        put(broker, "items", TALKS, RAIN)
        report = retag(broker, settings, engine, "1" * 32, known=known)
    assert (report.items, report.compared, report.removed) == (2, 1, 1)


def test_what_holds_no_item_is_counted_and_stops_nothing(settings: KafkaSettings, engine: Engine) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing("items", b"x", b"\xff"), Outgoing("items", b"y", None)])
        put(broker, "items", RAIN)
        report = retag(broker, settings, engine, "1" * 32)
    assert (report.items, report.unread, report.failed) == (1, 1, 0)


def test_after_the_last_edition_there_is_none(settings: KafkaSettings, engine: Engine) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing("editions", KEY, encode(Edition(number=999)))])
        put(broker, "items", TALKS)
        with pytest.raises(CeasewireError, match="edition 999 is the last"):
            retag(broker, settings, engine, "1" * 32)
    assert not rows_of(settings, "tagged")


def test_a_second_re_tag_raises_the_edition_further_and_finds_nothing_changed(
    settings: KafkaSettings, engine: Engine
) -> None:
    with asking(settings) as broker:
        put(broker, "items", *(make_item(number) for number in range(1200)))
        told: list[tuple[int, int]] = []
        first = retag(broker, settings, engine, "1" * 32, progress=lambda done, total: told.append((done, total)))
        second = retag(broker, settings, engine, "2" * 32)
    assert (first.items, first.edition, second.edition) == (1200, 2, 3)
    assert (second.compared, second.changed) == (1200, 0)
    assert told[-1] == (1200, 1200)
