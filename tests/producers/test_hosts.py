"""A server is asked one thing at a time, whatever address or redirect leads to it."""

import asyncio
from datetime import timedelta

import pytest

from producers.hosts import Hosts, server_of
from tests.fakes.feed_server import Answer, rss, serving
from tests.producers.conftest import Bench, running, until


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://post.example/a", "https://post.example:443/b"),
        ("http://post.example/a", "http://post.example:80/b"),
        ("http://post.example/a", "https://post.example/b"),
        ("https://Post.Example/a", "https://me:key@post.example./b"),
        ("https://пошта.example/a", "https://xn--80a1acn3a.example/b"),
    ],
)
def test_one_server_has_many_addresses(one: str, other: str) -> None:
    assert server_of(one) == server_of(other)


@pytest.mark.parametrize(
    "other", ["https://post.example:8443/", "https://www.post.example/", "https://post.example:x/"]
)
def test_another_server_is_another(other: str) -> None:
    assert server_of("https://post.example/") != server_of(other)


async def test_feeds_that_are_led_to_one_server_ask_it_one_after_the_other(bench: Bench) -> None:
    async with serving() as front, serving() as side:
        for number, server in enumerate((front, side, front, side)):
            bench.server.routes[f"/{number}"] = Answer(chunks=[rss(f"Line {number}")], pause=0.1)
            location = {"Location": bench.server.url(f"/{number}")}
            server.routes[f"/{number}"] = Answer(status=302, headers=location)
            bench.add(f"feed_{number}", server.url(f"/{number}"))
        bench.add("own", bench.server.feed("/own", "Own line"))
        async with running(bench):
            await until(lambda: len(bench.intake.items) == 5)
    assert bench.server.most_open == 1


async def test_two_servers_that_lead_to_each_other_do_not_wait_for_ever(bench: Bench) -> None:
    async with serving() as other:
        for number in range(4):
            here, there = (bench.server, other) if number % 2 else (other, bench.server)
            here.routes[f"/{number}"] = Answer(status=302, headers={"Location": there.url(f"/{number}/end")})
            there.routes[f"/{number}/end"] = Answer(chunks=[rss(f"Line {number}")], pause=0.05)
            bench.add(f"feed_{number}", here.url(f"/{number}"))
        async with running(bench):
            await until(lambda: len(bench.intake.items) == 4)
        assert (bench.server.most_open, other.most_open) == (1, 1)


async def test_waiting_for_a_turn_is_not_the_servers_slowness(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"timeout": timedelta(seconds=1)})
    for number in range(5):
        bench.server.routes[f"/{number}"] = Answer(chunks=[rss(f"Line {number}")], pause=0.4)
        bench.add(f"feed_{number}", bench.server.url(f"/{number}"))
    states = await asyncio.gather(*(bench.check(f"feed_{number}") for number in range(5)))
    assert [state.health for state in states] == ["ok"] * 5
    assert bench.server.most_open == 1


async def test_nothing_is_remembered_of_a_server_that_is_let_go() -> None:
    hosts = Hosts()
    async with hosts.hold("https://post.example/"):
        waiting = asyncio.create_task(hosts.hold("https://post.example/").__aenter__())
        await asyncio.sleep(0)
        assert hosts.busy() == {"post.example"}
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    assert hosts.busy() == set()
