"""Fetching over real sockets: what is sent, what is followed, what is refused, and when it ends."""

import itertools
import time
import zlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import brotli
import pytest

from ceasewire.config.settings import PollingSettings
from producers.connection import SystemNames
from producers.fetch import (
    Failed,
    Fetched,
    Outcome,
    Unchanged,
    Wanted,
    fetch,
    may_have_headers_of,
    read_retry_after,
    shown,
)
from producers.reasons import Reason
from tests.fakes.feed_server import Answer, Asked, FeedServer, serving

LOOPBACK = ("127.0.0.1/32",)
BODY = b"<rss>" + b"a line of news, and another one. " * 2000 + b"</rss>"


async def names(host: str) -> Sequence[str]:
    """Every name is this machine."""
    return ["127.0.0.1"]


def settings(**more: Any) -> PollingSettings:
    return PollingSettings(timeout=timedelta(seconds=5)).model_copy(update=more)


async def get(
    url: str, *, allow: Sequence[str] = LOOPBACK, within: PollingSettings | None = None, **more: Any
) -> Outcome:
    return await fetch(Wanted(url=url, allow=allow, **more), within or settings(), names)


def body(outcome: Outcome) -> bytes:
    assert isinstance(outcome, Fetched), outcome
    return outcome.body


def reason(outcome: Outcome) -> Reason:
    assert isinstance(outcome, Failed), outcome
    return outcome.reason


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def gzipped(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=31)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("identity", BODY),
        ("gzip", gzipped(BODY)),
        ("x-gzip", gzipped(BODY)),
        ("gzip", gzipped(BODY[:5000]) + gzipped(BODY[5000:])),
        ("gzip", BODY),
        ("deflate", zlib.compress(BODY)),
        ("deflate", raw_deflate(BODY)),
        ("br", brotli.compress(BODY)),
        ("deflate", BODY),
        ("br", b"\xef\xbb\xbf" + BODY),
        ("none", BODY),
        ("UTF-8", BODY),
        ("identity, gzip", gzipped(BODY)),
    ],
    ids=[
        *("identity", "gzip", "x-gzip", "two members", "a lie", "zlib", "raw deflate", "brotli"),
        *("plain for deflate", "plain for brotli", "none", "charset", "list"),
    ],
)
@pytest.mark.parametrize("size", [1, 700, 10**9])
async def test_encodings_are_read_in_any_chunks(server: FeedServer, encoding: str, packed: bytes, size: int) -> None:
    step = max(size, len(packed) // 500)
    chunks = [packed[at : at + step] for at in range(0, len(packed), step)]
    server.routes["/f"] = Answer(chunks=chunks, headers={"Content-Encoding": encoding})
    outcome = await get(server.url("/f"))
    assert body(outcome).removeprefix(b"\xef\xbb\xbf") == BODY
    assert isinstance(outcome, Fetched)
    assert outcome.whole


@pytest.mark.parametrize("encoding", ["br", "gzip", "deflate"])
async def test_a_body_that_explodes_is_left(server: FeedServer, encoding: str) -> None:
    blank = b" " * 60_000_000
    packed = {
        "br": lambda: brotli.compress(blank, quality=5),
        "gzip": lambda: gzipped(blank),
        "deflate": lambda: zlib.compress(blank),
    }
    server.routes["/f"] = Answer(packed[encoding](), headers={"Content-Encoding": encoding})
    assert reason(await get(server.url("/f"))) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [("br", b"\xff" * 50), ("gzip", b"\x1f\x8b" + b"\xff" * 50), ("zstd", b"x"), ("gzip, br", b"x")],
)
async def test_broken_compression_is_named(server: FeedServer, encoding: str, sent: bytes) -> None:
    server.routes["/f"] = Answer(sent, headers={"Content-Encoding": encoding})
    assert reason(await get(server.url("/f"))) is Reason.BAD_COMPRESSION


async def test_an_endless_body_is_left_at_the_limit(server: FeedServer) -> None:
    server.routes["/f"] = Answer(chunks=itertools.repeat(b"x" * 65536))
    assert reason(await get(server.url("/f"))) is Reason.TOO_LARGE


async def test_one_byte_at_a_time_meets_the_one_deadline(server: FeedServer) -> None:
    server.routes["/f"] = Answer(chunks=itertools.repeat(b"x"), pause=0.1)
    began = time.monotonic()
    outcome = await get(server.url("/f"), within=settings(timeout=timedelta(seconds=0.5)))
    assert reason(outcome) is Reason.TOO_SLOW
    assert time.monotonic() - began < 2


