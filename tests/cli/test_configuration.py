"""The folder as a whole: every fault of every file at once, and what a fresh folder holds."""

import json
import re
from pathlib import Path

import pytest

from ceasewire.config.settings import Settings
from ceasewire.errors import ConfigurationError
from process.configuration import read_configuration, write_starter
from process.first_start import settings_text
from process.places import Places
from process.schemas import MODELS, schema, spell_duration
from tests.cli.folders import ENVIRON, make_places


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return make_places(tmp_path, "https://valley.example/feed")


def faults(places: Places, environ: dict[str, str] = ENVIRON) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(places, environ)
    return [str(fault).removeprefix(f"{places.config}/") for fault in caught.value.faults]


def test_a_good_folder(places: Places) -> None:
    read = read_configuration(places, ENVIRON)
    assert [feed.id for feed in read.feeds] == ["f0"]
    assert [rule.id for rule in read.rules] == ["harbour"]
    assert list(read.channels_by_id) == ["team"]
    assert list(read.engine.rules) == ["harbour"]
    assert ENVIRON["TEAM_KEY"] in read.secrets
    assert ENVIRON["TEAM_KEY"] not in repr(read)


def test_a_part_needs_the_secrets_that_it_uses_itself(places: Places) -> None:
    """Nobody is sent the name of a secret in its place."""
    feeds = places.config / "feeds.yml"
    feeds.write_text(feeds.read_text() + "    headers:\n      Authorization: ${NOT_THERE}\n")
    channels = places.config / "channels.yml"
    channels.write_text(channels.read_text().replace("${TEAM_KEY}", "${NOR_THIS}"))
    read_configuration(places, ENVIRON, sends=False)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(places, ENVIRON, sends=False, fetches=True)
    (fault,) = caught.value.faults
    assert (fault.file, fault.text) == (str(feeds), "the environment has neither NOT_THERE nor NOT_THERE_FILE")
    settings = places.config / "settings.yml"
    settings.write_text("polling:\n  proxy: http://${PROXY_KEY}@proxy.example:8080\n")
    read_configuration(places, ENVIRON, sends=False)
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(places, ENVIRON, sends=False, fetches=True)
    told = [(fault.file, fault.line, fault.text) for fault in caught.value.faults]
    assert (str(settings), 2, "the environment has neither PROXY_KEY nor PROXY_KEY_FILE") in told
    assert len(told) == 2
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(places, ENVIRON)
    assert len(caught.value.faults) == 3


def test_faults_of_all_files_are_named_at_once(places: Places) -> None:
    config = places.config
    (config / "feeds.yml").write_text("feeds:\n  - id: Bad Id\n    url: ftp://x\n    outlet: A\n    intervall: 5 m\n")
    (config / "channels.yml").write_text("channels:\n  - id: team\n    kind: pigeon\n    url: ${NOT_THERE}\n")
    (config / "settings.yml").write_text("desk:\n  port: many\npolling:\n  timeout: soon\n")
    (config / "rules" / "broken.yml").write_text("id: broken\nname: Broken\nquery: 'isue:ceasefire'\n")
    (config / "rules" / "yaml.yml").write_text("id: [\n")
    said = faults(places)
    for begin in (
        "settings.yml:2: desk.port: a whole number is wanted",
        "settings.yml:4: polling.timeout: a duration like",
        "feeds.yml:2: id: small letters, digits and _ are wanted, a letter first",
        "feeds.yml:3: url: an address that starts with http",
        'feeds.yml:5: unknown key "intervall"; did you mean "interval"?',
        "channels.yml:4: the environment has neither NOT_THERE nor NOT_THERE_FILE",
        "channels.yml:3: channels.team.kind:",
        "rules/broken.yml:3: query: column 1:",
        "rules/yaml.yml:2: not YAML:",
    ):
        assert any(line.startswith(begin) for line in said), (begin, said)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("query: harbour\nchannels: [desk, tem]", ':4: no channel is named "tem"'),
        ("query: issue:no_such_issue", ':3: query: there is no issue "no_such_issue"'),
        ("query: harbour actor:no_such_actor", ':3: query: there is no actor "no_such_actor"'),
        ("query: -(harbour conflict:no_such_conflict) port", ':3: query: there is no conflict "no_such_conflict"'),
        ("query: harbour source:nobody", ':3: query: there is no source "nobody"'),
        ("query: harbour issue:ceasfire", ':3: query: there is no issue "ceasfire"; did you mean "ceasefire"?'),
        ("query: truce or harbour", ':3: query: column 7: write OR in capitals, or "or" in quotes for the word'),
        ("query: harbour -mark:live_blg", ':3: query: there is no mark "live_blg"; did you mean "live_blog"?'),
        ("query: harbour extent:whole", ':3: query: column 9: extent: takes summary, page, not "whole"'),
        ("query: harbour lang:xx", ':3: query: there is no language "xx"'),
        ("query: harbour lang:ua", ':3: query: there is no language "ua"; did you mean "uk"?'),
        ("query: '(harbour'", ":3: query: column 1:"),
        ("query: '\"\"'", ":3: query: column 1:"),
        ("query: '*'", ":3: query: column 1:"),
        ("query: -harbour", ":3: query: nearly every item would meet it"),
        ("query: harbour\nmax_age: 3 weeks", ":4: max_age: a duration like"),
        ("query: harbour\npattern: x", ':4: unknown key "pattern"'),
        ("query: harbour\nmust_match:\n  - title: A port", ':5: the rule does not meet "A port"'),
        ("query: harbour\nmust_not_match:\n  - title: A harbour", ':5: the rule meets "A harbour"'),
    ],
)
def test_each_bad_rule(places: Places, rule: str, fault: str) -> None:
    (places.config / "rules" / "bad.yml").write_text(f"id: bad\nname: Bad\n{rule}\n")
    said = faults(places)
    assert len(said) == 1, said
    assert said[0].startswith(f"rules/bad.yml{fault}")


