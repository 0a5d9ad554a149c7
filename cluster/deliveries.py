"""Deliveries that did not arrive, and the wish of a person that they be tried now, which the notifiers obey."""

import re
from collections.abc import Iterable, Sequence

from ceasewire import topics
from ceasewire.alerts import Delivery, State
from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import Retry
from cluster.broker import Broker, Outgoing
from cluster.search.client import Index
from cluster.search.hits import whole

MOST = 10_000
"""Deliveries that are given at once."""
_ID = re.compile(r"[\w.:-]{1,200}", re.ASCII)
_FAILED = (State.RETRY, State.SUSPENDED, State.EXPIRED)


async def undelivered(index: Index) -> list[Delivery]:
    """All that failed at least once and are not delivered (retry, suspended, expired), oldest first. StoreError."""
    answer = await index.ask(
        "deliveries",
        query={"terms": {"state": [str(state) for state in _FAILED]}},
        sort=[{"created": "asc"}, {"id": "asc"}],
        size=MOST,
    )
    return [whole(one["_source"], "delivery", Delivery) for one in answer["hits"]["hits"]]


async def waiting(index: Index, ids: Sequence[str]) -> list[Delivery]:
    """Those of these deliveries that there are and that are not delivered. Raises StoreError."""
    found = await index.get("deliveries", [id for id in ids if _ID.fullmatch(id)])
    deliveries = [whole(source, "delivery", Delivery) for source in found.values()]
    return [one for one in deliveries if one.state != State.DELIVERED]


def ask_for(settings: KafkaSettings, deliveries: Iterable[Delivery]) -> bool:
    """Asks for these to be tried now; gives whether a notifier is at work. Raises StoreError.

    The wish goes the way of the channel's alerts, so that the notifier obeys it that sends for the channel. What has
    been delivered meanwhile, or is just being sent, stays as it is.
    """
    rows = [
        Outgoing(topics.DISPATCH, one.channel.encode(), encode(Retry(channel=one.channel, delivery=one.id)))
        for one in deliveries
    ]
    with Broker(settings) as broker:
        broker.write(rows)
        return bool(broker.workers("notify"))
