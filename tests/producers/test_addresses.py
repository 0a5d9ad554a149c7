"""Addresses that are not fetched: inner ones in every form, and ones that nothing could make right."""

from collections.abc import Sequence

import pytest

from producers.fetch import Failed, Wanted, fetch
from producers.reasons import WORDS, Reason
from tests.fakes.feed_server import Answer, FeedServer, serving
from tests.producers.test_fetch import LOOPBACK, get, reason, settings

PRIVATE = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "0.0.0.0",
    "0",
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[fe80::1]",
    "[fd00::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "any.example",
    "%31%32%37.0.0.1",
    "１２７.0.0.1",
    "127。0。0。1",
    "①②⑦.0.0.1",
]


@pytest.mark.parametrize("host", PRIVATE)
@pytest.mark.parametrize("way", ["feed", "redirect"])
async def test_no_form_of_an_inner_address_is_reached(host: str, way: str) -> None:
    async with serving() as canary, serving("127.0.0.3") as outer:
        url = f"http://{host}:{canary.port}/secret"
        outer.routes["/f"] = Answer(raw=f"HTTP/1.1 302 Go\r\nLocation: {url}\r\n\r\n".encode())
        if way == "redirect":
            url = outer.url("/f", "127.0.0.3")
        outcome = await get(url, allow=["127.0.0.3/32"])
        assert reason(outcome) in (Reason.PRIVATE_ADDRESS, Reason.BAD_REDIRECT), outcome
        assert canary.asked == []
        assert len(outer.asked) == (way == "redirect")


async def test_a_redirect_into_the_inner_network_is_refused(server: FeedServer) -> None:
    async with serving("127.0.0.2") as canary:
        for host in ("127.0.0.2", "[::ffff:127.0.0.2]", "inner.example"):
            server.routes["/f"] = Answer(status=302, headers={"Location": canary.url("/secret", host)})

            async def resolve(name: str) -> Sequence[str]:
                return ["127.0.0.2"]

            outcome = await fetch(Wanted(url=server.url("/f"), allow=LOOPBACK), settings(), resolve)
            assert reason(outcome) is Reason.PRIVATE_ADDRESS, host
        assert canary.asked == []


async def test_a_name_that_changes_its_address_is_judged_at_each_connection() -> None:
    async with serving() as outer, serving("127.0.0.2") as canary:
        answers = iter([["127.0.0.1"], ["127.0.0.2"]])

        async def resolve(name: str) -> Sequence[str]:
            return next(answers)

        outer.routes["/f"] = Answer(status=302, headers={"Location": f"http://flip.example:{canary.port}/secret"})
        url = f"http://flip.example:{outer.port}/f"
        outcome = await fetch(Wanted(url=url, allow=LOOPBACK), settings(), resolve)
        assert reason(outcome) is Reason.PRIVATE_ADDRESS
        assert (len(outer.asked), canary.asked) == (1, [])


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://valley.example:1/f", "http://valley.example:1 is refused: port 1 belongs to another protocol"),
        ("https://valley.example:22/f?key=oak", "https://valley.example:22 is refused: port 22 belongs"),
        ("ftp://valley.example/f", "ftp://valley.example is refused: only http and https are requested"),
        ("http://8.8.2056/f", "an IP address in disguise: write 8.8.8.8"),
    ],
)
async def test_an_address_that_no_allowed_network_makes_right_is_named_so(
    server: FeedServer, url: str, told: str
) -> None:
    outcome = await get(url)
    assert reason(outcome) is Reason.BAD_ADDRESS
    assert isinstance(outcome, Failed)
    assert told in outcome.detail
    assert "allow_private" not in WORDS[Reason.BAD_ADDRESS]
    server.routes["/f"] = Answer(status=302, headers={"Location": url})
    assert reason(await get(server.url("/f"))) is Reason.BAD_REDIRECT


async def test_a_private_address_stays_one_that_an_allowed_network_opens() -> None:
    for url in ("http://10.0.0.1/f", "http://localhost/f", "http://127.1/f", "http://[::1]/f"):
        assert reason(await get(url, allow=())) is Reason.PRIVATE_ADDRESS, url