def test_a_broken_channels_file_is_told_once(places: Places) -> None:
    (places.config / "channels.yml").write_text("channels: [{}]\n")
    assert all(line.startswith("channels.yml:1:") for line in faults(places))


def test_a_fault_hides_no_other_of_its_file(places: Places) -> None:
    (places.config / "settings.yml").write_text(
        "packs: []\nfoo: 1\ndesk:\n  host: 0.0.0.0\n  prt: 1\nalerts:\n  timezone: Nope\nstore:\n  keep: 1 s\n"
    )
    rule = "id: more\nname: More\nfoo: 1\nquery: harbour issue:nope\nmust_match:\n  - title: A port\n"
    (places.config / "rules" / "more.yml").write_text(rule)
    said = faults(places)
    for begin in (
        'settings.yml:2: unknown key "foo"',
        "settings.yml:4: desk.host: the desk listens beyond this machine",
        'settings.yml:5: unknown key "prt"; did you mean "port"?',
        "settings.yml:7: alerts.timezone: no time zone",
        "settings.yml:9: store.keep:",
        'rules/more.yml:3: unknown key "foo"',
        'rules/more.yml:4: query: there is no issue "nope"',
        'rules/more.yml:6: the rule does not meet "A port"',
    ):
        assert sum(line.startswith(begin) for line in said) == 1, (begin, said)
    assert len(said) == 8


def test_a_fault_brings_no_others_that_are_none(places: Places) -> None:
    """A token that the environment gives is not missed, and a source is not unknown, since something else is wrong."""
    (places.config / "settings.yml").write_text("packs: []\ndesk:\n  host: 0.0.0.0\n")
    (places.config / "feeds.yml").write_text("feeds: 1\n")
    (places.config / "rules" / "own.yml").write_text("id: own\nname: Own\nquery: harbour source:f0\n")
    said = faults(places, ENVIRON | {"CEASEWIRE_DESK__TOKEN": "t" * 24, "CEASEWIRE_DESK__PORT": "many"})
    assert [line.partition(": ")[0] for line in said] == ["environment", "feeds.yml:1"]


def test_a_source_may_be_named_by_its_outlet(places: Places) -> None:
    (places.config / "rules" / "own.yml").write_text('id: own\nname: Own\nquery: harbour source:"Outlet 0"\n')
    assert len(read_configuration(places, ENVIRON).rules) == 2


