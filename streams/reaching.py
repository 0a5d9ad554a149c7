"""Waiting: for a broker that can be connected to, and for the first of several things."""

import asyncio
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from typing import Any

CONNECT_WITHIN = 3.0
LOOK_EVERY = 1.0


async def reached(addresses: Sequence[str], stop: asyncio.Event) -> bool:
    """Waits until one of the brokers, each as host:port, takes a connection; False where `stop` came before.

    Faust dies where it starts without a broker.
    """
    while not stop.is_set():
        for address in addresses:
            host, _, port = address.rpartition(":")
            with suppress(OSError, TimeoutError, ValueError):
                connecting = asyncio.open_connection(host.strip("[]"), int(port))
                _, writer = await asyncio.wait_for(connecting, CONNECT_WITHIN)
                writer.close()
                return True
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), LOOK_EVERY)
    return False


async def first(*waits: Awaitable[Any]) -> None:
    """Returns when one of them is over; the others are cancelled."""
    tasks = [asyncio.ensure_future(one) for one in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
