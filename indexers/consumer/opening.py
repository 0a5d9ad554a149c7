"""Opens and ends clients of kafka-python so that nothing of them is left behind."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka.net.compat import KafkaNetClient


def opened(kind: Callable[..., Any], **options: Any) -> Any:
    """A consumer or producer; raises KafkaError where no broker answers.

    One whose making fails is ended here: the library leaves a thread behind that tries to connect for ever.
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
    """Ends a producer at once: its own close() waits for what was sent, and raises where that does not come."""
    with suppress(Exception):
        producer._sender.force_close()
        producer._sender.join(2.0)
    with suppress(Exception):
        producer.close(timeout=1.0)
