"""The desk on its port: uvicorn over a socket that we open ourselves, so that a taken port is said in one line."""

import asyncio
import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from ceasewire.errors import CeasewireError

CLOSING = 3
"""Seconds that open pages and streams have to end."""


def open_port(host: str, port: int) -> socket.socket:
    """A bound socket; raises CeasewireError that says what to do where the port cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise CeasewireError(f"the desk cannot listen on {host}: no such address; set desk.host") from None
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)  # a browser that comes before the desk serves waits for it
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise CeasewireError(
                f"port {port} of {host} is taken by another program: end that, or take a free port with: "
                "ceasewire run --port 0"
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise CeasewireError(f"port {port} may not be opened by this user: choose one from 1024 up") from None
        raise CeasewireError(f"the desk cannot listen on {host} port {port}: {error.strerror}") from None
    listening.setblocking(False)
    return listening


def address_of(listening: socket.socket) -> str:
    """The address that a browser opens."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Quiet(uvicorn.Server):
    """Leaves signals to the runtime."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: ASGIApp, listening: socket.socket, stop: asyncio.Event) -> None:
    """Serves the app until `stop` is set; pages that are open then have three seconds to end."""
    server = _Quiet(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="error",  # its warnings tell of what any visitor may send, and advise to install more of it
            access_log=False,
            server_header=False,
            proxy_headers=False,
            ws="none",
            timeout_graceful_shutdown=CLOSING,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    server.should_exit = True
    await serving
