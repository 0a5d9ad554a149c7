"""The commands under `pack`, as a user calls them."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from ceasewire import bundled
from tests.cli.test_tagging import call

HEAD = "id: lake\nname: The lake\nversion: 1\n"
ISSUES = """issues:
  - id: fishing
    name: Fishing rights
    definition: Who may fish where.
    pax: none
    plover: [REQUEST]
    patterns:
      en: [fishing rights, {near: [[fish, fishing], [quota*, ban]], words: 4, unless: [sport*]}]
    must:
      en: ['The two shores argue over fishing rights.']
    must_not:
      en: ['The club sells fishing rods.']
actors:
  - id: lake_league
    name: Lake League
    type: alliance
    roles: []
    names:
      any: [Lake League]
"""
TEXTS = [
    ("a", "Lake League wants fishing rights", "Mira Dovak of the Lake League asked for fishing rights on Friday."),
    ("b", "Fish quota is set", "The Lake League met Mira Dovak over the fish quota near Old Harbour."),
    ("c", "Choir wins", "Nobody spoke of the lake. Mira Dovak sang."),
    ("d", "Again: fishing rights", "The Lake League and Mira Dovak agreed on fishing rights."),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "lake", ISSUES)


@pytest.fixture
def items(tmp_path: Path) -> Path:
    file = tmp_path / "items.jsonl"
    rows = [json.dumps({"id": id, "title": title, "text": text}) for id, title, text in TEXTS]
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


def write(folder: Path, issues: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "pack.yml").write_text(HEAD, encoding="utf-8")
    (folder / "issues.yml").write_text(issues, encoding="utf-8")
    return folder


def said(result: Result, code: int = 0) -> str:
    assert result.exit_code == code, result.output
    return result.stdout


def test_the_bundled_packs_are_well(tmp_path: Path) -> None:
    told = said(call(tmp_path, "pack", "check", *bundled.pack_names()))
    assert "ukraine_russia 1: 31 issues" in told
    assert "gaza 1: 8 issues" in told


def test_check_tells_every_fault_at_its_line(tmp_path: Path, folder: Path) -> None:
    broken = (
        ISSUES.replace("pax: none", "pax: [fish]")
        .replace("The two shores argue over fishing rights.", "The two shores argue.")
        .replace("    must_not:\n      en: ['The club sells fishing rods.']\n", "")
        .replace("[Lake League]", "[Lake League, Lake League]")
        .replace("[fishing rights, {", "[fishing rights, fishing rights, {")
    )
    write(folder, broken)
    told = said(call(tmp_path, "pack", "check", str(folder)), 1)
    assert f'{folder}/issues.yml:5: "fish" is no PA-X category' in told
    assert f'{folder}/issues.yml:2: the issue "fishing" has no example under must_not' in told
    assert f"{folder}/issues.yml:8: this pattern stands already in line 8" in told
    assert f'{folder}/issues.yml:10: the issue "fishing" does not find itself in "The two shores argue."' in told
    assert "'Lake League' of \"lake_league\" stands twice" in told
    assert "5 faults" in told


def test_check_tells_what_does_not_load(tmp_path: Path, folder: Path) -> None:
    write(folder, ISSUES.replace("definition: Who", "defintion: Who").replace("words: 4", "words: many"))
    told = said(call(tmp_path, "pack", "check", str(folder)), 1)
    assert f'{folder}/issues.yml:4: unknown key "defintion"; did you mean "definition"?' in told


def test_check_tells_the_faults_of_all_packs(tmp_path: Path, folder: Path) -> None:
    write(folder, ISSUES.replace("definition: Who", "defintion: Who"))
    other = write(tmp_path / "other", ISSUES.replace("words: 4", "words: many"))
    told = said(call(tmp_path, "pack", "check", str(folder), str(other)), 1)
    assert f"{folder}/issues.yml:4: " in told
    assert f"{other}/issues.yml:" in told


def test_advice_is_no_fault(tmp_path: Path, folder: Path) -> None:
    write(folder, ISSUES.replace("    must:\n", "      de: [Fischereirechte]\n    must:\n"))
    assert "Fischereirechte" not in said(call(tmp_path, "pack", "check", str(folder)))
    told = said(call(tmp_path, "pack", "check", str(folder), "--advice"))
    assert f'{folder}/issues.yml:9: the issue "fishing" has patterns in "de" and no sentence in it under must' in told


def test_what_is_no_pack_is_said(tmp_path: Path) -> None:
    result = call(tmp_path, "pack", "check", "nowhere")
    assert result.exit_code == 2
    assert "nowhere is neither a bundled pack" in result.output


def test_stats_count_what_is_there(tmp_path: Path, folder: Path) -> None:
    found = json.loads(said(call(tmp_path, "pack", "stats", str(folder), "--json")))
    world = json.loads(said(call(tmp_path, "pack", "stats", "world", "--json")))
    assert found["issues"] == 1
    assert found["actors"] == world["actors"] + 1
    assert found["patterns"] == {"en": 2}
    assert found["terms"] > world["terms"]
    assert "issues" in said(call(tmp_path, "pack", "stats", str(folder)))


def test_explain_shows_places_and_what_came_near(tmp_path: Path, folder: Path) -> None:
    text = "The Lake League wants fishing rights. A fish quota for sport clubs stays."
    told = said(call(tmp_path, "pack", "explain", text, "--pack", str(folder)))
    assert f"lake/fishing#0{' ' * 34} {folder}/issues.yml:8" in told
    assert f"{folder}/issues.yml:19" in told
    assert 'fishing: "fishing" + "quota": words that speak against it' in told


def test_explain_names_what_stands_too_far_apart(tmp_path: Path, folder: Path) -> None:
    told = said(
        call(tmp_path, "pack", "explain", "Lunch\nThe fish was cold. A ban on cars began.", "--pack", str(folder))
    )
    assert 'fishing: "fish" + "ban": its words stand too far apart' in told


def test_diff_tells_which_items_change(tmp_path: Path, folder: Path, items: Path) -> None:
    new = write(
        tmp_path / "new", ISSUES.replace("[quota*, ban]", "[ban]").replace("[Lake League]", "[Lake League, Mira Dovak]")
    )
    told = said(call(tmp_path, "pack", "diff", str(folder), str(new), "--items", str(items)))
    assert "2 of 4 items change" in told
    assert "issue fishing  +0 / -1\n  - b  Fish quota is set  (Fish quota, fish quota)" in told
    assert "actor lake_league  +1 / -0\n  + c  Choir wins  (Mira Dovak)" in told
    rows = said(call(tmp_path, "pack", "diff", str(folder), str(new), "--items", str(items), "--json")).splitlines()
    assert {(one["item"], one["gained"], one["kind"]) for one in map(json.loads, rows)} >= {
        ("b", False, "issue"),
        ("c", True, "actor"),
    }


def test_diff_of_the_same_changes_nothing(tmp_path: Path, folder: Path, items: Path) -> None:
    told = said(call(tmp_path, "pack", "diff", str(folder), str(folder), "--items", str(items)))
    assert told == "0 of 4 items change\n"


def test_a_line_that_is_no_item_is_named(tmp_path: Path, folder: Path, items: Path) -> None:
    items.write_text('{"id": "a", "title": "x"}\n{"id": 5}\n')
    result = call(tmp_path, "pack", "diff", str(folder), str(folder), "--items", str(items))
    assert result.exit_code == 2
    assert f"{items}:2" in result.output.replace("\n", "")


def test_without_a_store_diff_says_so(tmp_path: Path, folder: Path) -> None:
    result = call(tmp_path, "pack", "diff", str(folder), str(folder))
    assert result.exit_code == 2
    assert "ceasewire" in result.output


def test_suggest_finds_what_stands_beside_known_names(tmp_path: Path, folder: Path, items: Path) -> None:
    config = tmp_path / "config"
    assert not config.exists()
    text = [
        {"id": f"{n}", "title": f"Round {n}", "text": f"In round {n} Ukraine met Mira Dovak for talks."}
        for n in range(6)
    ]
    text += [{"id": "copy", "title": "Round 1", "text": "In round 1 Ukraine met Mira Dovak for talks."}]
    items.write_text("".join(json.dumps(row) + "\n" for row in text))
    rows = [
        json.loads(line)
        for line in said(
            call(tmp_path, "pack", "suggest", "--items", str(items), "--json", "--least", "5")
        ).splitlines()
    ]
    (name,) = [row for row in rows if row["kind"] == "name"]
    assert (name["words"], name["texts"], name["language"]) == ("Mira Dovak", 6, "en")
    assert ["actor:ukraine", 6] in name["beside"]
    assert len(name["examples"]) == 2


def test_explain_of_a_pack_that_fails_its_examples_says_where(tmp_path: Path, folder: Path) -> None:
    write(folder, ISSUES.replace("The two shores argue over fishing rights.", "The two shores argue."))
    result = call(tmp_path, "pack", "explain", "Fish", "--pack", str(folder))
    assert result.exit_code == 2
    assert "issues.yml:10" in result.output
