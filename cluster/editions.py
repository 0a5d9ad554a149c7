"""The edition that is in force, as the topic `editions` has it."""

from ceasewire import topics
from ceasewire.codec import decode
from ceasewire.crossings import Edition
from ceasewire.editions import KEY
from ceasewire.errors import CodecError, StoreError
from cluster.broker import Broker, Place

_PLACES = (Place(topics.EDITIONS, 0),)


def newest_edition(broker: Broker) -> Edition | None:
    """The edition with the highest number; None where none was ever written. Raises StoreError."""
    newest: Edition | None = None
    for row in broker.rows(broker.beginnings(_PLACES), broker.ends(_PLACES)):
        if row.key != KEY or row.value is None:
            continue
        try:
            edition = decode(row.value, Edition)
        except CodecError as error:
            raise StoreError(f"the topic {topics.EDITIONS} holds what is {error}") from None
        if newest is None or edition.number >= newest.number:
            newest = edition
    return newest