async def test_slow_redirects_share_the_one_deadline(server: FeedServer) -> None:
    def slow(asked: Asked) -> Answer:
        return Answer(status=302, headers={"Location": f"/{len(server.asked)}"}, chunks=[b"."], pause=0.3)

    for number in range(6):
        server.routes[f"/{number}"] = slow
    server.routes["/0"] = Answer(chunks=itertools.repeat(b"x"), pause=5)
    outcome = await get(server.url("/0"), within=settings(timeout=timedelta(seconds=0.5)))
    assert reason(outcome) is Reason.TOO_SLOW


async def test_five_redirects_are_followed_and_six_are_not(server: FeedServer) -> None:
    for number in range(6):
        server.routes[f"/{number}"] = Answer(status=302, headers={"Location": f"/{number + 1}"})
    server.routes["/6"] = Answer(BODY)
    assert body(await get(server.url("/1"))) == BODY
    assert reason(await get(server.url("/0"))) is Reason.TOO_MANY_REDIRECTS


async def test_a_circle_of_redirects_is_named(server: FeedServer) -> None:
    server.routes["/a"] = Answer(status=301, headers={"Location": "/b"})
    server.routes["/b"] = Answer(status=301, headers={"Location": "/a"})
    assert reason(await get(server.url("/a"))) is Reason.REDIRECT_LOOP


@pytest.mark.parametrize(
    "location", ["ftp://127.0.0.1/x", "javascript:alert(1)", "file:///etc/passwd", "", "http://[::1"]
)
async def test_a_redirect_to_no_web_address_is_named(server: FeedServer, location: str) -> None:
    server.routes["/f"] = Answer(status=302, headers={"Location": location})
    assert reason(await get(server.url("/f"))) is Reason.BAD_REDIRECT


async def test_a_permanent_redirect_is_told(server: FeedServer) -> None:
    server.routes["/a"] = Answer(status=308, headers={"Location": "/b"})
    server.routes["/b"] = Answer(status=302, headers={"Location": "/c"})
    server.routes["/c"] = Answer(BODY)
    outcome = await get(server.url("/a"))
    assert isinstance(outcome, Fetched)
    assert (outcome.moved, outcome.url) == (server.url("/b"), server.url("/c"))


async def test_of_several_addresses_only_the_allowed_are_used(server: FeedServer) -> None:
    server.routes["/f"] = Answer(BODY)

    async def resolve(name: str) -> Sequence[str]:
        return ["10.0.0.1", "::1", "127.0.0.1"]

    outcome = await fetch(Wanted(url=server.url("/f", "mixed.example"), allow=LOOPBACK), settings(), resolve)
    assert body(outcome) == BODY


async def test_headers_of_a_feed_stay_with_its_host(server: FeedServer) -> None:
    async with serving() as other:
        server.routes["/f"] = Answer(status=302, headers={"Location": "/g", "Set-Cookie": "a=b"})
        server.routes["/g"] = Answer(status=302, headers={"Location": other.url("/h")})
        other.routes["/h"] = Answer(BODY)
        outcome = await get(server.url("/f"), headers={"Authorization": "Bearer oak"})
    assert body(outcome) == BODY
    assert [asked.headers.get("authorization") for asked in (*server.asked, *other.asked)] == [
        "Bearer oak",
        "Bearer oak",
        None,
    ]
    assert not any("cookie" in asked.headers for asked in (*server.asked, *other.asked))


async def test_a_login_goes_where_headers_may_go(server: FeedServer) -> None:
    async with serving() as other:
        server.routes["/f"] = Answer(status=302, headers={"Location": "/g"})
        server.routes["/g"] = Answer(status=302, headers={"Location": server.url("/h").replace("://", "://x:y@")})
        server.routes["/h"] = Answer(status=302, headers={"Location": other.url("/i").replace("://", "://x:y@")})
        other.routes["/i"] = Answer(BODY)
        outcome = await get(server.url("/f").replace("://", "://me:oak@"))
    assert body(outcome) == BODY
    login = "Basic bWU6b2Fr"
    given = [asked.headers.get("authorization") for asked in (*server.asked, *other.asked)]
    assert given == [login, login, login, None]


async def test_a_blank_in_a_redirect_is_quoted(server: FeedServer) -> None:
    server.routes["/f"] = Answer(status=302, headers={"Location": "/a feed?q=b c"})
    server.routes["/a%20feed?q=b%20c"] = Answer(BODY)
    assert body(await get(server.url("/f"))) == BODY


