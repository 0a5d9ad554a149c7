"""Over real sockets: channels that hang, trickle or refuse slow no other one down, and no secret gets out."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from prometheus_client import generate_latest

from ceasewire.alerts import State
from ceasewire.config.channels import Channel
from ceasewire.metrics import Metrics
from streams.notify.senders import Senders
from streams.notify.sending import Sending
from tests.fakes.outbox import MemoryOutbox
from tests.fakes.receiver import Answer, closed_address, receiving
from tests.notify.samples import delivery, hook

BAD = [Answer(manner="hang"), Answer(200, "ok", manner="trickle"), Answer(500, "no", manner="open"),
       Answer(manner="reset"), Answer(301, "", (("location", "/well0"),)),
       Answer(429, "", (("retry-after", "9"),))]  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


async def test_ten_of_twenty_channels_misbehave(capsys: pytest.CaptureFixture[str]) -> None:
    async with receiving() as receiver:
        channels: list[Channel] = [hook(f"{closed_address()}/bad0-secret-path", id="bad0")]
        for number in range(10):
            channels.append(hook(f"{receiver.address}/well{number}", id=f"well{number}"))
        for number in range(1, 10):
            path = f"/bad{number}-secret-path"
            receiver.answers[path] = [BAD[number % len(BAD)]]
            channels.append(hook(f"{receiver.address}{path}", id=f"bad{number}"))
        outbox = MemoryOutbox(*(delivery(channel, n, now()) for channel in channels for n in range(5)))
        senders = Senders(lambda: timedelta(seconds=3))
        metrics = Metrics()
        known = {channel.id: channel for channel in channels}
        sending = Sending(outbox, senders, lambda: known, metrics, now, outbox)
        stop = asyncio.Event()
        task = asyncio.create_task(sending.run(stop))
        began = monotonic()

        def waiting() -> int:
            rows = [row for row in outbox.rows.values() if row.channel.startswith("well")]
            return sum(row.state != State.DELIVERED for row in rows)

        while waiting():
            assert monotonic() - began < 2
            await asyncio.sleep(0.01)
        stop.set()
        await task
        await senders.close()
        assert max(receiver.most_in_flight.values()) == 1
        assert len(receiver.at("/well0")) == 5
        told = capsys.readouterr().out + generate_latest(metrics.registry).decode() + repr(outbox.rows)
        assert "secret-path" not in told
        assert channels[0].secret is not None
        assert channels[0].secret.get_secret_value() not in told
