"""What `explain ADDRESS` fetches, and how: by the settings that feeds are fetched by, in the page's own charset."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ceasewire.errors import CeasewireError
from embedded.cli.app import build
from embedded.cli.explaining import read_source
from process.places import Places
from tests.fakes.feed_server import Answer, FeedServer, serving

TITLE = "Переговори тривають"
PAGE = f"<html><head><TITLE lang=uk>{TITLE}</TITLE></head><body><p>Сторони обмінялися списками полонених.</p></body>"
LOOPBACK = "polling:\n  allow_private: [127.0.0.0/8]\n"


async def read(tmp_path: Path, url: str, settings: str = LOOPBACK, **environ: str) -> tuple[str, str]:
    places = Places(tmp_path / "config", tmp_path / "data")
    places.config.mkdir()
    (places.config / "settings.yml").write_text(settings, encoding="utf-8")
    return await asyncio.to_thread(read_source, url, places, environ)


def page(server: FeedServer, body: bytes, **headers: str) -> str:
    server.routes["/page"] = Answer(body, headers=headers)
    return server.url("/page")


@pytest.mark.parametrize(
    ("charset", "served", "meta"),
    [
        ("utf-8", "text/html", ""),
        ("windows-1251", "text/html; charset=windows-1251", ""),
        ("koi8-u", "text/html", '<meta charset="koi8-u">'),
        ("cp866", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=cp866">'),
        ("utf-16", "text/html", ""),
    ],
)
async def test_a_page_is_read_in_its_charset(tmp_path: Path, charset: str, served: str, meta: str) -> None:
    async with serving() as server:
        body = PAGE.replace("<head>", f"<head>{meta}").encode(charset, "replace")
        title, text = await read(tmp_path, page(server, body, **{"Content-Type": served}))
    assert title == TITLE.encode(charset, "replace").decode(charset)
    assert "полонених" in text


async def test_a_charset_that_only_the_page_names_is_believed(tmp_path: Path) -> None:
    async with serving() as server:
        body = "<html><head><meta charset=shift_jis><title>停戦交渉</title></head><body>合意</body>".encode("shift_jis")
        assert await read(tmp_path, page(server, body)) == ("停戦交渉", "合意")


async def test_letters_that_grow_when_small_move_no_title(tmp_path: Path) -> None:
    async with serving() as server:
        body = f"<!-- {'İ' * 50} --><title>Talks go on</title><body>Envoys meet.</body>".encode()
        assert await read(tmp_path, page(server, body)) == ("Talks go on", "Envoys meet.")


async def test_the_contact_and_the_proxy_of_the_settings_are_used(tmp_path: Path) -> None:
    async with serving() as server:
        server.routes["http://outlet.example/page"] = Answer(PAGE.encode())
        settings = "polling:\n  contact: desk@valley.example\n"
        title, _ = await read(tmp_path, "http://outlet.example/page", settings, CEASEWIRE_POLLING__PROXY=server.url(""))
        assert title == TITLE
        assert "desk@valley.example" in server.asked[0].headers["user-agent"]


async def test_a_private_address_is_refused_where_the_settings_name_no_network(tmp_path: Path) -> None:
    async with serving() as server:
        with pytest.raises(CeasewireError, match="private network"):
            await read(tmp_path, page(server, PAGE.encode()), "")
        assert server.asked == []


def explain(tmp_path: Path, source: str, given: str = "") -> Result:
    folders = ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    return CliRunner().invoke(build(), [*folders, "explain", source], input=given)


def test_a_language_that_no_pack_covers_is_said(tmp_path: Path) -> None:
    said = explain(tmp_path, "-", "双方代表团星期二在日内瓦继续举行停火谈判，会谈持续了九个小时。")
    assert "language zh: not covered by the packs (en uk ru de fr es pl)" in said.stdout


def test_a_word_that_stands_often_is_told_once(tmp_path: Path) -> None:
    said = explain(tmp_path, "-", "A ceasefire\nThe ceasefire holds. A ceasefire was the aim.")
    assert '"ceasefire" 3 times (' in said.stdout


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "no such file or directory"), (b"\x80\xff\x00", "is not UTF-8 text"), (b"PK\x00\x01", "is not text")],
)
def test_what_is_no_text_is_said_in_words(tmp_path: Path, content: bytes | None, says: str) -> None:
    path = tmp_path / "story"
    if content is not None:
        path.write_bytes(content)
    said = explain(tmp_path, str(path))
    assert said.exit_code == 2
    assert says in said.stderr
    assert "Errno" not in said.stderr
    assert "codec" not in said.stderr
