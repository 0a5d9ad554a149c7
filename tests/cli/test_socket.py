"""Requests from commands to a running process."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ceasewire.errors import CeasewireError, NotRunning
from embedded.socket import Server, ask, is_running


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def double(values: Mapping[str, Any]) -> int:
    return int(values["number"]) * 2


async def refuse(values: Mapping[str, Any]) -> None:
    raise CeasewireError("no feed has this id")


async def fail(values: Mapping[str, Any]) -> None:
    raise ZeroDivisionError("secret words")


@pytest.fixture(params=["short", "long"])
async def path(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Path]:
    folder = tmp_path if request.param == "short" else tmp_path / ("a" * 120)
    server = Server(folder / "c.sock", {"double": double, "refuse": refuse, "fail": fail})
    await server.start()
    yield folder / "c.sock"
    await server.stop()
    assert not (folder / "c.sock").exists()


async def test_a_request_is_answered(path: Path) -> None:
    assert await asyncio.to_thread(ask, path, "double", {"number": 21}) == 42
    assert mode(path) == 0o600


async def test_a_refusal_keeps_its_words(path: Path) -> None:
    with pytest.raises(CeasewireError, match=r"^no feed has this id$"):
        await asyncio.to_thread(ask, path, "refuse")


async def test_a_bug_is_named_and_the_next_request_answered(path: Path) -> None:
    with pytest.raises(CeasewireError, match=r"^ZeroDivisionError in the running process"):
        await asyncio.to_thread(ask, path, "fail")
    assert await asyncio.to_thread(ask, path, "double", {"number": 1}) == 2


async def test_an_unknown_request_and_a_wrong_line(path: Path) -> None:
    with pytest.raises(CeasewireError, match='knows no request "nothing"'):
        await asyncio.to_thread(ask, path, "nothing")
    assert await asyncio.to_thread(is_running, path)


def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(NotRunning, match="ceasewire run"):
        ask(tmp_path / "c.sock", "double")
    with pytest.raises(NotRunning):
        ask(tmp_path / ("b" * 150) / "c.sock", "double")


async def test_a_socket_left_by_a_dead_process(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "c.sock"))
    assert (tmp_path / "c.sock").exists()
    assert not await asyncio.to_thread(is_running, tmp_path / "c.sock")
    second = Server(tmp_path / "c.sock", {"double": double})
    await second.start()
    assert await asyncio.to_thread(ask, tmp_path / "c.sock", "double", {"number": 2}) == 4
    await second.stop()
