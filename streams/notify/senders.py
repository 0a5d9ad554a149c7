"""The senders of all kinds of channels, over connections of their own."""

from collections.abc import Callable
from datetime import timedelta

from ceasewire.ports import Sender
from streams.notify.connection import Connections, Resolve
from streams.notify.slack import SlackSender
from streams.notify.webhook import WebhookSender


class Senders(dict[str, Sender]):
    """A sender for each kind of channel; to be closed at the end."""

    def __init__(self, timeout: Callable[[], timedelta], resolve: Resolve | None = None) -> None:
        self._connections = Connections(resolve)
        super().__init__(
            webhook=WebhookSender(self._connections, timeout), slack=SlackSender(self._connections, timeout)
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._connections.close()
