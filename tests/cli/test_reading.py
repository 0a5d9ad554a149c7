"""The commands search, why, export, import, backup, restore."""

import asyncio
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from typer.testing import CliRunner, Result

from ceasewire.delays import show_gap
from ceasewire.items import HEADLINE_UNSUPPORTED, Item, Tagged
from ceasewire.metrics import Metrics
from ceasewire.views import Way
from embedded.cli.app import build
from embedded.cli.moments import read_moment
from embedded.cli.way import show_way
from embedded.intake import SqliteIntake
from embedded.socket import Server
from embedded.store import open_store
from embedded.store.lock import hold
from tests.contract.test_pairs import named
from tests.fakes.engine import WordEngine
from tests.store.making import NOON, Clock, make_item, make_state, put_all

TEXT = "Envoys of both sides met in the harbour town and spoke for hours about a pause in the fighting by the river."


def call(folder: Path, *words: str) -> Result:
    environ = {
        "CEASEWIRE_CONFIG": str(folder / "config"),
        "CEASEWIRE_DATA": str(folder / "data"),
        "COLUMNS": "200",
    }
    return CliRunner().invoke(build(), words, env=environ)


def lines(result: Result) -> list[Any]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with three items, the first of which raised an alert."""

    async def fill() -> None:
        store = open_store(tmp_path / "data" / "ceasewire.db", Clock())
        engine = WordEngine()
        intake = SqliteIntake(store, lambda: engine, lambda *_: "{}", Clock(), Metrics())  # type: ignore[arg-type,return-value]
        items = [
            make_item(1, "Ceasefire agreed [bold]after talks", TEXT, published=NOON - timedelta(minutes=3)),
            make_item(2, "Ceasefire agreed after long talks", TEXT),
            make_item(3, "Rain in the hills"),
        ]
        await intake.commit(items, make_state(last_poll=NOON, detail="3 new items"))
        await intake.commit(
            [make_item(3, "Rain in the hills ends", rev=2)], make_state(last_poll=NOON, detail="1 edited")
        )
        intake.close()
        store.close()

    asyncio.run(fill())
    return tmp_path


def test_search_shows_items_and_marks_nothing_it_should_not(folder: Path) -> None:
    said = call(folder, "search", "ceasefire -long")
    assert said.exit_code == 0
    assert "Ceasefire agreed [bold]after talks" in said.stdout
    assert "Morning Wire" in said.stdout
    assert "1 item" in said.stdout
    assert "long" not in said.stdout
    (hit,) = lines(call(folder, "search", '"agreed after long"', "--json"))
    assert hit["tagged"]["item"]["id"] == make_item(2).id
    assert hit["highlights"] == [["title", 10, 27]]


def test_a_query_may_begin_with_what_shall_not_be_there(folder: Path) -> None:
    found = {one["tagged"]["item"]["title"] for one in lines(call(folder, "search", "-rain", "--json"))}
    assert found == {"Ceasefire agreed [bold]after talks", "Ceasefire agreed after long talks"}


def test_a_query_needs_no_quotes_of_the_shell(folder: Path) -> None:
    both = lines(call(folder, "search", "nothing", "OR", "ceasefire", "--json"))
    assert {one["tagged"]["item"]["id"] for one in both} == {make_item(1).id, make_item(2).id}
    both = lines(call(folder, "search", "nothing OR ceasefire", "agreed", "--json"))
    assert {one["tagged"]["item"]["id"] for one in both} == {make_item(1).id, make_item(2).id}
    (hit,) = lines(call(folder, "search", "ceasefire", "after long", "--json"))
    assert hit["tagged"]["item"]["id"] == make_item(2).id


def test_an_option_that_does_not_exist_is_no_word(folder: Path) -> None:
    said = call(folder, "search", "ceasefire", "--jsn")
    assert said.exit_code == 2
    assert "there is no option --jsn" in said.output


def test_search_counts_and_spans(folder: Path) -> None:
    (facets,) = lines(call(folder, "search", "ceasefire", "--facets", "--json"))
    assert facets["issues"] == [{"value": "ceasefire", "count": 2}]
    assert "counted over all 2 matches" in call(folder, "search", "ceasefire", "--facets").stdout
    assert lines(call(folder, "search", "ceasefire", "--since", "2026-03-11", "--json")) == []
    assert len(lines(call(folder, "search", "ceasefire", "--since", "2026-03-10", "--json"))) == 2
    assert len(lines(call(folder, "search", "talks", "--limit", "1", "--json"))) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("search", "(talks"), "^"),
        (("search", "talks", "--since", "soon"), "is no moment"),
        (("why", "https://wire.example/none"), "no stored item"),
        (("export", "--format", "xml"), "jsonl or csv"),
        (("import", "missing.jsonl"), "cannot read"),
        (("restore", "missing.db"), "there is no file"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_2(folder: Path, words: tuple[str, ...], said: str) -> None:
    result = call(folder, *words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_store_nothing_is_made(tmp_path: Path) -> None:
    for words in (("search", "talks"), ("why", "x"), ("export",), ("backup", str(tmp_path / "b.db"))):
        result = call(tmp_path, *words)
        assert (result.exit_code, "there is no store" in result.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_why_tells_the_whole_way(folder: Path) -> None:
    said = call(folder, "why", "https://wire.example/1?utm_source=feed")
    assert said.exit_code == 0, said.output
    for words in (
        "from the feed morning_wire (Morning Wire, outlet)",
        "1 edited",
        "published 2026-03-10 11:57:00 UTC, first seen 2026-03-10 12:00:00 UTC (3 min 0 s later)",
        "is about negotiations",
        "2 items of 1 outlet\n",
        "ceasefire: met and sent 2026-03-10 12:00:00 UTC: the first item of its story that meets the rule",
        'the sentence "Ceasefire agreed [bold]after talks"',
        "team: waits to be sent",
    ):
        assert words in said.stdout, said.stdout
    held = call(folder, "why", make_item(2).id).stdout
    assert "held 2026-03-10 12:00:00 UTC: another copy" in held
    assert f"raised by {make_item(1).id}" in held
    rain = call(folder, "why", make_item(3).id).stdout
    assert "its title was changed" in rain
    assert "ceasefire: not met" in rain
    (way,) = lines(call(folder, "why", make_item(1).id, "--json"))
    assert way["verdicts"][0]["decision"]["reason"] == "first"


def test_why_names_the_marks(capsys: pytest.CaptureFixture[str]) -> None:
    tagged = Tagged(
        item=make_item(1),
        edition=1,
        language="en",
        marks=("opinion", HEADLINE_UNSUPPORTED),
        unsupported=("actor nato",),
    )
    show_way(Way(versions=(tagged.item,), tagged=tagged, feed=None, story=None, verdicts=(), alerts=(), deliveries=()))
    said = capsys.readouterr().out
    assert "mark opinion\n" in said
    assert f"mark {HEADLINE_UNSUPPORTED}: actor nato" in said


def test_an_export_goes_to_standard_output_or_a_new_file(folder: Path) -> None:
    assert [one["item"]["title"] for one in lines(call(folder, "export", "ceasefire"))] == [
        "Ceasefire agreed after long talks",
        "Ceasefire agreed [bold]after talks",
    ]
    table = folder / "out.csv"
    assert "3 items written" in call(folder, "export", "--format", "csv", "-o", str(table)).stderr
    assert len(table.read_text().splitlines()) == 4
    again = call(folder, "export", "-o", str(table))
    assert (again.exit_code, "cannot write" in again.stderr) == (2, True)


def test_an_export_of_pairs_gives_the_sentences(folder: Path) -> None:
    async def fill() -> None:
        store = open_store(folder / "data" / "ceasewire.db", Clock())
        await put_all(store, [named(7, "Norland offers a truce", "Later Norland sold grain. Snow fell.")])
        store.close()

    asyncio.run(fill())
    rows = lines(call(folder, "export", "--pairs"))
    assert [(row["actor"], row["issue"], row["sentence"]) for row in rows] == [
        ("norland", "grain", "Later Norland sold grain."),
        ("norland", "truce", "Norland offers a truce"),
    ]
    table = folder / "out.csv"
    said = call(folder, "export", "conflict:ukraine_russia", "--pairs", "--format", "csv", "-o", str(table))
    assert "0 sentences written" in said.stderr
    assert table.read_text().startswith("week,actor,issue,stories,items,sentence,item,start,end,")


@pytest.mark.parametrize("command", ["search", "export"])
def test_a_source_that_nothing_has_is_said(folder: Path, command: str) -> None:
    for query in ("source:nope", "ceasefire -(source:nope OR talks)"):
        said = call(folder, command, query)
        assert said.exit_code == 2
        assert 'there is no source "nope"' in said.stderr
    assert call(folder, command, 'source:"morning wire"').exit_code == 0
    assert call(folder, command, "source:bbc_world").exit_code == 0


def test_backup_and_restore(folder: Path) -> None:
    copy = folder / "copy.db"
    assert "checked" in call(folder, "backup", str(copy)).stdout
    assert call(folder, "backup", str(copy)).exit_code == 2
    with hold(folder / "data" / "ceasewire.lock"):
        refused = call(folder, "restore", str(copy))
    assert (refused.exit_code, "runs already" in refused.stderr) == (2, True)
    done = call(folder, "restore", str(copy))
    assert (done.exit_code, "is the store now" in done.stdout) == (0, True)
    assert len(lines(call(folder, "search", "ceasefire", "--json"))) == 2


def test_backup_and_restore_in_json(folder: Path) -> None:
    copy = folder / "copy.db"
    (made,) = lines(call(folder, "backup", str(copy), "--json"))
    assert made == {"file": str(copy), "bytes": copy.stat().st_size}
    (done,) = lines(call(folder, "restore", str(copy), "--json"))
    assert (done["file"], Path(done["kept"]).is_file(), done["kept_log"]) == (str(copy), True, None)


def rows(folder: Path) -> Path:
    path = folder / "rows.jsonl"
    path.write_text(
        '{"title": "Ceasefire holds", "url": "https://wire.example/9", "published": "2026-03-01T08:00:00Z"}\n'
        "not json\n"
        '{"title": "Rain again", "source": "Evening Post"}\n'
    )
    return path


def test_an_import_alone_writes_no_values_into_its_logs(folder: Path) -> None:
    structlog.reset_defaults()
    call(folder, "import", str(rows(folder)))
    assert "_Safe" in [type(step).__name__ for step in structlog.get_config()["processors"]]


def test_an_import_alone_takes_the_good_lines_and_names_the_bad(folder: Path) -> None:
    result = call(folder, "import", str(rows(folder)), "--json")
    assert result.exit_code == 1, result.output
    assert json.loads(result.stdout) == {"new": 2, "edited": 0, "known": 0, "refused": 1}
    assert "rows.jsonl:2: not JSON" in result.stderr
    again = call(folder, "import", str(rows(folder)))
    assert "0 new, 0 edited, 2 known already, 1 lines not readable" in again.stdout
    found = lines(call(folder, "search", "ceasefire", "--json"))
    assert "Ceasefire holds" in [hit["tagged"]["item"]["title"] for hit in found]
    assert "nothing" in call(folder, "why", "https://wire.example/9").stdout


def test_an_import_beside_a_running_process_goes_through_it(folder: Path) -> None:
    taken: list[Item] = []

    async def take(values: Mapping[str, Any]) -> dict[str, int]:
        taken.extend(msgspec.convert(values["items"], list[Item]))
        return {"new": len(taken), "edited": 0, "known": 0}

    with running(folder / "data", take):
        result = call(folder, "import", str(rows(folder)), "--json")
    assert json.loads(result.stdout)["new"] == 2
    assert [item.title for item in taken] == ["Ceasefire holds", "Rain again"]


@contextmanager
def running(data: Path, take: Any) -> Iterator[None]:
    """A process that answers at the socket and holds the lock, in a thread."""
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        server = Server(data / "ceasewire.sock", {"import": take})
        await server.start()
        ready.set()
        await asyncio.to_thread(stop.wait)
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    with hold(data / "ceasewire.lock"):
        thread.start()
        assert ready.wait(10)
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_moments_and_gaps() -> None:
    assert read_moment("90m", NOON) == NOON - timedelta(minutes=90)
    assert read_moment("2026-03-01", NOON) == datetime(2026, 3, 1, tzinfo=UTC)
    assert read_moment("2026-03-01T12:00+02:00", NOON) == datetime(2026, 3, 1, 10, tzinfo=UTC)
    for text in ("", "7", "7 moons", "999999w", "2026-13-01"):
        with pytest.raises(ValueError, match="is no moment"):
            read_moment(text, NOON)
    assert [show_gap(seconds) for seconds in (0.25, 42, 61, 3661, 90000)] == [
        "0.2 s",
        "42 s",
        "1 min 1 s",
        "1 h 1 min",
        "1 d 1 h",
    ]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("issue:xyz", 'there is no issue "xyz"'),
        ("talks actor:russa", 'there is no actor "russa"; did you mean "russia"?'),
        ("-lang:xx", 'there is no language "xx"'),
    ],
)
@pytest.mark.parametrize("command", ["search", "export"])
def test_an_id_that_does_not_exist_is_no_empty_result(folder: Path, command: str, query: str, says: str) -> None:
    said = call(folder, command, "--", query)
    assert said.exit_code == 2
    assert says in said.stderr


def test_a_search_that_finds_nothing_names_a_small_operator(folder: Path) -> None:
    said = call(folder, "search", "truce or harvest")
    assert said.exit_code == 0
    assert 'write OR in capitals, or "or" in quotes' in said.stderr
    assert call(folder, "search", "ceasefire after").stderr == ""


def test_names_lists_what_queries_may_ask_for(folder: Path) -> None:
    found = lines(call(folder, "names", "--json"))
    assert {"kind": "issue", "id": "ceasefire", "name": "Ceasefire"} in found
    assert {one["kind"] for one in found} == {"issue", "actor", "conflict", "mark"}
    said = call(folder, "names", "actors").stdout.splitlines()
    assert any(line.split() == ["russia", "Russia"] for line in said)
    assert not any(line.startswith("ceasefire") for line in said)
    assert call(folder, "names", "rules").exit_code == 2
