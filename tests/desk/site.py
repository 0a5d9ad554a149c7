"""A desk over fakes, served by uvicorn on a free port, and a client for it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import uvicorn

import desk
from ceasewire.config.settings import DeskSettings
from ceasewire.metrics import Metrics
from tests.fakes.desk_ports import FakeNames, World, ports


@dataclass
class Site:
    """A running desk."""

    address: str
    world: World
    client: aiohttp.ClientSession

    async def get(self, path: str, status: int = 200, **headers: str) -> str:
        """The page, which must have the status."""
        async with self.client.get(
            self.address + path, headers={k.replace("_", "-"): v for k, v in headers.items()}, allow_redirects=False
        ) as answer:
            assert answer.status == status, f"{path}: {answer.status}"
            return await answer.text()


@asynccontextmanager
async def serve(
    world: World,
    settings: DeskSettings | None = None,
    sample: bool = False,
    health: Callable[[], desk.Health] = desk.Health,
) -> AsyncIterator[Site]:
    """The desk on 127.0.0.1, any free port."""
    site = desk.build(
        ports(world),
        settings or DeskSettings(),
        FakeNames,
        sample=sample,
        metrics=Metrics(),
        health=health,
        now=lambda: world.now,
    )
    server = uvicorn.Server(uvicorn.Config(site, log_level="error", timeout_graceful_shutdown=1, lifespan="off"))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = asyncio.create_task(server.serve([listening]))
        for _ in range(1000):
            if server.started:
                break
            await asyncio.sleep(0.01)
        try:
            async with aiohttp.ClientSession() as client:
                yield Site(address, world, client)
        finally:
            server.should_exit = True
            await running
