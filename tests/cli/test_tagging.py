"""The commands tag, stories and explain, as a user calls them."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from embedded.cli.app import build

LONG = (
    "The envoys of both sides met for nine hours in the old town hall and then drove to the airport without a word. "
    "A spokesman said that the list of open questions had become shorter, but that the two longest were still on it. "
    "The hosts praised the patience of the guests and set a table for the third round, which begins on Tuesday."
)


def call(tmp_path: Path, *args: str, given: str | bytes = "") -> Result:
    folders = ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    return CliRunner().invoke(build(), [*folders, *args], input=given)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_tag_gives_a_line_for_each_line_in_order(tmp_path: Path) -> None:
    rows = [
        {"id": "b", "title": "Sudan’s rivals agree on a ceasefire", "text": "", "published": "not a date"},
        {"id": "a", "title": "Київ просить гарантій безпеки", "text": None, "odd": 1},
        {"id": "c", "title": "Choir wins", "text": "The choir of the village won the contest on Sunday."},
    ]
    given = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    found = lines(call(tmp_path, "tag", "--rules", "all", "-", given=given))
    assert [row["id"] for row in found] == ["b", "a", "c"]
    assert found[0]["rules"] == ["ceasefire_anywhere"]
    assert (found[0]["conflict"], found[0]["relevance"], found[0]["issues"]) == ("sudan", "main", ["ceasefire"])
    assert (found[1]["language"], found[1]["issues"]) == ("uk", ["security_guarantees"])
    assert found[2]["mentions"] == []
    cited = {rows[0]["title"][one["start"] : one["end"]] for one in found[0]["mentions"]}
    assert cited == {"Sudan", "ceasefire"}


def test_tag_gives_marks_dates_and_numbers_under_keys_of_their_own(tmp_path: Path) -> None:
    title = "Opinion: Russia and Ukraine swapped 314 prisoners on 15 May"
    given = json.dumps({"id": "a", "title": title, "text": "", "published": "2026-05-16"}) + "\n"
    [found] = lines(call(tmp_path, "tag", "-", given=given))
    assert found["marks"] == ["opinion"]
    assert found["unsupported"] == []
    assert {one["kind"] for one in found["mentions"]} <= {"issue", "actor", "place", "document"}
    [when], [number] = found["dates"], found["numbers"]
    assert (when["id"], title[when["start"] : when["end"]]) == ("2026-05-15", "15 May")
    assert number == {"id": "314", "field": "title", "start": title.index("314"), "end": title.index("314") + 3}


def test_explain_tells_marks_and_what_is_not_borne_out(tmp_path: Path) -> None:
    body = "The hall was full from the morning on, and carts of the market stood in long rows. " * 9
    (tmp_path / "a.txt").write_text(f"Opinion: Russia rejects a ceasefire\n{body}")
    said = " ".join(call(tmp_path, "explain", str(tmp_path / "a.txt")).stdout.split())
    assert "mark Opinion" in said
    assert "mark Headline not borne out: actor:russia, issue:ceasefire" in said


def test_a_mark_that_is_not_known_is_named(tmp_path: Path) -> None:
    names = call(tmp_path, "names", "marks")
    assert "headline_unsupported" in names.stdout
    assert "live_blog" in names.stdout
    result = call(tmp_path, "search", "mark:opinon")
    assert result.exit_code == 2
    assert 'there is no mark "opinon"; did you mean "opinion"?' in result.stderr


def test_rules_that_are_off_need_all(tmp_path: Path) -> None:
    given = '{"id": "b", "title": "Rivals in Sudan agree on a ceasefire"}\n'
    assert lines(call(tmp_path, "tag", "-", given=given))[0]["rules"] == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('{"title": "no id"}', "-:1"),
        ('{"id": "a"}\nnot json', "-:2"),
        ('{"id": 5}', "-:1"),
        ("[]", "-:1"),
        (b'{"id": "\xff"}', "-:1"),
    ],
)
def test_a_line_that_is_none_is_named(tmp_path: Path, given: str | bytes, told: str) -> None:
    result = call(tmp_path, "tag", "-", given=given)
    assert result.exit_code == 2
    assert told in result.stderr


def test_unknown_words_end_with_2(tmp_path: Path) -> None:
    assert call(tmp_path, "tag", "--rules", "some", "-").exit_code == 2
    assert call(tmp_path, "tag", str(tmp_path / "gone.jsonl")).exit_code == 2
    assert call(tmp_path, "explain", str(tmp_path / "gone.txt")).exit_code == 2
    assert call(tmp_path, "explain", "-", given=" \n").exit_code == 2


def test_stories_join_copies_whatever_they_are_about(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "title": "Envoys part after nine hours", "text": LONG, "published": "2026-03-01T10:00:00Z"},
        {"id": "2", "title": "Bakers raise prices", "text": "Bread is dearer in the valley since Monday."},
        {"id": "3", "title": "Nine hours, no word", "text": LONG, "published": "Sun, 01 Mar 2026 11:00:00 GMT"},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = {row["id"]: row["story"] for row in lines(call(tmp_path, "stories", str(path)))}
    assert found["1"] == found["3"] is not None
    assert found["2"] != found["1"]


def test_explain_names_words_and_patterns(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_text("Kyiv offers Moscow a ceasefire\nTalks in Geneva go on.", encoding="utf-8")
    result = call(tmp_path, "explain", str(path))
    assert result.exit_code == 0
    assert '"ceasefire" (ukraine_russia/ceasefire#' in result.stdout
    assert "Geneva" in result.stdout
    assert "Ceasefire between Ukraine and Russia" in result.stdout


def test_explain_as_json(tmp_path: Path) -> None:
    (row,) = lines(call(tmp_path, "explain", "--json", "-", given="Kyiv offers Moscow a ceasefire\nIt waits."))
    assert row["conflict"] == "ukraine_russia"
    assert row["item"]["text"] == "It waits."


def test_what_sends_nothing_needs_no_secrets(tmp_path: Path) -> None:
    assert call(tmp_path, "init").exit_code == 0
    channel = "channels:\n  - id: hook\n    kind: webhook\n    url: ${NOT_SET_URL}\n    secret: ${NOT_SET_KEY}\n"
    (tmp_path / "config" / "channels.yml").write_text(channel)
    (tmp_path / "config" / "settings.yml").write_text("desk:\n  token: ${NO_TOKEN}\n")
    row = '{"id": "b", "title": "Rivals in Sudan agree on a ceasefire"}\n'
    assert lines(call(tmp_path, "tag", "-", given=row))[0]["conflict"] == "sudan"
    assert call(tmp_path, "explain", "-", given="Rivals agree on a ceasefire").exit_code == 0
    said = call(tmp_path, "validate")
    assert said.exit_code == 1
    for name in ("NOT_SET_URL", "NOT_SET_KEY", "NO_TOKEN"):
        assert f"the environment has neither {name}" in said.stdout
