"""Dead letters on a real broker, and stages that are sent elsewhere in their topics."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from kafka import KafkaConsumer

from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from ceasewire.errors import CeasewireError
from cluster.broker import Outgoing, Place, TooLarge
from cluster.dead_letters import Dead, find, open_letters, printable, read_letters, replay
from cluster.resetting import reset
from tests.cluster.brokers import asking, make_topics, rows_of, settings_for

BYTES = b'{"v":1, "id":\xff\x00 broken'


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    made = settings_for(kafka, prefix)
    make_topics(made)
    return made


def letter(offset: int, topic: str = "items", partition: int = 2, stage: str = "tag") -> DeadLetter:
    return DeadLetter(stage=stage, topic=topic, partition=partition, offset=offset, reason="not_an_item")


def row(one: DeadLetter, key: bytes = b"i_1", value: bytes = BYTES) -> Outgoing:
    return Outgoing("dead", one.key.encode(), value, (("letter", encode(one)), ("key", key)))


def test_a_letter_that_is_dead_twice_is_one(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([row(letter(4)), row(letter(5)), row(letter(4))])
        letters, unread = read_letters(broker)
    assert [(one.letter.offset, one.key, one.value) for one in letters] == [(5, b"i_1", BYTES), (4, b"i_1", BYTES)]
    assert unread == 0


def test_a_replay_brings_the_untouched_bytes_back_under_their_key_and_is_noted(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([row(letter(4)), row(letter(9, "dispatch", 1, "notify"), b"newsroom", b"other")])
        assert replay(broker, open_letters(broker)[0]) == 2
        [back] = rows_of(settings, "items")
        assert (back.place, back.key, back.value, dict(back.headers)) == (Place("items", 2), b"i_1", BYTES, {})
        [back] = rows_of(settings, "dispatch")
        assert (back.place, back.key, back.value) == (Place("dispatch", 1), b"newsroom", b"other")
        assert open_letters(broker) == ((), 0)
        letters, _ = read_letters(broker)
        assert all(one.replayed is not None for one in letters)
        assert find(letters, letter(4).key).value == BYTES  # nothing was taken out
        broker.write([row(letter(0))])  # what was replayed died again, at its new offset
        assert [one.letter.offset for one in open_letters(broker)[0]] == [0]
        broker.write([row(letter(4))])  # the stage came by the first offset once more
        assert len(open_letters(broker)[0]) == 2


def test_a_letter_that_never_was_in_a_topic_goes_where_its_key_belongs(settings: KafkaSettings) -> None:
    one = letter(-77, partition=0, stage="produce")
    with asking(settings) as broker:
        broker.write([row(one, b"i_key_of_its_own")])
        replay(broker, open_letters(broker)[0])
        broker.write([Outgoing("items", b"i_key_of_its_own", b"later")])
    assert len({back.place for back in rows_of(settings, "items")}) == 1


def test_a_replay_that_is_refused_leaves_the_letter_open(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([row(letter(-1), value=bytes(range(256)) * 4)])
        broker.change("items", {"max.message.bytes": "100"})
        time.sleep(0.5)
        with pytest.raises(TooLarge, match="for its size"):
            replay(broker, open_letters(broker)[0])
        assert len(open_letters(broker)[0]) == 1


def test_a_letter_whose_description_cannot_be_read_is_told_by_its_key(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.write([
            Outgoing("dead", b"tag|items|1|7", b"x", (("letter", b"{"), ("key", b"k"))),
            Outgoing("dead", b"tag|no_topic|1|7", b"x"),
            Outgoing("dead", None, b"x"),
        ])  # fmt: skip
        [one] = open_letters(broker)[0]
    assert (one.letter.key, one.letter.reason, one.value) == ("tag|items|1|7", "letter_not_readable", b"x")


def test_a_key_that_there_is_not_is_refused_in_words() -> None:
    with pytest.raises(CeasewireError, match="there is no dead letter"):
        find([Dead(letter(4), None, b"", datetime.now(UTC))], "tag|items|0|0")


def test_bytes_are_shown_without_what_a_terminal_would_obey() -> None:
    shown = printable("перемир’я\x1b[31m\u202e\x07\n".encode() + b"\xff\x00")
    assert shown == "перемир’я\\x1b[31m\\u202e\\x07\n\\xff\\x00"
    assert printable(b"a" * 20_005).endswith("a ... and 5 bytes more")


def moment(text: str) -> datetime:
    if text == "an hour ago":
        return datetime.now(UTC) - timedelta(hours=1)
    raise ValueError(f'"{text}" is no moment')


@pytest.mark.parametrize(
    ("to", "wanted"),
    [("earliest", [0, 0, 0]), ("latest", [4, 2, 0]), ("3", [3, 2, 0]), ("an hour ago", [0, 0, 0])],
)
def test_a_stage_goes_on_from_where_it_is_told(settings: KafkaSettings, to: str, wanted: list[int]) -> None:
    with asking(settings) as broker:
        broker.write([Outgoing("items", b"k", b"v", partition=0) for _ in range(4)])
        broker.write([Outgoing("items", b"k", b"v", partition=1) for _ in range(2)])
        broker.move("tag", {Place("items", 0): 2})
        moved = reset(broker, settings, "tag", to, moment)
        assert [moved[Place("items", n)] for n in range(3)] == list(zip([2, 0, 0], wanted, strict=True))
        assert [broker.committed("tag")[Place("items", n)] for n in range(3)] == wanted


def test_what_is_no_stage_or_no_place_is_refused_in_words(settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        with pytest.raises(CeasewireError, match="there are tag, gather, notify, index"):
            reset(broker, settings, "polish", "earliest", moment)
        with pytest.raises(CeasewireError, match="earliest, latest, an offset or a time"):
            reset(broker, settings, "tag", "somewhere", moment)
        assert not broker.committed("tag")


def test_a_stage_that_is_at_work_is_not_moved(settings: KafkaSettings) -> None:
    consumer = KafkaConsumer(
        f"{settings.prefix}items",
        bootstrap_servers=list(settings.bootstrap),
        group_id=f"{settings.prefix}tag",
        client_id="tagger-1",
        metrics_enabled=False,
    )
    try:
        until = time.monotonic() + 20
        while not consumer.assignment():
            consumer.poll(timeout_ms=200)
            assert time.monotonic() < until
        with asking(settings) as broker:
            with pytest.raises(CeasewireError, match=r"1 worker is active on tag \(tagger-1@127.0.0.1\)"):
                reset(broker, settings, "tag", "latest", moment)
            consumer.close(autocommit=False, timeout_ms=2_000)
            reset(broker, settings, "tag", "latest", moment)
    finally:
        consumer.close(autocommit=False, timeout_ms=1_000)
