"""The setup on a real broker: it makes what is missing, may be run again, and refuses what would hurt by name."""

from datetime import timedelta

import pytest

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.topics import topics
from cluster.setup import Outcome, run
from cluster.topics_setup import Topics, compared
from tests.cluster.brokers import asking, rows_of, settings_for

HASH = "0" * 32


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    return settings_for(kafka, prefix)


def test_all_topics_are_made_as_they_are_to_be_and_a_second_run_does_nothing(settings: KafkaSettings) -> None:
    first = Topics(settings, HASH).run()
    assert not first.refusals
    assert len(first.lines) == len(topics(settings)) + 1
    assert first.lines[-1] == "edition 1 of packs and rules"
    with asking(settings) as broker:
        found = broker.topics([topic.name for topic in topics(settings)])
    for topic in topics(settings):
        there = found[topic.name]
        assert there.partitions == topic.partitions
        assert {name: there.options[name] for name in topic.options(1)} == topic.options(1)
    assert Topics(settings, HASH).run() == Outcome()
    assert len(rows_of(settings, "editions")) == 1


def test_other_packs_are_told_but_raise_no_edition(settings: KafkaSettings) -> None:
    Topics(settings, HASH).run()
    outcome = Topics(settings, "1" * 32).run()
    assert not outcome.refusals
    assert "ceasewire cluster retag" in outcome.lines[0]
    assert len(rows_of(settings, "editions")) == 1


def test_a_topic_that_differs_where_it_would_hurt_is_refused_by_name_and_left_alone(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.create("items", 5, 1, {"cleanup.policy": "compact,delete"})
        broker.create("feeds", 1, 1, {"cleanup.policy": "delete"})
        broker.create("relevant", 1, 1, {"cleanup.policy": "delete", "message.timestamp.type": "CreateTime"})
    outcome = Topics(settings, HASH).run()
    assert outcome.refusals == (
        f"{settings.prefix}feeds: is cleaned by cleanup.policy delete, compact is wanted",
        f"{settings.prefix}items: has 5 partitions, wanted are 3; "
        "with another number keys would move to other partitions",
        f"{settings.prefix}relevant: is stamped by message.timestamp.type CreateTime, LogAppendTime is wanted",
    )
    with asking(settings) as broker:
        found = broker.topics([topic.name for topic in topics(settings)])
    assert len(found) == len(topics(settings))
    assert found["items"].partitions == 5
    assert found["feeds"].options["cleanup.policy"] == "delete"
    assert not rows_of(settings, "editions")


def test_what_only_makes_room_is_changed_and_what_takes_away_is_not(settings: KafkaSettings) -> None:
    Topics(settings, HASH).run()
    longer = settings.model_copy(update={"keep_items": timedelta(days=400)})
    assert Topics(longer, HASH).run().lines == (
        f"{settings.prefix}items: retention.ms changed from 31536000000 to 34560000000",
    )
    outcome = Topics(settings, HASH).run()
    assert not outcome.refusals
    assert outcome.lines[0].startswith(f"{settings.prefix}items: retention.ms is 34560000000 and stays so")
    with asking(settings) as broker:
        assert broker.topics(["items"])["items"].options["retention.ms"] == "34560000000"


def test_more_copies_than_brokers_are_refused_before_anything_is_made(settings: KafkaSettings) -> None:
    outcome = Topics(settings.model_copy(update={"replication": 3}), HASH).run()
    assert outcome.refusals == ("kafka.replication is 3, but there is 1 broker; no topic was made",)
    with asking(settings) as broker:
        assert not broker.topics([topic.name for topic in topics(settings)])


def test_copies_of_a_topic_that_there_is_are_told_and_never_asked_for_in_vain(settings: KafkaSettings) -> None:
    Topics(settings, HASH).run()
    outcome = Topics(settings.model_copy(update={"replication": 3}), HASH).run()
    assert not outcome.refusals
    assert len([line for line in outcome.lines if "kafka-reassign-partitions" in line]) == len(topics(settings))
    with asking(settings) as broker:  # two copies that must be in step would stop all writes to a topic of one
        assert broker.topics(["items"])["items"].options["min.insync.replicas"] == "1"


def test_no_room_is_taken_from_a_topic_that_keeps_everything() -> None:
    wanted = {"retention.ms": "1000", "max.message.bytes": "10", "cleanup.policy": "delete"}
    assert compared(wanted, {"retention.ms": "-1", "max.message.bytes": "5"}) == (
        {"max.message.bytes": "10"},
        {"retention.ms": "1000"},
    )


class Failing:
    """A step whose other side does not answer."""

    name = "failing"

    def run(self) -> Outcome:
        raise StoreError("nobody answers")


class Working:
    """A step that has something to do."""

    name = "working"

    def run(self) -> Outcome:
        return Outcome(("made",))


def test_every_step_is_run_whatever_became_of_the_others() -> None:
    assert list(run([Failing(), Working()])) == [
        ("failing", Outcome(refusals=("nobody answers",))),
        ("working", Outcome(("made",))),
    ]
