"""A broker that wants a password: let in with the right one, refused in words with another, and neither shows."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from ceasewire.config.settings import KafkaSettings
from ceasewire.errors import StoreError
from ceasewire.metrics import Metrics
from cluster.broker import Broker
from producers.kafka_intake import KafkaIntake
from tests.cluster.brokers import make_topics, rows_of, taking
from tests.store.making import make_item, make_state

PASSWORD = "forty-two-ducks"
JAAS = (
    "org.apache.kafka.common.security.plain.PlainLoginModule required "
    f'username="broker" password="other" user_broker="other" user_ceasewire="{PASSWORD}";'
)


@pytest.fixture
def settings(own_broker: Callable[..., Any], prefix: str) -> KafkaSettings:
    broker = own_broker(
        protocols=("PLAINTEXT", "SASL_PLAINTEXT"),
        settings={
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.sasl_plaintext.plain.sasl.jaas.config": JAAS,
        },
    )
    return KafkaSettings(
        bootstrap=(broker.address_for("SASL_PLAINTEXT"),),
        prefix=prefix,
        partitions=1,
        protocol="sasl_plaintext",
        mechanism="PLAIN",
        username="ceasewire",
        password=SecretStr(PASSWORD),
    )


async def test_the_right_password_is_let_in_and_a_wrong_one_refused_in_words(
    settings: KafkaSettings, capfd: pytest.CaptureFixture[str]
) -> None:
    await asyncio.to_thread(make_topics, settings)
    async with taking(settings) as intake:
        await intake.commit([make_item(1)], make_state())
        assert await intake.state("morning_wire") == make_state()
    assert len(await asyncio.to_thread(rows_of, settings, "items")) == 1

    wrong = settings.model_copy(update={"password": SecretStr("another-password")})
    with pytest.raises(StoreError) as refused:
        await asyncio.to_thread(Broker(wrong).__enter__)
    shut_out, stop = KafkaIntake(wrong, Metrics()), asyncio.Event()
    task = asyncio.create_task(shut_out.run(stop))
    await asyncio.sleep(6)
    [trouble] = shut_out.trouble()
    stop.set()
    await task
    await shut_out.close()
    assert trouble.startswith("not_let_in: ")
    assert "kafka in settings.yml" in trouble
    assert "does not let us in" in str(refused.value)
    said = capfd.readouterr()
    everything = f"{refused.value} {trouble} {settings!r} {wrong!r} {said.out} {said.err}"
    assert "another-password" not in everything
    assert PASSWORD not in everything
