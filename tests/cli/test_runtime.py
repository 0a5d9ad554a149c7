"""The whole process: start, work, commands beside it, stop."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from typer.testing import CliRunner

from ceasewire.alerts import State
from ceasewire.errors import CeasewireError, NotRunning, StoreError
from embedded.cli.app import build
from embedded.runtime import Options, Runtime
from embedded.socket import ask
from embedded.store import open_store
from process.configuration import Configuration
from process.places import Places
from tests.cli.folders import ENVIRON, RULE, eventually, make_places, news, write_feeds
from tests.fakes.feed_server import Answer, FeedServer, serving
from tests.fakes.receiver import Answer as Hook
from tests.fakes.receiver import Receiver, receiving


@asynccontextmanager
async def running(places: Places, **options: Any) -> AsyncIterator[Runtime]:
    said: list[str] = options.pop("said", [])
    runtime = Runtime(places, ENVIRON, Options(port=0, **options), say=said.append)
    await runtime.start()
    try:
        yield runtime
    finally:
        await runtime.stop()


@asynccontextmanager
async def world(folder: Path, *titles: str) -> AsyncIterator[tuple[Places, FeedServer, Receiver]]:
    async with serving() as feeds, receiving() as receiver:
        feeds.routes["/feed"] = Answer(news(*titles), headers={"Content-Type": "application/rss+xml"})
        yield make_places(folder, feeds.url("/feed"), channel=f"{receiver.address}/hook"), feeds, receiver


async def get(address: str) -> tuple[int, Any]:
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        return answer.status, await (answer.json() if "json" in answer.content_type else answer.text())


async def test_from_a_feed_to_an_alert_the_search_and_the_page(tmp_path: Path) -> None:
    async with (
        world(tmp_path, "The harbour opens", "A fair opens") as (places, _, receiver),
        running(places) as runtime,
    ):
        await eventually(lambda: receiver.at("/hook"))
        assert receiver.at("/hook")[0].verify(ENVIRON["TEAM_KEY"])["type"] == "alert.created"
        status, found = await get(f"{runtime.address}api/items?q=fair")
        assert status == 200
        assert "A fair opens" in str(found)
        assert (await get(f"{runtime.address}ready")) == (200, {"ready": True, "reasons": [], "notes": []})
        assert (await get(f"{runtime.address}live"))[0] == 200
        assert "ceasewire_feed_polls_total" in (await get(f"{runtime.address}metrics"))[1]
        assert len(receiver.at("/hook")) == 1


async def test_a_second_start_sends_nothing_again(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, feeds, receiver):
        async with running(places):
            await eventually(lambda: receiver.at("/hook"))
        asked = feeds.times("/feed")
        async with running(places) as runtime:
            await runtime.first_round()
            await eventually(lambda: feeds.times("/feed") > asked)
            await runtime.nothing_due()
        assert len(receiver.at("/hook")) == 1


async def test_a_second_runtime_is_refused_with_the_pid(tmp_path: Path) -> None:
    async with world(tmp_path) as (places, _, _), running(places) as first:
        with pytest.raises(StoreError, match=rf"runs already .*process {os.getpid()}") as refused:
            async with running(places):
                pass
        assert str(refused.value).endswith(f"; its desk is at {first.address}")
        assert (await asyncio.to_thread(ask, places.socket, "ping")) == "here"


async def test_what_is_edited_while_it_starts_is_taken(tmp_path: Path) -> None:
    places = make_places(tmp_path, "http://127.0.0.1:9/feed")
    taken: list[int] = []

    def on_configuration(configuration: Configuration) -> None:
        taken.append(len(configuration.feeds))
        if len(taken) == 1:
            write_feeds(places.config, "http://127.0.0.1:9/feed", "http://127.0.0.1:9/other")

    async with running(places, on_configuration=on_configuration):
        await eventually(lambda: taken == [1, 2])


async def test_a_taken_port_says_what_to_do(tmp_path: Path) -> None:
    async with world(tmp_path) as (places, _, _):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            runtime = Runtime(places, ENVIRON, Options(port=port))
            with pytest.raises(CeasewireError, match=rf"^port {port} of 127.0.0.1 is taken .* ceasewire run --port 0$"):
                await runtime.start()
        async with running(places):  # nothing is held by the one that failed
            pass


async def test_commands_speak_with_the_running_process(tmp_path: Path) -> None:
    async with world(tmp_path, "A fair opens") as (places, feeds, receiver), running(places) as runtime:
        await runtime.first_round()
        asked = feeds.times("/feed")
        state = await asyncio.to_thread(ask, places.socket, "check_feed", {"feed": "f0", "force": True})
        assert state["health"] == "ok"
        assert feeds.times("/feed") > asked
        with pytest.raises(CeasewireError, match="no feed is named f9"):
            await asyncio.to_thread(ask, places.socket, "check_feed", {"feed": "f9"})
        outcome = await asyncio.to_thread(ask, places.socket, "test_channel", {"channel": "team"})
        assert outcome["name"] == "delivered"
        assert len(receiver.at("/hook")) == 1
        with pytest.raises(CeasewireError, match='no channel is named "nobody"'):
            await asyncio.to_thread(ask, places.socket, "test_channel", {"channel": "nobody"})
        assert await asyncio.to_thread(ask, places.socket, "retry_delivery", {"delivery": "msg_none"}) is False
        status = await asyncio.to_thread(ask, places.socket, "status")
        assert status["pid"] == os.getpid()
        assert status["address"] == runtime.address
        assert status["findings"] == []
    with pytest.raises(NotRunning):
        await asyncio.to_thread(ask, places.socket, "status")


async def test_a_new_channel_in_a_refused_folder_is_not_called_unknown(tmp_path: Path) -> None:
    async with world(tmp_path) as (places, _, _), running(places):
        (places.config / "settings.yml").write_text("desk:\n  prt: 1\n")
        said = await asyncio.to_thread(ask, places.socket, "reload")
        assert said["taken"] is False
        with pytest.raises(CeasewireError, match=r'the one in the folder is refused(.|\n)*unknown key "prt"'):
            await asyncio.to_thread(ask, places.socket, "test_channel", {"channel": "myhook"})


async def test_a_delivery_that_was_given_up_is_a_finding(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, _, receiver):
        async with running(places):
            await eventually(lambda: receiver.at("/hook"))
        store = open_store(places.store, lambda: datetime.now(UTC))
        (sent,) = (await store.alerts.alerts()).alerts[0].deliveries
        await store.outbox.save(msgspec.structs.replace(sent, state=State.EXPIRED, version=sent.version + 1))
        store.close()
        async with running(places):
            status = await asyncio.to_thread(ask, places.socket, "status")
            assert [finding["reason"] for finding in status["findings"]] == ["deliveries_expired"]


async def test_status_tells_how_long_deliveries_took(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, _, receiver), running(places) as runtime:
        await eventually(lambda: receiver.at("/hook"))
        await runtime.nothing_due()
        took = (await asyncio.to_thread(ask, places.socket, "status"))["delays"]
        assert took["own"]["count"] == 1
        assert 0 <= took["own"]["p50"] <= took["published"]["p95"] < 60
        words = ["--config", str(places.config), "--data", str(places.data), "status"]
        said = await asyncio.to_thread(CliRunner().invoke, build(), words)
        assert "delivered: from publication p50 " in said.stdout


async def test_live_changes_reach_all_parts(tmp_path: Path) -> None:
    async with world(tmp_path, "A fair opens") as (places, feeds, receiver), running(places) as runtime:
        await runtime.first_round()
        (places.config / "rules" / "harbour.yml").write_text(RULE.replace("query: harbour", "query: pier"))
        feeds.routes["/two"] = Answer(news("A pier is built"), headers={"Content-Type": "application/rss+xml"})
        write_feeds(places.config, feeds.url("/feed"), feeds.url("/two"))
        await eventually(lambda: receiver.at("/hook"), 30)
        (places.config / "channels.yml").write_text("channels: [\n")
        readiness: dict[str, Any] = {}

        async def look() -> None:
            nonlocal readiness
            while not readiness.get("notes"):
                readiness = (await get(f"{runtime.address}ready"))[1]
                await asyncio.sleep(0.05)

        await asyncio.wait_for(look(), 30)
        assert readiness["ready"]
        assert "channels.yml:2: not YAML" in readiness["notes"][0]
        assert "channels.yml:2: not YAML" in (await get(f"{runtime.address}feeds"))[1]
        said = await asyncio.to_thread(ask, places.socket, "reload")
        assert said["taken"] is False
        assert "channels.yml:2" in said["faults"][0]


async def test_without_a_network_it_says_so_once_and_keeps_trying(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/feed"
        places = make_places(tmp_path, url, url + "2")
        said: list[str] = []
        async with running(places, said=said) as runtime:
            await asyncio.wait_for(runtime.first_round(), 10)
            assert said == ["none of 2 feeds could be reached; see it work without a network: make demo"]
            assert (await get(runtime.address))[0] == 200


async def test_a_start_without_feeds_says_so(tmp_path: Path) -> None:
    places = make_places(tmp_path)
    said: list[str] = []
    async with running(places, said=said):
        assert said == [f"no feeds: nothing is polled until {places.config}/feeds.yml names one"]


async def test_a_fresh_start_makes_the_folder(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "config", data=tmp_path / "data")
    said: list[str] = []
    environ = {"CEASEWIRE_POLLING__PROXY": "http://127.0.0.1:9"}  # no feed is reached, whatever the network
    runtime = Runtime(places, environ, Options(port=0), say=said.append)
    await runtime.start()
    await runtime.stop()
    assert said[0].endswith(f"files were made in {places.config}")
    assert (places.config / "feeds.yml").is_file()
    assert places.data.stat().st_mode & 0o077 == 0


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    places = Places(config=tmp_path / "file" / "config", data=tmp_path / "data")
    with pytest.raises(CeasewireError, match=r"^cannot make .*config: Not a directory; choose another"):
        await Runtime(places, {}, Options(port=0)).start()


async def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    places = make_places(tmp_path / "other")
    empty = Places(config=tmp_path / "config", data=places.data)
    empty.config.mkdir()
    async with running(empty):
        assert (empty.config / "rules" / "ceasefire.yml").is_file()
        assert (empty.config / ".schemas" / "rule.json").is_file()


async def test_secrets_show_nowhere(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, feeds, receiver):
        write_feeds(places.config, feeds.url("/feed") + "?key=feed-secret-123", feeds.url("/none") + "?token=${F_KEY}")
        environ = {**ENVIRON, "F_KEY": "feed-secret-456", "CEASEWIRE_DESK__TOKEN": "desk-secret-0123456789"}
        feeds.routes["/feed?key=feed-secret-123"] = feeds.routes["/feed"]
        runtime = Runtime(places, environ, Options(port=0))
        await runtime.start()
        try:
            await eventually(lambda: receiver.at("/hook"))
            shown = []
            headers = {"Authorization": "Bearer desk-secret-0123456789"}
            async with aiohttp.ClientSession(headers=headers) as session:
                for path in ("", "feeds", "alerts", "api/feeds", "api/alerts", "metrics", "ready"):
                    async with session.get(runtime.address + path) as answer:
                        assert answer.status == 200, path
                        shown.append(await answer.text())
            shown.append(str(await asyncio.to_thread(ask, places.socket, "status")))
            secrets = ("feed-secret-123", "feed-secret-456", "desk-secret", ENVIRON["TEAM_KEY"], "/hook")
            assert not [secret for secret in secrets if any(secret in text for text in shown)]
        finally:
            await runtime.stop()


def command(places: Places, *words: str) -> list[str]:
    program = str(Path(sys.executable).parent / "ceasewire")
    return [program, "--config", str(places.config), "--data", str(places.data), *words]


async def test_a_process_ends_within_ten_seconds_of_sigterm(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, _, receiver):
        environ = {**os.environ, **ENVIRON}
        process = await asyncio.create_subprocess_exec(
            *command(places, "run"), env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        assert "its desk is at http://127.0.0.1:" in line
        await eventually(lambda: receiver.at("/hook"))
        began = asyncio.get_running_loop().time()
        process.terminate()
        _, errors = await asyncio.wait_for(process.communicate(), 10)
        assert process.returncode == 0, errors.decode()
        assert asyncio.get_running_loop().time() - began < 10
        assert not places.socket.exists()
        assert ENVIRON["TEAM_KEY"] not in errors.decode()
        assert len(receiver.at("/hook")) == 1


async def test_a_receiver_that_hangs_and_an_open_page_do_not_hold_up_the_end(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, _, receiver), aiohttp.ClientSession() as session:
        receiver.answers["/hook"] = [Hook(manner="hang")]
        runtime = Runtime(places, ENVIRON, Options(port=0))
        await runtime.start()
        async with session.get(f"{runtime.address}updates") as updates:
            assert updates.status == 200
            await eventually(lambda: receiver.at("/hook"))
            began = asyncio.get_running_loop().time()
            await runtime.stop()
            assert asyncio.get_running_loop().time() - began < 10
        assert await runtime.wait() is None
        receiver.answers["/hook"] = [Hook()]
        async with running(places):
            await eventually(lambda: len(receiver.at("/hook")) == 2)
        first, second = receiver.at("/hook")
        assert first.id == second.id


async def test_a_part_that_dies_ends_the_whole(tmp_path: Path) -> None:
    async with world(tmp_path) as (places, _, _), running(places) as runtime:

        async def fail() -> None:
            raise LookupError("a bug")

        runtime._tasks.start("a part", fail())
        assert await asyncio.wait_for(runtime.wait(), 5) == "the task a part died (LookupError: a bug)"


async def test_once_polls_sends_and_ends(tmp_path: Path) -> None:
    async with world(tmp_path, "The harbour opens") as (places, feeds, receiver):
        environ = {**os.environ, **ENVIRON}
        process = await asyncio.create_subprocess_exec(
            *command(places, "run", "--once"),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0, errors.decode()
        assert b"1 of 1 feeds read" in said
        assert len(receiver.at("/hook")) == 1
        feeds.routes["/feed"] = Answer(status=404)
        process = await asyncio.create_subprocess_exec(
            *command(places, "run", "--once", "--json"),
            env=environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 1, said
        told = json.loads(said)
        assert (told["feeds"], told["failing"], told["finished"]) == (1, {"f0": "not_found"}, True)
