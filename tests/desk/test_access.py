"""Who is let in: hosts, the token, other sites' requests, and the headers of every answer."""

import json
import time
from http.cookies import SimpleCookie

import pytest
from pydantic import SecretStr

from ceasewire.config.settings import DeskSettings
from desk import Health
from desk.access import COOKIE, WRONG_SECONDS, Key, host_name, own_path
from desk.headers import POLICY
from tests.desk.site import Site, serve
from tests.fakes.desk_ports import World

TOKEN = "a long token with ümlaut"
LOCKED = DeskSettings(token=SecretStr(TOKEN))
QUOTED = "a%20long%20token%20with%20%C3%BCmlaut"


def test_the_policy_is_exactly_what_was_promised() -> None:
    assert POLICY == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@pytest.mark.parametrize(
    "path", ["/", "/api/items", "/static/desk.js", "/nothing", "/live", "/ready", "/metrics", "/search?q=%28a"]
)
async def test_every_answer_has_the_safe_headers(path: str) -> None:
    async with serve(World()) as site, site.client.get(site.address + path) as answer:
        assert answer.headers["Content-Security-Policy"] == POLICY
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Cache-Control" in answer.headers


async def test_a_fault_of_ours_shows_nothing_and_keeps_the_headers() -> None:
    world = World()
    async with serve(world) as site:
        del world.items[:]
        world.feeds.append(None)  # type: ignore[arg-type]
        async with site.client.get(site.address + "/feeds") as answer:
            text = await answer.text()
            assert answer.status == 500
            assert "Something went wrong" in text
            assert "NoneType" not in text
            assert answer.headers["Content-Security-Policy"] == POLICY


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8321", 200),
        ("LOCALHOST", 200),
        ("[::1]:8321", 200),
        ("desk.newsroom.example", 200),
        ("inner.example:99", 200),
        ("evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost@evil.example", 421),
        ("[::1].evil.example", 421),
        ("", 421),
    ],
)
async def test_only_known_hosts_are_answered(host: str, status: int) -> None:
    settings = DeskSettings(public_url="https://desk.newsroom.example/", allowed_hosts=("inner.example",))
    async with serve(World(), settings) as site:
        await site.get("/live", status, Host=host)


def test_names_of_hosts() -> None:
    assert [host_name(h) for h in ("A.example:80", "[::1]:80", "[::1]", "10.0.0.1", "a:b", "a@b", "[::1")] == [
        "a.example", "[::1]", "[::1]", "10.0.0.1", "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "none"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "{own}"}, 403),
        ({"Origin": "{own}"}, 303),
        ({"Origin": "https://desk.newsroom.example"}, 303),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 403),
    ],
)
async def test_another_site_cannot_press_our_buttons(headers: dict[str, str], status: int) -> None:
    settings = DeskSettings(public_url="https://desk.newsroom.example")
    async with serve(World(), settings) as site:
        sent = {name: value.format(own=site.address) for name, value in headers.items()}
        async with site.client.post(
            site.address + "/feeds/north_wire/check", headers=sent, allow_redirects=False
        ) as answer:
            assert answer.status == status
        assert bool(site.world.done) == (status == 303)


async def test_a_large_body_is_refused() -> None:
    async with serve(World()) as site:
        own = {"Sec-Fetch-Site": "same-origin"}
        async with site.client.post(site.address + "/sample", data=b"x" * 70000, headers=own) as answer:
            assert answer.status == 413


async def test_buttons_act_and_lead_only_to_own_pages() -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    async with serve(World()) as site:
        for path, target in (
            ("/deliveries/msg_wire1_watch_room/retry?back=/alerts/a_wire1", "/alerts/a_wire1"),
            ("/deliveries/msg_wire1_watch_room/retry?back=//evil.example", "/"),
            ("/deliveries/msg_wire1_watch_room/retry?back=https://evil.example", "/"),
        ):
            async with site.client.post(site.address + path, headers=own, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, target)
        async with site.client.post(
            site.address + "/deliveries/nope/retry", headers=own | {"HX-Request": "true"}
        ) as answer:
            assert "Nothing to do" in await answer.text()
        async with site.client.post(site.address + "/sample", headers=own | {"HX-Request": "true"}) as answer:
            assert 'href="http://127.0.0.1:8399/"' in await answer.text()
        async with site.client.post(
            site.address + "/feeds/state_bulletin/check", headers=own | {"HX-Request": "true"}
        ) as answer:
            assert "Reads well" in await answer.text()
        assert [one[0] for one in site.world.done] == ["retry", "retry", "retry", "retry", "sample", "check"]


@pytest.mark.parametrize(
    "path", ["//evil.example", "/\\evil.example", "https://evil.example", "evil", "", "/a\\b", "/a\nb", "javascript:x"]
)
def test_a_path_that_is_not_ours_becomes_the_front_page(path: str) -> None:
    assert own_path(path) == "/"


