"""The desk on its port: what visitors send does not fill the log."""

import asyncio
import logging

import aiohttp
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from process.listening import address_of, open_port, serve


async def test_a_visitor_who_wants_another_protocol_writes_no_line(caplog: pytest.LogCaptureFixture) -> None:
    async def page(_: object) -> PlainTextResponse:
        return PlainTextResponse("the desk")

    listening, stop = open_port("127.0.0.1", 0), asyncio.Event()
    address = address_of(listening)
    serving = asyncio.create_task(serve(Starlette(routes=[Route("/", page)]), listening, stop))
    caplog.set_level(logging.INFO)
    try:
        headers = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        }
        async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
            assert await answer.text() == "the desk"
        port = int(address.rsplit(":", 1)[1].strip("/"))
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        await reader.read()
        writer.close()
        await writer.wait_closed()
    finally:
        stop.set()
        await serving
        listening.close()
    assert [line.getMessage() for line in caplog.records if line.name.startswith("uvicorn")] == []
