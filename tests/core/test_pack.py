"""Packs from YAML: every fault at its line, at once; the bundled packs keep what they promise."""

import pytest

from ceasewire import bundled
from ceasewire.engine import build_engine
from ceasewire.errors import ConfigurationError
from ceasewire.pack.load import load_pack
from ceasewire.pack.model import PACK_LANGUAGES
from ceasewire.pack.names import Names
from tests.core.tagging_samples import make_item

HEAD = "id: small\nname: Small\nversion: 1\n"
GOOD = """
sets:
  en:
    stop: [halt, pause]
issues:
  - id: quiet
    name: Quiet
    definition: No noise.
    pax: none
    plover: none
    patterns:
      en:
        - silence
        - {near: ["@stop", [noise]], words: 3}
    must:
      en: [They asked for a pause of the noise.]
    must_not:
      en: [The noise went on.]
actors:
  - id: baker
    name: The Baker
    type: person
    names: {any: [Baker]}
"""


def faults(text: str, head: str = HEAD) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        load_pack({"pack.yml": head, "one.yml": text})
    return [str(fault) for fault in refused.value.faults]


def test_a_small_pack_loads_and_tags() -> None:
    pack = load_pack({"pack.yml": HEAD, "one.yml": GOOD})
    assert (pack.id, [issue.id for issue in pack.issues], [actor.id for actor in pack.actors]) == (
        "small",
        ["quiet"],
        ["baker"],
    )
    assert build_engine([pack], [], []).names.issue("quiet") == "Quiet"


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("name: Quiet", "nme: Quiet", 'one.yml:7: unknown key "nme"; did you mean "name"?'),
        ("- silence", "- ''", "one.yml:13: an empty term"),
        ("- silence", "- '*'", "one.yml:13: an empty term"),
        ("- silence", "- 's*'", 'one.yml:13: "s*" begins too short before the asterisk'),
        ("- silence", "- 'si*ence'", 'one.yml:13: in "si*ence" an asterisk may stand only at the end of a word'),
        ("- silence", "- {any: []}", 'one.yml:13: "any" needs a list that is not empty'),
        ("- silence", "- {any: [a b], nar: [c]}", 'one.yml:13: unknown key "nar" in a pattern'),
        ("- silence", "- {words: 3}", "one.yml:13: a pattern needs exactly one of any, near, all"),
        ("- silence", "- {near: [[stop]]}", 'one.yml:13: "near" needs at least two groups'),
        ("- silence", "- {near: [[stop], [go]], words: 900}", 'one.yml:13: "words" is a number from 1 to 40'),
        ('"@stop"', '"@gone"', 'one.yml:14: no set is named "@gone"'),
        ("any: [Baker]", "any: [{is: Baker, cse: exact}]", "one.yml:23: a name is text, or a mapping"),
        ("any: [Baker]", "any: [B*]", 'one.yml:23: "B*" begins too short'),
    ],
)
def test_faults_at_their_lines(old: str, new: str, fault: str) -> None:
    found = faults(GOOD.replace(old, new))
    assert any(one.startswith(fault) for one in found), found


def test_all_faults_at_once() -> None:
    text = GOOD.replace("- silence", "- ''").replace('"@stop"', '"@gone"').replace("[Baker]", "['B*']")
    assert len(faults(text)) == 3


def test_an_id_twice_is_refused() -> None:
    twice = GOOD + "  - id: baker\n    name: Other\n    type: person\n    names: {any: [Other]}\n"
    assert faults(twice) == ['one.yml:24: the id "baker" stands already at one.yml:20']


def test_a_pack_needs_its_head() -> None:
    with pytest.raises(ConfigurationError, match=r"pack\.yml"):
        load_pack({"one.yml": GOOD})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("pause of the noise", "break from the noise", 'one.yml:16: the issue "quiet" does not find itself'),
        ("The noise went on", "In silence the noise went on", 'one.yml:18: the issue "quiet" finds itself'),
    ],
)
def test_examples_that_fail_are_refused(old: str, new: str, fault: str) -> None:
    pack = load_pack({"pack.yml": HEAD, "one.yml": GOOD.replace(old, new)})
    with pytest.raises(ConfigurationError) as refused:
        build_engine([pack], [], [])
    assert str(refused.value).startswith(fault)


def test_ids_that_no_pack_has_are_refused() -> None:
    text = GOOD + "    parent: guild\nconflicts:\n  - {id: brawl, name: Brawl, own: [miller]}\n"
    with pytest.raises(ConfigurationError) as refused:
        build_engine([load_pack({"pack.yml": HEAD, "one.yml": text})], [], [])
    assert 'the parent "guild"' in str(refused.value)
    assert '"miller" of the conflict "brawl"' in str(refused.value)


def test_an_unknown_pack_is_named() -> None:
    with pytest.raises(ConfigurationError, match="there are gaza, ukraine_russia, world"):
        bundled.packs(["atlantis"])


def test_the_bundled_packs_hold_what_their_examples_say() -> None:
    build_engine(bundled.packs(["ukraine_russia"]), bundled.rules(), [])


def test_every_bundled_issue_speaks_every_language() -> None:
    (pack, _) = bundled.packs(["ukraine_russia"])
    assert len(pack.issues) == 31
    lacking = [
        (issue.id, language)
        for issue in pack.issues
        for language in PACK_LANGUAGES
        if not issue.patterns.get(language) and not issue.patterns.get("any")
    ]
    assert lacking == []
    assert [issue.id for issue in pack.issues if not (issue.must and issue.must_not)] == []


def test_names_fall_back_to_the_id() -> None:
    names = Names(bundled.packs(["ukraine_russia"]))
    assert names.issue("ceasefire") == "Ceasefire"
    assert names.actor("zelenskyy") == "Volodymyr Zelenskyy"
    assert names.conflict("gaza") == "Israel and Gaza"
    assert names.place("geneva") == "Geneva"
    assert names.actor("nobody") == "nobody"
    assert len(names.known_actors()) >= 150
    assert {"ukraine_russia", "gaza"} <= set(names.known_conflicts())


def test_another_pack_stands_alone() -> None:
    engine = build_engine(bundled.packs(["gaza"]), [], [])
    tagged = engine.tagger.tag(
        make_item("Mossad chief Barnea flies to Doha", "Hamas is to release ten hostages. The truce in Gaza holds.")
    )
    assert set(tagged.issues) == {"gaza_ceasefire", "hostages"}
    assert {"mossad", "barnea", "hamas", "israel"} <= set(tagged.actors)
    assert (tagged.conflict, tagged.relevance) == ("gaza", "main")


def test_packs_stand_beside_each_other() -> None:
    engine = build_engine(bundled.packs(["ukraine_russia", "gaza"]), [], [])
    tagged = engine.tagger.tag(make_item("Truce in Gaza holds, says Rubio"))
    assert set(tagged.issues) == {"ceasefire", "gaza_ceasefire"}