def test_own_paths_stay() -> None:
    assert own_path("/search?q=issue:ceasefire") == "/search?q=issue:ceasefire"


def test_the_key_shows_nothing() -> None:
    key = Key(TOKEN)
    assert TOKEN not in repr(key)
    assert TOKEN not in key.cookie
    assert not key.is_token(TOKEN + "x")


async def test_without_the_token_nothing_is_shown() -> None:
    async with serve(World(), LOCKED) as site:
        for path in ("/", "/search?q=x", "/items/i_wire1", "/?token=wrong"):
            async with site.client.get(site.address + path, allow_redirects=False) as answer:
                assert answer.status == 303
                assert answer.headers["Location"].startswith("/enter?next=")
                assert "wrong" not in answer.headers["Location"]
        for path in ("/api/items", "/metrics"):
            await site.get(path, 401)
        for path in ("/live", "/ready", "/static/page.css"):
            await site.get(path)


async def test_ready_tells_a_stranger_no_names() -> None:
    health = Health(reasons=("disk_full: 3 MB are free",), notes=("feeds_failing: secret_feed", "no name: secret_feed"))
    async with serve(World(), LOCKED, health=lambda: health) as site:
        said = json.loads(await site.get("/ready", 503))
        assert said == {"ready": False, "reasons": ["disk_full"], "notes": ["feeds_failing", "unnamed"]}
        told = await site.get("/ready", 503, Cookie=f"{COOKIE}={Key(TOKEN).cookie}")
        assert json.loads(told)["notes"] == list(health.notes)


async def test_the_address_with_the_token_opens_once_and_hides_it() -> None:
    async with serve(World(), LOCKED) as site:
        async with site.client.get(
            site.address + f"/search?q=issue:ceasefire&token={QUOTED}", allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/search?q=issue%3Aceasefire")
            cookie = answer.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert TOKEN not in cookie
        value = SimpleCookie(cookie)[COOKIE].value
        await site.get("/", Cookie=f"{COOKIE}={value}")
        await site.get("/", 303, Cookie=f"{COOKIE}={value[:-1]}x")


async def test_bearer_and_form_open_too() -> None:
    async with serve(World(), LOCKED) as site:
        plain = DeskSettings(token=SecretStr("plain"))
        async with serve(World(), plain) as other:
            await other.get("/metrics", Authorization="Bearer plain")
            await other.get("/metrics", 401, Authorization="Bearer plai")
        own = {"Sec-Fetch-Site": "same-origin"}
        async with site.client.post(
            site.address + "/enter", data={"token": TOKEN, "next": "//evil.example"}, headers=own, allow_redirects=False
        ) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/")
        async with site.client.post(site.address + "/enter", data={"token": "no", "next": "/"}, headers=own) as answer:
            assert answer.status == 401
            assert "That is not the token" in await answer.text()


async def test_a_visitor_from_a_link_elsewhere_is_led_on_once() -> None:
    """A strict cookie is not sent with a link from another site, so the entrance leads on to the same page."""
    async with serve(World(), LOCKED) as site:
        elsewhere = await site.get("/enter?next=/alerts/a_wire1", 401, Sec_Fetch_Site="cross-site")
        assert '<meta http-equiv="refresh" content="0;url=/alerts/a_wire1">' in elsewhere
        assert "http-equiv" not in await site.get("/enter?next=/alerts/a_wire1", 401, Sec_Fetch_Site="same-origin")


async def test_no_secret_stands_in_any_answer() -> None:
    async with serve(World(), LOCKED) as site:
        for path in ("/enter", "/", "/nothing"):
            async with site.client.get(site.address + path) as answer:
                assert TOKEN not in await answer.text()


async def test_a_wrong_token_is_answered_late_and_the_right_one_at_once() -> None:
    async def seconds(site: Site, path: str, form: dict[str, str] | None = None, **headers: str) -> float:
        method = "GET" if form is None else "POST"
        began = time.monotonic()
        own = {"Sec-Fetch-Site": "same-origin", **headers}
        async with site.client.request(
            method, site.address + path, data=form, headers=own, allow_redirects=False
        ) as answer:
            await answer.read()
        return time.monotonic() - began

    async with serve(World(), DeskSettings(token=SecretStr("a plain long token"))) as site:
        right = [
            await seconds(site, "/enter", {"token": "a plain long token"}),
            await seconds(site, "/?token=a%20plain%20long%20token"),
            await seconds(site, "/api/feeds", Authorization="Bearer a plain long token"),
            await seconds(site, "/enter"),
        ]
        wrong = [
            await seconds(site, "/enter", {"token": "another long token"}),
            await seconds(site, "/?token=another"),
            await seconds(site, "/api/feeds", Authorization="Bearer another long token"),
        ]
    assert min(wrong) >= WRONG_SECONDS
    assert min(right) < WRONG_SECONDS
