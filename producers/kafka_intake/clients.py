"""Opens and ends clients of kafka-python: nothing of them stays behind, and it is told why one is refused."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka.errors import AuthorizationError, KafkaTimeoutError, SaslAuthenticationFailedError
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

REFUSALS = (SaslAuthenticationFailedError, AuthorizationError)
"""A broker answered, and does not let us in."""


class _Connections(KafkaConnectionManager):  # type: ignore[misc]
    """Keeps that a broker refused us, which the library only writes into its log while it tries again."""

    refused: BaseException | None = None

    def get_connection(self, *given: Any, **named: Any) -> Any:
        """The connection, as the library makes it."""
        connection = super().get_connection(*given, **named)
        connection.init_future.add_errback(self._note)
        return connection

    def _note(self, error: BaseException) -> None:
        # a broker that does not know the password answers and hangs up, and the library mostly sees the second only
        hung_up = "socket disconnected" in str(error) and self.config["security_protocol"].startswith("SASL")
        if isinstance(error, REFUSALS):
            self.refused = error
        elif hung_up and self.refused is None:
            self.refused = SaslAuthenticationFailedError("the broker hangs up while we log in")


def opened(kind: Callable[..., Any], **options: Any) -> Any:
    """A KafkaProducer, KafkaConsumer or KafkaAdminClient; raises KafkaError where no broker answers or lets us in.

    A client whose making fails is ended here: the library itself leaves a thread behind that tries for ever to
    connect, with its sockets, at each try.
    """
    made: list[Any] = []

    def connect(**given: Any) -> Any:
        net = NetworkSelector(**given)
        made.append(KafkaNetClient(net=net, manager=_Connections(net, **given), **given))
        return made[-1]

    try:
        return kind(kafka_client=connect, **options)
    except BaseException as error:
        refused = [one._manager.refused for one in made if one._manager.refused is not None]
        for one in made:
            with suppress(Exception):
                one.close()
        if refused and isinstance(error, KafkaTimeoutError):
            raise refused[0] from None
        raise


def end_producer(producer: Any) -> None:
    """Ends a producer at once, with all that it still holds.

    Its own close() first waits for what was sent, and raises, leaving its thread, where that does not come.
    """
    with suppress(Exception):
        producer._sender.force_close()
        producer._sender.join(2.0)
    with suppress(Exception):
        producer.close(timeout=1.0)