@pytest.mark.parametrize(
    ("own", "url", "same"),
    [
        ("https://a.example/f", "https://a.example:443/g", True),
        ("http://a.example/f", "https://a.example/f", True),
        ("https://a.example/f", "http://a.example/f", False),
        ("https://a.example/f", "https://a.example:8443/f", False),
        ("http://a.example:8080/f", "https://a.example/f", False),
        ("https://a.example/f", "https://b.a.example/f", False),
    ],
)
def test_whose_headers_may_go_where(own: str, url: str, same: bool) -> None:
    assert may_have_headers_of(own, url) is same


async def test_we_say_who_we_are(server: FeedServer) -> None:
    server.routes["/f"] = Answer(BODY)
    await get(server.url("/f"), within=settings(contact="mailto:desk@valley.example"))
    headers = server.asked[0].headers
    assert headers["user-agent"] == "Ceasewire/0.1 (+mailto:desk@valley.example)"
    assert headers["accept-encoding"] == "gzip, deflate, br"


async def test_an_unchanged_feed_is_not_sent_again(server: FeedServer) -> None:
    server.routes["/f"] = lambda asked: Answer(status=304 if asked.headers.get("if-modified-since") == "then" else 200)
    outcome = await get(server.url("/f"), last_modified="then")
    assert isinstance(outcome, Unchanged)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Reason.LOGIN_WANTED),
        (403, Reason.FORBIDDEN),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (418, Reason.REFUSED),
        (429, Reason.ASKED_TO_WAIT),
        (500, Reason.SERVER_ERROR),
        (503, Reason.SERVER_ERROR),
        (304, Reason.BAD_ANSWER),
        (305, Reason.REFUSED),
    ],
)
async def test_each_status_has_its_reason(server: FeedServer, status: int, expected: Reason) -> None:
    server.routes["/f"] = Answer(status=status)
    assert reason(await get(server.url("/f"))) is expected


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", "", 120.0),
        ("0", "", 0.0),
        ("999999", "", 86400.0),
        ("99999999999999999999", "", 86400.0),
        ("-5", "", None),
        ("soon", "", None),
        ("", "", None),
        ("Sun, 01 Mar 2026 12:10:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 600.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 0.0),
        ("Sun, 01 Mar 2099 11:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 86400.0),
    ],
)
def test_retry_after_is_read(value: str, date: str, seconds: float | None) -> None:
    assert read_retry_after(value, date) == seconds


async def test_a_wish_to_wait_is_passed_on(server: FeedServer) -> None:
    server.routes["/f"] = Answer(status=503, headers={"Retry-After": "90"})
    outcome = await get(server.url("/f"))
    assert isinstance(outcome, Failed)
    assert (outcome.reason, outcome.retry_after) == (Reason.ASKED_TO_WAIT, 90.0)


@pytest.mark.parametrize(
    "raw", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99999 + b"\r\n\r\n"]
)
async def test_what_is_not_http_is_named(server: FeedServer, raw: bytes) -> None:
    server.routes["/f"] = Answer(raw=raw)
    assert reason(await get(server.url("/f"))) is Reason.BAD_ANSWER


async def test_a_server_that_hangs_up_is_named(server: FeedServer) -> None:
    server.routes["/f"] = Answer(raw=b"")
    assert reason(await get(server.url("/f"))) is Reason.NO_CONNECTION


async def test_no_server_and_no_name_are_named() -> None:
    async with serving() as gone:
        url = gone.url("/f")
    assert reason(await get(url)) is Reason.NO_CONNECTION

    async def unknown(name: str) -> Sequence[str]:
        raise OSError("name not known")

    outcome = await fetch(Wanted(url="http://nowhere.example/f"), settings(), unknown)
    assert reason(outcome) is Reason.NO_ADDRESS


async def test_plain_http_where_tls_is_wanted_is_named(server: FeedServer) -> None:
    server.routes["/f"] = Answer(BODY)
    outcome = await get(server.url("/f").replace("http:", "https:"))
    assert reason(outcome) in (Reason.BAD_CERTIFICATE, Reason.NO_CONNECTION)


async def test_a_proxy_is_used_where_named(server: FeedServer) -> None:
    server.routes["http://outlet.example/f"] = Answer(BODY)
    outcome = await fetch(Wanted(url="http://outlet.example/f", proxy=server.url("")), settings(), SystemNames())
    assert body(outcome) == BODY
    refused = await fetch(Wanted(url="http://10.0.0.1/f", proxy=server.url("")), settings(), SystemNames())
    assert reason(refused) is Reason.PRIVATE_ADDRESS


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://user:pass@feeds.example:8443/a/b?key=oak") == "https://feeds.example:8443"
