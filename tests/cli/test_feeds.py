"""The commands about feeds."""

import asyncio
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from ceasewire.config.feeds import read_feeds
from ceasewire.config.lines import read_yaml
from ceasewire.errors import ConfigurationError
from embedded.cli import feeds as commands
from embedded.feed_file import Addition, new_id, with_additions
from process.places import Places
from tests.fakes.feed_server import Answer, FeedServer, rss, serving

SETTINGS = "packs: []\npolling:\n  timeout: 5 s\n  allow_private: [127.0.0.1/32]\n"
MINE = """# My feeds.
feeds:
    - id: valley      # the first
      url: https://valley.example/feed
      outlet: Valley
"""


class Desk:
    """A folder with the commands over it."""

    def __init__(self, folder: Path) -> None:
        self.places = Places(config=folder / "config", data=folder / "data")
        (self.places.config / "rules").mkdir(parents=True)
        self.file = self.places.config / "feeds.yml"
        (self.places.config / "settings.yml").write_text(SETTINGS)

    def __call__(self, *words: str) -> Result:
        app = typer.Typer()
        commands.add(app)
        return CliRunner().invoke(app, ["feeds", *words], obj=self.places, env={"COLUMNS": "200"})

    def ids(self) -> list[str]:
        return [feed.id for feed in read_feeds(read_yaml(self.file.read_text(), "feeds.yml"))]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_parse_says_in_json_what_the_file_holds(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(
        b"<rss><channel><title>Valley &amp;amp; river</title><item><guid>g1</guid><link>/one</link>"
        b"<title>Talks &lt;b&gt;open&lt;/b&gt; at last</title><pubDate>Wed, 17 May 2023 05:12:40 +0200</pubDate></item>"
        b"<item><title>Second</title></item></channel></rss>"
    )
    bad = tmp_path / "bad.xml"
    bad.write_text("nothing")
    said = desk("parse", "--json", str(file), str(bad))
    assert said.exit_code == 0, said.output  # the batch was done: each line tells of its file
    first, second = map(json.loads, said.stdout.splitlines())
    assert first == {
        "file": str(file),
        "title": "Valley & river",
        "entries": [
            {"id": "g1", "link": "/one", "title": "Talks open at last", "published": "2023-05-17T03:12:40Z"},
            {"id": None, "link": None, "title": "Second", "published": None},
        ],
    }
    assert (second["entries"], second["reason"]) == ([], "not_a_feed")


def test_parse_tells_a_person_and_ends_with_1_where_a_file_is_no_feed(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_bytes(rss("Talks open"))
    assert "Talks open" in desk("parse", str(file)).output
    bad = tmp_path / "bad.xml"
    bad.write_text("nothing")
    assert desk("parse", str(bad)).exit_code == 1


def test_parse_ends_with_2_where_a_file_cannot_be_opened(desk: Desk, tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.xml")
    said = desk("parse", missing)
    assert said.exit_code == 2
    assert "The file cannot be read. (No such file or directory)" in said.output
    said = desk("parse", "--json", missing)
    assert (json.loads(said.stdout)["reason"], said.exit_code) == ("no_file", 2)


def test_additions_leave_the_text_as_it_is() -> None:
    text = with_additions(MINE, [Addition("river", "https://river.example/f?a=1&b=#x", "Yes: no", comment="a\nb")], "f")
    assert text.startswith(MINE)
    added = read_feeds(read_yaml(text, "f"))[1]
    assert (added.id, added.url, added.outlet) == ("river", "https://river.example/f?a=1&b=#x", "Yes: no")
    assert "    # a b\n    - id: river\n      url:" in text


@pytest.mark.parametrize("text", ["", "feeds:\n", "# none yet\nfeeds: []\n", "feeds: [] # none\n", "feeds:"])
def test_the_first_feed_of_an_empty_list(text: str) -> None:
    whole = with_additions(text, [Addition("river", "https://river.example/f", "Річка")], "f")
    assert [feed.outlet for feed in read_feeds(read_yaml(whole, "f"))] == ["Річка"]


@pytest.mark.parametrize(
    "outlet",
    ["true", "12", "1.5", "- x", "a: b", "#1", '"quoted"', "[x]", "{y}", "null", "x #y", "&a", "*b", "%c", "@d"],
)
def test_any_name_is_spelled_so_that_it_is_read_again(outlet: str) -> None:
    whole = with_additions("", [Addition("river", "https://river.example/f", outlet)], "f")
    assert read_feeds(read_yaml(whole, "f"))[0].outlet == outlet


def test_what_would_not_be_valid_is_not_written(desk: Desk) -> None:
    with pytest.raises(ConfigurationError, match="stands already"):
        with_additions(MINE, [Addition("valley", "https://river.example/f", "River")], "f")
    with pytest.raises(ConfigurationError, match="brackets"):
        with_additions(
            "feeds: [{id: a, url: 'https://a.example', outlet: A}]", [Addition("b", "https://b.example", "B")], "f"
        )


def test_ids_are_made_from_names_and_hosts() -> None:
    assert new_id("The Valley Post!", "https://x.example", ()) == "the_valley_post"
    assert new_id("Річка", "https://www.river.example/f", ()) == "river_example"
    assert new_id("2 Rivers", "https://x.example", {"rivers"}) == "rivers_2"


def test_import_and_export(desk: Desk, tmp_path: Path) -> None:
    desk.file.write_text(MINE)
    other = tmp_path / "list.opml"
    other.write_text(
        '<opml version="2.0"><body><outline text="Agencies"><outline type="rss" text="River" '
        'xmlUrl="https://river.example/f"/></outline><outline type="rss" text="V" xmlUrl="https://valley.example/feed"/>'
        "</body></opml>"
    )
    said = desk("import", str(other))
    assert said.exit_code == 0, said.output
    assert "1 feed added" in said.output
    assert desk.file.read_text().startswith(MINE)
    assert "# Agencies" in desk.file.read_text()
    assert desk.ids() == ["valley", "river"]
    assert 'xmlUrl="https://river.example/f"' in desk("export").stdout
    assert desk("import", str(tmp_path / "nothing.opml")).exit_code == 2


def test_an_import_leaves_out_what_could_never_be_polled_and_says_so(desk: Desk, tmp_path: Path) -> None:
    desk.file.write_text(MINE)
    other = tmp_path / "list.opml"
    outlines = (
        '<outline type="rss" text="Blank" xmlUrl="https://blank.example/a feed"/>'
        '<outline type="rss" text="Post box" xmlUrl="https://port.example:25/feed"/>'
        '<outline type="rss" text="Known" xmlUrl="https://valley.example/feed" category="/id/other"/>'
        '<outline type="rss" text="Inner" xmlUrl="http://10.1.2.3/feed" category="/id/Ein Wort"/>'
        '<outline type="rss" text="True" xmlUrl="https://words.example/f" category="/id/null"/>'
    )
    other.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    said = desk("import", str(other))
    assert said.exit_code == 1, said.output
    assert "2 feeds added" in said.output
    assert "1 there already" in said.output
    assert "left out: Blank: the address holds blanks" in said.output
    assert "left out: Post box: port 25" in said.output
    assert desk.ids() == ["valley", "inner", "words_example"]


def test_an_import_reads_the_charset_that_the_list_names(desk: Desk, tmp_path: Path) -> None:
    desk.file.write_text(MINE)
    other = tmp_path / "list.opml"
    text = (
        '<?xml version="1.0" encoding="windows-1251"?><opml version="2.0"><body>'
        '<outline type="rss" text="Річкова пошта" xmlUrl="https://river.example/f"/></body></opml>'
    )
    other.write_bytes(text.encode("windows-1251"))
    said = desk("import", "--json", str(other))
    assert json.loads(said.stdout) == {"added": ["river_example"], "known": 0, "skipped": []}
    assert "outlet: Річкова пошта" in desk.file.read_text(encoding="utf-8")


def test_an_import_into_no_folder_makes_all_of_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "other")
    desk.places = Places(config=tmp_path / "config", data=tmp_path / "data")
    desk.file = desk.places.config / "feeds.yml"
    one = tmp_path / "list.opml"
    one.write_text(
        '<opml version="2.0"><body><outline type="rss" text="River" xmlUrl="https://river.example/f"/></body></opml>'
    )
    assert desk("import", str(one)).exit_code == 0
    assert (desk.places.config / "rules" / "ceasefire.yml").is_file()
    assert len(desk.ids()) > 40
    assert desk.ids()[-1] == "river"


def test_a_folder_without_its_list_is_not_given_another_one(desk: Desk, tmp_path: Path) -> None:
    for words in (["export"], ["check"], ["list"]):
        said = desk(*words)
        assert said.exit_code == 2
        assert "feeds.yml: is missing; ceasewire init adds it" in said.output


def test_export_shows_no_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALLEY_KEY", "oak-and-ash")
    desk.file.write_text(MINE.replace("/feed", "/feed?key=${VALLEY_KEY}"))
    said = desk("export").stdout
    assert "oak-and-ash" not in said
    assert "${VALLEY_KEY}" in said


def test_list_shows_no_secret(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALLEY_KEY", "oak-and-ash")
    desk.file.write_text(MINE.replace("/feed", "/${VALLEY_KEY}/feed"))
    said = desk("list", "--json")
    assert json.loads(said.stdout)["address"] == "https://valley.example/***/feed"
    assert "oak-and-ash" not in said.output


async def in_thread(call: Any, *words: str) -> Result:
    result: Result = await asyncio.to_thread(call, *words)
    return result


async def test_add_finds_previews_and_writes(desk: Desk) -> None:
    desk.file.write_text(MINE)
    async with serving() as server:
        server.routes["/"] = Answer(b'<link rel="alternate" type="application/rss+xml" href="/f"><html>')
        url = server.feed("/f", "Talks open")
        said = await in_thread(desk, "add", server.url("/"), "--kind", "agency", "--country", "UA")
        assert said.exit_code == 0, said.output
        assert "Talks open" in said.output
        assert desk.ids() == ["valley", "wire_of_the_valley"]
        added = read_feeds(read_yaml(desk.file.read_text(), "f"))[1]
        assert (added.url, added.outlet, added.kind, added.country) == (url, "Wire of the valley", "agency", "UA")
        again = await in_thread(desk, "add", url)
        assert "already" in again.output
        again = await in_thread(desk, "add", "--json", url)
        found = [{"url": url, "title": "Wire of the valley", "entries": 1}]
        assert json.loads(again.stdout) == {"id": "wire_of_the_valley", "added": False, "found": found}
        other = await in_thread(desk, "add", "--json", server.feed("/other", "Talks open"))
        assert (json.loads(other.stdout)["id"], desk.ids()[-1]) == ("wire_of_the_valley_2", "wire_of_the_valley_2")
        nothing = await in_thread(desk, "add", server.url("/nothing"))
        assert nothing.exit_code == 2


async def test_a_feed_of_a_private_network_is_added_with_its_network(desk: Desk) -> None:
    (desk.places.config / "settings.yml").write_text("packs: []\n")
    desk.file.write_text(MINE)
    async with serving() as server:
        url = server.feed("/f", "Talks open")
        refused = await in_thread(desk, "add", url, "--yes")
        assert refused.exit_code == 2
        assert "name the network with --allow-private" in " ".join(refused.output.split())
        wrong = await in_thread(desk, "add", url, "--yes", "--allow-private", "127.0.0.x")
        assert wrong.exit_code == 2
        assert "--allow-private 127.0.0.x: " in wrong.output
        assert desk.ids() == ["valley"]
        added = await in_thread(desk, "add", url, "--yes", "--allow-private", "127.0.0.0/8")
        assert added.exit_code == 0, added.output
        assert read_feeds(read_yaml(desk.file.read_text(), "f"))[1].allow_private == ("127.0.0.0/8",)
        assert (await in_thread(desk, "check", "wire_of_the_valley")).exit_code == 0


async def test_check_polls_alone_and_list_shows_it(desk: Desk) -> None:
    async with serving() as server:
        write_two(desk, server)
        said = await in_thread(desk, "check")
        assert said.exit_code == 1, said.output
        assert "valley: ok" in said.output
        assert "There is nothing at this address." in said.output
        listed = await in_thread(desk, "list")
        assert listed.exit_code == 1
        assert "Valley" in listed.output
        one = await in_thread(desk, "check", "--json", "river")
        assert (json.loads(one.stdout)["reason"], one.exit_code) == ("not_found", 1)
        rows = [json.loads(line) for line in (await in_thread(desk, "list", "--json")).stdout.splitlines()]
        assert [row["state"]["health"] for row in rows] == ["ok", "failing"]
        assert (await in_thread(desk, "check", "--force", "valley")).exit_code == 0
        assert (await in_thread(desk, "check", "nobody")).exit_code == 2


def write_two(desk: Desk, server: FeedServer) -> None:
    good = server.feed("/good", "Talks open")
    desk.file.write_text(
        f"feeds:\n  - id: valley\n    url: {good}\n    outlet: Valley\n"
        f"  - id: river\n    url: {server.url('/bad')}\n    outlet: River\n"
    )


def test_the_bundled_list_is_wide_and_valid() -> None:
    text = files("process").joinpath("starter", "feeds.yml").read_text(encoding="utf-8")
    bundled = read_feeds(read_yaml(text, "feeds.yml"))
    assert len(bundled) >= 44
    assert {feed.language for feed in bundled} == {"en", "uk", "ru", "de", "fr", "es", "pl"}
    assert {feed.kind for feed in bundled} == {"agency", "outlet", "state media", "institution"}
    assert all(feed.kind == "state media" for feed in bundled if feed.id.split("_")[0] in {"tass", "rt", "ria", "rg"})
    hosts = [feed.url.split("/")[2] for feed in bundled]
    assert max(map(hosts.count, hosts)) <= 6
