"""Deletes what is older than it is to be kept, once a day."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ceasewire.deliveries import OPEN
from indexers.templates import KEPT_BY, Kind

_STAY: Mapping[Kind, Mapping[str, Sequence[str]]] = {"deliveries": {"state": sorted(OPEN)}}
"""What stays however old it is: something is still to be done with it."""


class Deleting(Protocol):
    """What the index does for it: `indexers.elastic.Elastic`."""

    def delete_before(self, kind: Kind, field: str, cutoff: datetime, but: Mapping[str, Sequence[str]]) -> int:
        """Deletes some of what lies before the cutoff; gives how many, 0 where all are gone. Raises StoreError."""


def delete_old(
    index: Deleting, keep: timedelta, now: datetime, go_on: Callable[[], bool] = lambda: True
) -> dict[Kind, int]:
    """Deletes what is older than `keep`, by kind how many; stops early where `go_on` says no. Raises StoreError."""
    gone: dict[Kind, int] = {}
    for kind, field in KEPT_BY.items():
        while go_on() and (count := index.delete_before(kind, field, now - keep, _STAY.get(kind, {}))):
            gone[kind] = gone.get(kind, 0) + count
    return gone
