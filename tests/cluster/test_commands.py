"""The commands `ceasewire cluster ...` as they are typed, over a real broker."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from ceasewire.codec import encode
from ceasewire.config.settings import KafkaSettings
from ceasewire.crossings import DeadLetter
from cluster.broker import Outgoing
from cluster.cli.app import absent, add
from embedded.cli.app import build
from tests.cluster.brokers import asking, rows_of, settings_for
from tests.cluster.workers import make_config
from tests.store.making import make_item

Call = Callable[..., Result]


@pytest.fixture
def settings(kafka: str, prefix: str) -> KafkaSettings:
    return settings_for(kafka, prefix)


@pytest.fixture
def call(settings: KafkaSettings, tmp_path: Path) -> Call:
    """Calls `ceasewire cluster` with the words, over a configuration and topics of its own."""
    config = make_config(tmp_path)
    environ = {
        "CEASEWIRE_CONFIG": str(config),
        "CEASEWIRE_KAFKA__BOOTSTRAP": json.dumps(list(settings.bootstrap)),
        "CEASEWIRE_KAFKA__PREFIX": settings.prefix,
        "CEASEWIRE_KAFKA__PARTITIONS": str(settings.partitions),
        "CEASEWIRE_ELASTICSEARCH__URL": "http://127.0.0.1:9",
    }
    app = build()

    def run(*words: str, **further: str) -> Result:
        return CliRunner().invoke(app, ["cluster", *words], env=environ | further)

    return run


def put_letter(settings: KafkaSettings, offset: int) -> DeadLetter:
    letter = DeadLetter(stage="tag", topic="items", partition=1, offset=offset, reason="not_an_item", detail="no JSON")
    with asking(settings) as broker:
        headers = (("letter", encode(letter)), ("key", b"i_1"))
        broker.write([Outgoing("dead", letter.key.encode(), b"\x1b[31m\xff", headers)])
    return letter


def test_setup_and_status_say_what_there_is_and_what_is_wrong(call: Call, settings: KafkaSettings) -> None:
    missing = call("status", "--json")
    assert missing.exit_code == 1
    said = json.loads(missing.stdout)
    assert [one["reason"] for one in said["findings"]] == ["index_away", "topic_missing"]
    made = call("setup", "--only", "topics")
    assert made.exit_code == 0, made.output
    assert "edition 1 of packs and rules" in made.stdout
    assert call("setup", "--only", "topics").stdout == "topics: all is there\n"
    with asking(settings) as broker:
        broker.write([Outgoing("items", b"k", encode(make_item(1)), partition=2)])
    told = call("status")
    assert told.exit_code == 1
    assert "tag      1 row waits, the oldest for 0 s; 0 workers" in told.stdout
    assert "items/2: 1, the oldest for 0 s; nobody" in told.stdout
    assert "no_worker: nobody works on tag; 1 row waits" in told.stdout


def test_what_setup_refuses_ends_it_with_1_and_is_named(call: Call, settings: KafkaSettings) -> None:
    with asking(settings) as broker:
        broker.create("items", 7, 1, {"cleanup.policy": "compact,delete"})
    refused = call("setup", "--json")
    assert refused.exit_code == 1
    steps = {one["step"]: one for one in map(json.loads, refused.stdout.splitlines())}
    assert "has 7 partitions, wanted are 3" in steps["topics"]["refusals"][0]
    assert steps["index"]["refusals"]
    assert not steps["kibana"]["refusals"]
    assert call("setup", "--only", "polish").exit_code == 2


def test_dead_letters_are_listed_shown_and_replayed(call: Call, settings: KafkaSettings) -> None:
    call("setup", "--only", "topics")
    assert "no dead letters" in call("dead", "list").stdout
    one, other = put_letter(settings, 4), put_letter(settings, 5)
    listed = call("dead", "list").stdout.splitlines()
    assert [line.split("  ")[1:] for line in listed] == [
        [one.key, "not_an_item", "no JSON"], [other.key, "not_an_item", "no JSON"]
    ]  # fmt: skip
    shown = call("dead", "show", one.key)
    assert shown.exit_code == 0
    assert "row_key: i_1" in shown.stdout
    assert "\\x1b[31m\\xff" in shown.stdout
    assert "\x1b[31m" not in shown.stdout
    assert call("dead", "show", "--raw", one.key).stdout_bytes == b"\x1b[31m\xff"
    assert call("dead", "show", "tag|items|0|0").exit_code == 2
    assert call("dead", "replay").exit_code == 2
    assert call("dead", "replay", one.key).stdout == "1 dead letter was replayed\n"
    assert [json.loads(line)["key"] for line in call("dead", "list", "--json").stdout.splitlines()] == [other.key]
    assert call("dead", "replay", "--all").stdout == "1 dead letter was replayed\n"
    assert [row.value for row in rows_of(settings, "items")] == [b"\x1b[31m\xff"] * 2
    assert "replayed" in call("dead", "list", "--all").stdout


def test_stages_are_moved_and_items_tagged_anew(call: Call, settings: KafkaSettings) -> None:
    call("setup", "--only", "topics")
    with asking(settings) as broker:
        broker.write([Outgoing("items", b"k", encode(make_item(1, "Harbour news")), partition=0)])
    assert "items/0: from 0 to 1" in call("reset-group", "tag", "--to", "latest").stdout
    assert call("reset-group", "tag", "--to", "24h").exit_code == 0
    assert call("reset-group", "polish", "--to", "latest").exit_code == 2
    assert "would be tagged anew: 1 items" in call("retag", "--dry-run").stdout
    assert not rows_of(settings, "tagged")
    assert call("retag").stdout.startswith("edition 2: +0 / -0 tags in 0 of 1 items\n")
    assert len(rows_of(settings, "tagged")) == 1


def test_an_index_is_built_anew_by_one_command(call: Call, elasticsearch: str, prefix: str) -> None:
    index = {"CEASEWIRE_ELASTICSEARCH__URL": elasticsearch, "CEASEWIRE_ELASTICSEARCH__PREFIX": prefix + "c"}
    assert call("setup", **index).exit_code == 0
    nothing = call("reindex", "feeds", **index)
    assert (nothing.exit_code, nothing.stdout) == (
        0,
        f"{prefix}c-feeds-v1: has the fields and stems of this version of the program; --anew fills a new one all the "
        "same\n",
    )
    done = call("reindex", "feeds", "stories", "--anew", "--drop-old", **index)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert f"{prefix}c-feeds: leads to {prefix}c-feeds-v2, which has 0 documents, {prefix}c-feeds-v1 had 0" in lines
    assert f"{prefix}c-stories-v1: deleted" in lines
    said = json.loads(call("reindex", "feeds", "--anew", "--from", "index", "--json", **index).stdout)
    assert [(one["before"], one["after"], one["count"]["written"]) for one in said["built"]] == [
        (f"{prefix}c-feeds-v2", f"{prefix}c-feeds-v3", 0)
    ]
    refused = call("reindex", "feeds", **index | {"CEASEWIRE_ELASTICSEARCH__PREFIX": f"{prefix}d"})
    assert refused.exit_code == 1
    assert "ceasewire cluster setup makes it" in refused.stdout
    for words, said_of in ((["harbours"], 'no kind "harbours"'), (["--from", "memory"], 'no origin "memory"')):
        wrong = call("reindex", *words, **index)
        assert (wrong.exit_code, said_of in wrong.output) == (2, True)


def test_what_cannot_be_done_is_said_in_a_line_and_ends_with_2(call: Call) -> None:
    for words in (["retag"], ["dead", "list"], ["reset-group", "tag", "--to", "latest"]):
        said = call(*words, CEASEWIRE_KAFKA__BOOTSTRAP="127.0.0.1:9")
        assert said.exit_code == 2
        assert said.output.count("\n") == 1
        assert "127.0.0.1:9 does not answer" in said.output


def test_without_the_extra_it_is_said_what_to_install() -> None:
    assert absent(("json", "no_such_module")) == ("no_such_module",)
    app = typer.Typer()
    add(app, needed=("no_such_module",))
    said = CliRunner().invoke(app, ["cluster", "status"])
    assert said.exit_code == 2
    assert said.output == "ceasewire cluster needs no_such_module: pip install 'ceasewire[cluster]'\n"


def test_a_search_for_a_source_that_there_is_not_is_refused(call: Call, elasticsearch: str, prefix: str) -> None:
    index = {"CEASEWIRE_ELASTICSEARCH__URL": elasticsearch, "CEASEWIRE_ELASTICSEARCH__PREFIX": prefix}
    assert call("setup", **index).exit_code == 0
    refused = call("search", "source:nowhere_at_all", **index)
    assert refused.exit_code == 2, refused.output
    assert 'there is no source "nowhere_at_all"' in refused.output
    assert call("search", "truce", **index).exit_code == 0