def test_one_id_in_two_rule_files(places: Places) -> None:
    (places.config / "rules" / "twin.yml").write_text("id: harbour\nname: Twin\nquery: pier\n")
    assert faults(places) == [f'rules/twin.yml:1: the id "harbour" stands already in {places.config}/rules/harbour.yml']


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("settings.yml", "packs: [no_such_pack]\n", "no_such_pack"),
        ("settings.yml", "desk:\n  host: 0.0.0.0\n", "settings.yml:2: desk.host: the desk listens beyond this machine"),
        (
            "settings.yml",
            "alerts:\n  timezone: Mars/Base\n",
            'settings.yml:2: alerts.timezone: no time zone is named "Mars',
        ),
        ("settings.yml", "desk:\n  port: 8000\n  port: 9000\n", 'settings.yml:3: the key "port" stands twice'),
        ("settings.yml", "log:\ndesk: &a\n  port: *a\n", "settings.yml:2: an alias stands within what it repeats"),
        ("feeds.yml", f"a: &a 1\nfeeds: [{'*a, ' * 101}]\n", "feeds.yml: 101 aliases; at most 100 are read"),
        ("feeds.yml", "feeds:\n  a: b\n", "feeds.yml:1: feeds:"),
        ("channels.yml", "- nothing\n", "channels.yml"),
    ],
)
def test_each_bad_file(places: Places, file: str, text: str, fault: str) -> None:
    (places.config / "rules" / "harbour.yml").unlink()
    (places.config / file).write_text(text)
    assert any(fault in line for line in faults(places)), faults(places)


def test_a_file_that_is_no_text(places: Places) -> None:
    (places.config / "feeds.yml").write_bytes(b"\xff\xfe\x00")
    assert "feeds.yml: not UTF-8 text" in faults(places)


def test_no_secret_stands_in_a_fault(places: Places) -> None:
    (places.config / "channels.yml").write_text(
        "channels:\n  - id: team\n    kind: webhook\n    url: [${TEAM_KEY}]\n"
        "    secret: {a: ${TEAM_KEY}}\n    x: ${TEAM_KEY}\n"
    )
    assert not [line for line in faults(places) if ENVIRON["TEAM_KEY"] in line]


def test_an_unchanged_engine_is_kept(places: Places) -> None:
    first = read_configuration(places, ENVIRON)
    (places.config / "feeds.yml").write_text("feeds: []\n")
    second = read_configuration(places, ENVIRON, first)
    assert second.engine is first.engine
    assert second.feeds == ()
    (places.config / "rules" / "harbour.yml").write_text("id: harbour\nname: Harbour\nquery: pier\n")
    assert read_configuration(places, ENVIRON, second).engine is not first.engine


def test_without_a_folder_the_bundled_files_are_read(tmp_path: Path) -> None:
    read = read_configuration(Places(config=tmp_path / "none", data=tmp_path), {})
    assert len(read.feeds) >= 40
    assert {"ceasefire", "ceasefire_anywhere"} <= {rule.id for rule in read.rules}
    assert read.channels == ()
    assert not (tmp_path / "none").exists()


def test_a_folder_that_lost_its_feeds_or_rules_is_refused(places: Places) -> None:
    first = read_configuration(places, ENVIRON)
    (places.config / "feeds.yml").unlink()
    (places.config / "rules" / "harbour.yml").unlink()
    (places.config / "rules").rmdir()
    assert faults(places) == [
        "feeds.yml: is missing; ceasewire init adds it",
        "rules: is missing; ceasewire init adds it",
    ]
    write_starter(places)
    assert len(read_configuration(places, ENVIRON).feeds) >= 40
    places.config.rename(places.config.with_name("away"))
    with pytest.raises(ConfigurationError, match="config: is missing; put the folder back"):
        read_configuration(places, ENVIRON, first)


def test_a_list_and_rules_may_be_empty(places: Places) -> None:
    (places.config / "feeds.yml").write_text("feeds: []\n")
    (places.config / "rules" / "harbour.yml").unlink()
    read = read_configuration(places, ENVIRON)
    assert (read.feeds, read.rules) == ((), ())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("channels.yaml", "is not read: name it channels.yml"),
        ("Feeds.yml", "is not read: name it feeds.yml"),
        ("feed.yml", "is not read: name it feeds.yml"),
        ("setting.YAML", "is not read: name it settings.yml"),
        ("truce_rule.yml", "is not read: rules stand in"),
    ],
)
def test_a_file_of_another_name_is_not_passed_over(places: Places, name: str, words: str) -> None:
    (places.config / name).write_text("{}\n")
    (said,) = faults(places)
    assert said.startswith(f"{name}: {words}")


