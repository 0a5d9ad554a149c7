"""Dead letters: what there is, one with its bytes, and back with them to the topic that they came from."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from ceasewire import topics
from ceasewire.codec import decode
from ceasewire.crossings import DeadLetter
from ceasewire.errors import CeasewireError, CodecError
from cluster.broker import Broker, Outgoing, Place, Row

NEWEST = 20_000
"""Rows of the topic that are looked at, the newest."""
REPLAYED = "replayed"
"""The header of the row that says of a dead letter's key that its bytes went back; it has no value."""
_PLACE = Place(topics.DEAD, 0)
_SHOWN = 20_000


class Dead(NamedTuple):
    """A dead letter as it lies in the topic."""

    letter: DeadLetter
    key: bytes | None
    """The key of the row that it was."""
    value: bytes
    """Its bytes, untouched."""
    at: datetime
    replayed: datetime | None = None


def read_letters(broker: Broker) -> tuple[tuple[Dead, ...], int]:
    """All dead letters, oldest first, the newest of each key, and how many older rows were not looked at."""
    ends = broker.ends([_PLACE])
    begins = broker.beginnings([_PLACE])
    start = max(begins[_PLACE], ends[_PLACE] - NEWEST)
    found: dict[str, Dead] = {}
    for row in broker.rows({_PLACE: start}, ends):
        name = (row.key or b"").decode("utf-8", "replace")
        if REPLAYED in row.headers:
            if name in found:
                found[name] = found[name]._replace(replayed=row.at)
        elif dead := _read(row):
            found.pop(name, None)
            found[name] = dead
    return tuple(found.values()), start - begins[_PLACE]


def open_letters(broker: Broker) -> tuple[tuple[Dead, ...], int]:
    """As `read_letters`, without those that were replayed."""
    letters, unread = read_letters(broker)
    return tuple(one for one in letters if one.replayed is None), unread


def replay(broker: Broker, letters: Iterable[Dead]) -> int:
    """Writes the bytes back to where they came from, with their key; gives how many.

    They are ordinary traffic from then on: what they cause is caused. Each is noted in `dead` once the brokers have
    it, so that a replay that breaks off may be begun again; nothing is taken out of the topic.
    """
    count = 0
    for one in letters:
        letter = one.letter
        # in its own partition its key keeps its order; what never got into a topic has none yet
        partition = letter.partition if letter.offset >= 0 else None
        broker.write([Outgoing(letter.topic, one.key, one.value, partition=partition)])
        broker.write([Outgoing(topics.DEAD, letter.key.encode(), None, ((REPLAYED, b"1"),))])
        count += 1
    return count


def find(letters: Sequence[Dead], key: str) -> Dead:
    """The letter of this key; raises CeasewireError in words."""
    for one in letters:
        if one.letter.key == key:
            return one
    raise CeasewireError(f'there is no dead letter "{key[:100]}": ceasewire cluster dead list shows their keys')


def printable(value: bytes) -> str:
    """The bytes as text that a terminal can show: what is no plain sign is written out."""
    text = value[:_SHOWN].decode("utf-8", "backslashreplace")
    shown = "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode() for sign in text
    )
    left = len(value) - _SHOWN
    return shown + (f" ... and {left:,} bytes more" if left > 0 else "")


def _read(row: Row) -> Dead | None:
    """The letter of a row; one whose description cannot be read is shown as what can be told of it."""
    try:
        letter = decode(row.headers["letter"], DeadLetter)
    except (KeyError, CodecError):
        stage, _, rest = (row.key or b"").decode("utf-8", "replace").partition("|")
        topic, _, rest = rest.partition("|")
        partition, _, offset = rest.partition("|")
        if topic not in _NAMES or not partition.isdecimal() or not offset.removeprefix("-").isdecimal():
            return None
        letter = DeadLetter(
            stage=stage, topic=topic, partition=int(partition), offset=int(offset), reason="letter_not_readable"
        )
    return Dead(letter, row.headers.get("key"), row.value or b"", row.at)


_NAMES = frozenset(
    (topics.ITEMS, topics.TAGGED, topics.RELEVANT, topics.STORIES, topics.ALERTS, topics.DISPATCH, topics.DELIVERIES,
     topics.FEEDS)
)  # fmt: skip
