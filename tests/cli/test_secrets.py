"""Twelve planted secrets, and everything that the program shows, writes or hands on."""

import asyncio
import os
import sys
from pathlib import Path

import aiohttp

from process.places import Places
from tests.cli.folders import KEY, eventually, make_places, news
from tests.fakes.feed_server import Answer, FeedServer, serving
from tests.fakes.receiver import Receiver, receiving

PLANTED = {
    "feed_key": "planted-feed-key-01",
    "feed_password": "planted-feed-password-02",
    "feed_header": "planted-feed-header-03",
    "feed_proxy": "planted-feed-proxy-04",
    "redirect": "planted-redirect-key-05",
    "channel_path": "planted-channel-path-06",
    "slack_path": "planted-slack-path-07",
    "signing_key": KEY,
    "token": "planted-desk-token-09",
    "wrong_token": "planted-wrong-token-10",
    "from_file": "planted-in-a-file-11",
    "broken_channel": "planted-broken-channel-12",
}


def plant(folder: Path, feeds: FeedServer, receiver: Receiver) -> tuple[Places, dict[str, str]]:
    places = make_places(folder)
    file = folder / "secret"
    file.write_text(PLANTED["from_file"])
    file.chmod(0o600)
    url = feeds.url
    feeds.routes[f"/good?key={PLANTED['feed_key']}"] = Answer(
        news("The harbour opens"), headers={"Content-Type": "application/rss+xml"}
    )
    feeds.routes["/moved"] = Answer(
        status=302, headers={"Location": url(f"/gone?token={PLANTED['redirect']}", host="localhost")}
    )
    with_user = url("/locked").replace("http://", f"http://reader:{PLANTED['feed_password']}@")
    (places.config / "feeds.yml").write_text(
        f"""feeds:
  - {{id: good, outlet: A, url: "{url("/good")}?key=${{FEED_KEY}}"}}
  - {{id: locked, outlet: B, url: "{with_user}"}}
  - {{id: headed, outlet: C, url: "{url("/headed")}", headers: {{X-Key: "${{FEED_HEADER}}"}}}}
  - {{id: moved, outlet: D, url: "{url("/moved")}"}}
  - {{id: filed, outlet: E, url: "{url("/filed")}?auth=${{FILED}}"}}
  - {{id: proxied, outlet: F, url: "http://valley.example/", proxy: "http://u:{PLANTED["feed_proxy"]}@127.0.0.1:9"}}
"""
    )
    (places.config / "channels.yml").write_text(
        f"""channels:
  - {{id: team, kind: webhook, url: "{receiver.address}/${{CHANNEL_PATH}}", secret: "${{TEAM_KEY}}",
     allow_private: [127.0.0.0/8]}}
  - {{id: chat, kind: slack, url: "{receiver.address}/{PLANTED["slack_path"]}", allow_private: [127.0.0.0/8]}}
  - {{id: broken, kind: slack, url: "http://nobody.invalid/{PLANTED["broken_channel"]}"}}
"""
    )
    rule = (places.config / "rules" / "harbour.yml").read_text().replace("[team]", "[team, chat, broken]")
    (places.config / "rules" / "harbour.yml").write_text(rule)
    environ = {
        "TEAM_KEY": KEY,
        "FEED_KEY": PLANTED["feed_key"],
        "FEED_HEADER": PLANTED["feed_header"],
        "FILED_FILE": str(file),
        "CHANNEL_PATH": PLANTED["channel_path"],
        "CEASEWIRE_DESK__TOKEN": PLANTED["token"],
        "CEASEWIRE_LOG__LEVEL": "debug",
    }
    return places, environ


async def run(places: Places, environ: dict[str, str], *words: str) -> str:
    process = await start(places, environ, *words)
    said, errors = await asyncio.wait_for(process.communicate(), 60)
    return (said + errors).decode()


async def start(places: Places, environ: dict[str, str], *words: str) -> asyncio.subprocess.Process:
    program = str(Path(sys.executable).parent / "ceasewire")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CEASEWIRE")}
    return await asyncio.create_subprocess_exec(
        *(program, "--config", str(places.config), "--data", str(places.data), *words),
        env={**inherited, **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def fetch(address: str) -> list[str]:
    """Every kind of page, and the answers to someone without the token."""
    shown = []
    headers = {"Authorization": f"Bearer {PLANTED['token']}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in ("", "feeds", "alerts", "decisions", "stories", "volume", "api/feeds", "api/alerts", "api/items"):
            async with session.get(address + path) as answer:
                assert answer.status == 200, path
                shown.append(await answer.text())
    async with aiohttp.ClientSession() as session:
        for path in ("", "metrics", "ready", "live", f"?token={PLANTED['wrong_token']}"):
            async with session.get(address + path) as answer:
                shown.append(await answer.text())
    return shown


def leaks(shown: dict[str, str]) -> list[tuple[str, str]]:
    return [(place, name) for place, text in shown.items() for name, secret in PLANTED.items() if secret in text]


def command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text() if Path("/proc").exists() else ""


async def test_no_planted_secret_is_shown(tmp_path: Path) -> None:
    async with serving() as feeds, receiving() as receiver:
        places, environ = plant(tmp_path, feeds, receiver)
        process = await start(places, environ, "run")
        assert process.stdout is not None
        shown: dict[str, str] = {}
        try:
            first = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
            address = first.split(" is at ")[1].split()[0]
            await eventually(lambda: len(receiver.requests) >= 2)
            shown["ps"] = command_line(process.pid)
            shown["pages"] = "\n".join(await fetch(address))
            for words in (["status"], ["feeds", "list"], ["feeds", "check", "locked"], ["alerts", "list", "--json"]):
                shown[" ".join(words)] = await run(places, environ, *words)
            shown["test"] = await run(places, environ, "alerts", "test", "broken")
            shown["doctor"] = await run(places, environ, "doctor")
            (places.config / "channels.yml").write_text(
                f"channels:\n  - {{id: x, kind: slack, url: [{PLANTED['slack_path']}], secret: {KEY}}}\n"
            )
            shown["validate"] = await run(places, environ, "validate")
            await asyncio.sleep(2)
            shown["ready"] = "\n".join(await fetch(address))
        finally:
            process.terminate()
            said, errors = await asyncio.wait_for(process.communicate(), 60)
        shown["log"] = first + said.decode() + errors.decode()
    assert "configuration_refused" in shown["log"]
    assert '"feed":"locked"' in shown["log"]
    assert "channels.yml:2" in shown["ready"]
    assert leaks(shown) == []