def test_a_rule_with_other_faults_is_checked_for_its_channels_and_names(places: Places) -> None:
    bad = places.config / "rules" / "bad.yml"
    bad.write_text("id: bad\nname: Bad\nquery: '(harbour'\nchannels: [tem]\n")
    assert [line.partition(":")[2][:30] for line in faults(places)] == [
        "3: query: column 1: the bracke",
        '4: no channel is named "tem" i',
    ]
    bad.write_text("id: Bad Id\nname: Bad\nquery: issue:no_such_issue\nchannels: [tem]\nmax_age: long\n")
    said = "\n".join(faults(places))
    for begin in (
        ":1: id:",
        ':4: no channel is named "tem"',
        ":5: max_age:",
        ':3: query: there is no issue "no_such_issue"',
    ):
        assert begin in said


def test_what_is_wanted_is_said_in_words_and_by_the_id_of_the_feed(places: Places) -> None:
    feed = "feeds:\n  - id: valley\n    url: https://v.example/f\n    outlet: 5\n    language: EN\n    enabled: maybe\n"
    (places.config / "feeds.yml").write_text(feed)
    assert [line.partition(": ")[2] for line in faults(places)] == [
        "feeds.valley.outlet: text is wanted; where it looks like a number or true, put it in quotes",
        "feeds.valley.language: two small letters are wanted, like en",
        "feeds.valley.enabled: true or false is wanted",
    ]


def test_a_country_that_does_not_exist_is_a_fault(places: Places) -> None:
    feed = "feeds:\n  - id: f\n    url: https://valley.example/f\n    outlet: F\n    country: ZZ\n"
    (places.config / "feeds.yml").write_text(feed)
    (said,) = faults(places)
    assert said.startswith("feeds.yml:5:")
    assert 'there is no country "ZZ"' in said


def test_a_fresh_folder_is_valid_and_its_owners_alone(tmp_path: Path) -> None:
    places = Places(config=tmp_path / "config", data=tmp_path / "data")
    written = write_starter(places)
    assert places.config.stat().st_mode & 0o077 == 0
    assert {path.name for path in written} >= {"feeds.yml", "channels.yml", "settings.yml", "ceasefire.yml"}
    read = read_configuration(places, {})
    assert read.settings == Settings()
    bundled = read_configuration(Places(config=tmp_path / "none", data=tmp_path), {})
    assert (read.feeds, read.rules) == (bundled.feeds, bundled.rules)
    for path in written:
        named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))
        assert named, path
        assert (path.parent / named[1]).is_file()
    assert write_starter(places) == ()


def test_init_adds_what_is_missing_and_changes_nothing(places: Places) -> None:
    before = (places.config / "feeds.yml").read_text()
    (places.config / "settings.yml").unlink()
    assert write_starter(places) == (places.config / "settings.yml",)
    assert (places.config / "feeds.yml").read_text() == before
    assert [path.name for path in (places.config / "rules").iterdir()] == ["harbour.yml"]


def test_the_settings_file_shows_every_default(tmp_path: Path) -> None:
    bare = "\n".join(re.sub(r"^#", "", line) for line in settings_text().splitlines()[2:])
    write_starter(Places(config=tmp_path / "config", data=tmp_path))
    (tmp_path / "config" / "settings.yml").write_text(bare)
    read = read_configuration(Places(config=tmp_path / "config", data=tmp_path), {})
    assert read.settings == Settings()


def test_a_section_whose_settings_are_all_commented_out_is_one_with_its_defaults(places: Places) -> None:
    (places.config / "settings.yml").write_text("packs: []\nkibana:\n  # url: http://127.0.0.1:5601\ndesk:\n")
    environ = ENVIRON | {"CEASEWIRE_DESK__PORT": "8400"}
    read = read_configuration(places, environ)
    assert (read.settings.kibana, read.settings.desk.port) == (Settings().kibana, 8400)


@pytest.mark.parametrize("name", MODELS)
def test_schemas_refuse_unknown_keys_and_write_durations_as_users_do(name: str) -> None:
    made = schema(name)
    assert made["additionalProperties"] is False
    assert '"PT' not in json.dumps(made)


def test_durations_are_spelled_as_they_are_read() -> None:
    assert [spell_duration(one) for one in ("PT30S", "PT5M", "PT24H", "P365D", "PT90S")] == [
        "30 s",
        "5 m",
        "24 h",
        "365 d",
        "90 s",
    ]
