"""What was given up goes out again, by the command and from the desk: once for each wish, whoever sends meanwhile."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
import pytest

from ceasewire.codec import encode
from ceasewire.errors import CeasewireError
from ceasewire.topics import DEAD, DISPATCH
from cluster.broker import Outgoing
from cluster.demo.crew import free_port
from tests.cluster.brokers import asking, rows_of
from tests.cluster.dispatches import dispatch, id_of
from tests.cluster.indexes import asked
from tests.cluster.losses.stand import Stand, standing
from tests.fakes.feed_server import serving
from tests.fakes.receiver import Answer

# kafka-python leaves the sockets of failed connections to the garbage collector
pytestmark = [pytest.mark.timeout(300), pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]
COUNT = 8


async def until(met: Any, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not await asyncio.to_thread(met):
        assert monotonic() < end, f"not within {seconds:g} s"
        await asyncio.sleep(0.3)


def failed(stand: Stand) -> set[str]:
    """The deliveries that the index tells of as suspended, given up or to be tried again."""
    name = f"{stand.index.url}/{stand.index.prefix}-deliveries"
    asked(f"{name}/_refresh", method="POST")
    query = {"query": {"terms": {"state": ["retry", "suspended", "expired"]}}}
    return {one["_id"] for one in asked(f"{name}/_search?size=1000", query, "POST")["hits"]["hits"]}


async def came(stand: Stand, ids: Sequence[str]) -> None:
    await until(lambda: set(ids) <= stand.receiver.count().keys())


async def test_the_command_and_the_desk_send_again_once(
    kafka: str, elasticsearch: str, prefix: str, tmp_path: Path
) -> None:
    async with standing(kafka, elasticsearch, prefix, tmp_path) as stand:
        stand.receiver.answers["/amber"] = [Answer(status=410)]
        for _ in range(2):
            stand.start("notifier")
        stand.start("indexer")
        port = free_port()
        environ = dict(stand.crew.environ) | {"CEASEWIRE_DESK__PORT": str(port)}
        stand.crew.environ = environ
        stand.crew.start("desk", port)
        await stand.ready()
        ids = [id_of("amber", number) for number in range(COUNT)]
        sent = [id_of("birch", number) for number in range(COUNT)]
        with asking(stand.kafka) as broker:
            broker.write(
                [
                    Outgoing(DISPATCH, channel.encode(), encode(dispatch(channel, number)))
                    for number in range(COUNT)
                    for channel in ("amber", "birch")
                ]
            )
        await came(stand, sent)
        await until(lambda: failed(stand) == set(ids))
        listed = await asyncio.to_thread(stand.crew.command, "cluster", "alerts", "list", "--failed")
        assert len(listed.splitlines()) == COUNT
        assert "the receiver wants no more of these (410)" in listed
        before = stand.receiver.count()

        stand.receiver.answers["/amber"] = [Answer()]
        done = await asyncio.to_thread(stand.crew.command, "cluster", "alerts", "retry", ids[0])
        assert done == "1 delivery is sent now\n"
        async with aiohttp.ClientSession() as client:
            desk = f"http://127.0.0.1:{port}"
            head = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
            async with client.post(f"{desk}/deliveries/{ids[1]}/retry", headers=head) as answer:
                assert (answer.status, "Queued: it is tried at once." in await answer.text()) == (200, True)
            for other in (sent[0], "msg_none"):
                async with client.post(f"{desk}/deliveries/{other}/retry", headers=head) as answer:
                    assert (answer.status, "Nothing to do" in await answer.text()) == (200, True)
        await until(lambda: failed(stand) == set(ids[2:]))
        stand.start("notifier")  # its partitions are dealt anew while the others are resumed
        left = json.loads(await asyncio.to_thread(stand.crew.command, "cluster", "alerts", "retry", "--all", "--json"))
        assert set(left["due"]) == set(ids[2:])
        await until(lambda: failed(stand) == set())
        await stand.ready()
        again = Counter(stand.receiver.count())
        again.subtract(before)
        assert {id: count for id, count in again.items() if count} == dict.fromkeys(ids, 1)
        with pytest.raises(CeasewireError, match=f"no delivery {ids[0]} waits to be sent"):
            await asyncio.to_thread(stand.crew.command, "cluster", "alerts", "retry", ids[0])
        assert stand.crew.command("cluster", "alerts", "retry", "--all") == "no delivery failed\n"
        assert rows_of(stand.kafka, DEAD) == []
        stand.check()


async def test_the_desk_checks_a_feed(kafka: str, elasticsearch: str, prefix: str, tmp_path: Path) -> None:
    async with standing(kafka, elasticsearch, prefix, tmp_path) as stand, serving() as server:
        wire = {"id": "wire", "url": server.feed("/feed", "Talks begin", "Talks end"), "outlet": "Wire"}
        closed = {"id": "closed", "url": server.feed("/closed", "A"), "outlet": "Closed"}
        secret = {"id": "secret", "url": server.feed("/secret", "B"), "outlet": "S", "headers": {"X-Key": "${NOT_SET}"}}
        here = {"allow_private": ["127.0.0.0/8"]}
        feeds = {"feeds": [{**one, "interval": "1 s"} for one in (wire | here, closed, secret | here)]}
        (tmp_path / "config/feeds.yml").write_text(json.dumps(feeds), encoding="utf-8")
        port = free_port()
        stand.crew.environ = dict(stand.crew.environ) | {"CEASEWIRE_DESK__PORT": str(port)}
        stand.crew.start("desk", port)
        stand.start("indexer")
        await stand.ready()
        async with aiohttp.ClientSession() as client:

            async def check(feed: str, status: int = 200) -> str:
                address = f"http://127.0.0.1:{port}/feeds/{feed}/check"
                head = {"HX-Request": "true", "Sec-Fetch-Site": "same-origin"}
                async with client.post(address, headers=head) as answer:
                    assert answer.status == status, await answer.text()
                    return await answer.text()

            pages = await asyncio.gather(check("wire"), check("wire"))  # twice at a time is read twice, one by one
            assert all("Reads well" in page and "just checked" in page for page in pages)
            assert "leads into a private network" in await check("closed")
            assert await check("secret", 409) == "secret needs NOT_SET, which is not set where the desk runs"
            await check("nowhere", 404)
        assert (server.times("/feed"), server.times("/closed"), server.times("/secret")) == (2, 0, 0)
        assert server.most_open == 1
        items = rows_of(stand.kafka, "items")
        assert sorted(json.loads(row.value or b"")["title"] for row in items) == ["Talks begin", "Talks end"]
        states = {(row.key or b"").decode(): json.loads(row.value or b"") for row in rows_of(stand.kafka, "feeds")}
        assert {feed: state["health"] for feed, state in states.items()} == {"wire": "ok", "closed": "failing"}
        assert len(states["wire"]["entries"]) == 2
        # the producer that has the feed begins with what the desk has left; it is given what the desk is not
        stand.crew.environ = dict(stand.crew.environ) | {"NOT_SET": "set here"}
        stand.start("producer")
        await stand.ready()
        await until(lambda: server.times("/feed") >= 3)
        await until(lambda: len(rows_of(stand.kafka, "feeds")) > len(states) + 1)
        found = [json.loads(row.value or b"") for row in rows_of(stand.kafka, "items")]
        assert len([item for item in found if item["source"]["feed"] == "wire"]) == 2
        stand.check()
