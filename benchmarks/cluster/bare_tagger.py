"""`python -m benchmarks.cluster.bare_tagger`: what a tagger does, in the plainest loop over aiokafka; until SIGTERM."""

import asyncio
import os
import signal
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from ceasewire import topics
from ceasewire.config.settings import KafkaSettings
from ceasewire.metrics import Metrics
from process.configuration import read_configuration
from process.hosting import places_of
from streams.stage import Handled, Row
from streams.tagging import Tagging


class _Edition:
    number = 1

    async def read(self) -> None:
        """There is one."""


async def tag(settings: KafkaSettings, stage: Tagging) -> None:
    """Gets many, handles each, awaits what was sent, commits."""
    servers = list(settings.bootstrap)
    consumer = AIOKafkaConsumer(
        settings.prefix + topics.ITEMS,
        bootstrap_servers=servers,
        group_id=f"{settings.prefix}tag",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_poll_records=500,
    )
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks=-1, linger_ms=20, compression_type="gzip")
    await consumer.start()
    await producer.start()
    try:
        while True:
            sent = []
            for rows in (await consumer.getmany(timeout_ms=200, max_records=200)).values():
                for one in rows:
                    at = datetime.fromtimestamp(one.timestamp / 1000, UTC)
                    handled = stage.handle(Row(topics.ITEMS, one.partition, one.offset, one.key, one.value, at))
                    assert isinstance(handled, Handled)
                    for output in handled.outputs:
                        sent.append(await producer.send(settings.prefix + output.topic, output.value, output.key))
            if sent:
                await asyncio.gather(*sent)
                await consumer.commit()
    finally:
        await producer.stop()
        await consumer.stop()


async def main() -> None:
    """Runs until SIGTERM."""
    configuration = read_configuration(places_of(os.environ), os.environ, None, False)
    stage = Tagging(lambda: configuration.engine, _Edition(), Metrics())
    task = asyncio.create_task(tag(configuration.settings.kafka, stage))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


if __name__ == "__main__":
    asyncio.run(main())
