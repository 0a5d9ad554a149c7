"""Opens and ends clients of kafka-python so that nothing of them stays behind."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka.net.compat import KafkaNetClient


def opened(kind: Callable[..., Any], **options: Any) -> Any:
    """A KafkaProducer, KafkaConsumer or KafkaAdminClient; raises KafkaError where no broker answers.

    A client whose making fails is ended here: the library itself leaves a thread behind that tries for ever to
    connect, with its sockets, at each try.
    """
    made: list[Any] = []

    def connect(**given: Any) -> Any:
        made.append(KafkaNetClient(**given))
        return made[-1]

    try:
        return kind(kafka_client=connect, **options)
    except BaseException:
        for one in made:
            with suppress(Exception):
                one.close()
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
