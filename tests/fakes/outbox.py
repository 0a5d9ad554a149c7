"""An outbox and backlog in memory: implements `ports.Outbox` and `ports.Backlog`; keeps every state it was given."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from ceasewire.alerts import Delivery, State
from ceasewire.deliveries import FARTHEST, OPEN


class MemoryOutbox:
    """Deliveries by id; `saved` holds all states in the order of saving."""

    def __init__(self, *deliveries: Delivery) -> None:
        self.rows: dict[str, Delivery] = {}
        self.saved: list[Delivery] = []
        for delivery in deliveries:
            self.add(delivery)

    def add(self, delivery: Delivery) -> None:
        """Opens a delivery, as the intake does; one whose id stands already keeps its state."""
        self.rows.setdefault(delivery.id, delivery)

    async def due(self, now: datetime, limit: int, but: Collection[str] = ()) -> Sequence[Delivery]:
        found = [row for row in self.rows.values() if row.state in OPEN and row.channel not in but]
        found = [row for row in found if row.due <= now or row.due > now + FARTHEST]
        return sorted(found, key=lambda row: (row.due, row.id))[:limit]

    async def save(self, delivery: Delivery) -> bool:
        stored = self.rows.get(delivery.id)
        if stored is not None and delivery.version <= stored.version:
            return delivery == stored
        self.rows[delivery.id] = delivery
        self.saved.append(delivery)
        return True

    async def next_due(self) -> datetime | None:
        return min((row.due for row in self.rows.values() if row.state in OPEN), default=None)

    async def counts(self) -> Mapping[State, int]:
        return dict.fromkeys(State, 0) | Counter(row.state for row in self.rows.values())

    async def suspended(self, channel: str) -> Sequence[Delivery]:
        found = [row for row in self.rows.values() if row.state == State.SUSPENDED and row.channel == channel]
        return sorted(found, key=lambda row: (row.created, row.id))
