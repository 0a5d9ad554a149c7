"""What a person may do from the desk of the cluster."""

import asyncio
from collections.abc import Callable

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import Refused
from ceasewire.polling import FeedState
from cluster.checking import FeedChecks
from cluster.deliveries import ask_for, waiting
from cluster.search.client import Index


class ClusterActions:
    """Implements `ports.Actions`."""

    def __init__(self, index: Index, kafka: Callable[[], KafkaSettings], checks: FeedChecks) -> None:
        self._index = index
        self._kafka = kafka
        self._checks = checks

    async def check_feed(self, feed: str, force: bool) -> FeedState:
        """Polls now, here, and gives the state after it. Raises CeasewireError in words."""
        return await self._checks.check(feed, force)

    async def retry_delivery(self, delivery: str) -> bool:
        """Asks the notifiers to try it now; False where there is none or it is delivered. Raises StoreError."""
        wanted = await waiting(self._index, [delivery])
        if wanted:
            await asyncio.to_thread(ask_for, self._kafka(), wanted)
        return bool(wanted)

    async def play_sample_day(self) -> str:
        """Refuses: the sample day is a profile of its own."""
        raise Refused("the sample day of the cluster is started by: make cluster-demo")
