"""Rules as a user writes them, their faults at file and line, and their examples."""

from datetime import timedelta

import pytest

from ceasewire import bundled
from ceasewire.config.examples import check_examples
from ceasewire.config.lines import Lines, read_yaml
from ceasewire.config.rules import Rule, check_names, read_rule
from ceasewire.engine import Engine, build_engine
from ceasewire.errors import ConfigurationError, Fault
from ceasewire.query import And, Has, In

GOOD = """\
id: swap
name: Exchange of prisoners
query: issue:prisoner_exchange actor:ukraine in:lede
max_age: 2 d
channels: [team]
must_match:
  - title: Ukraine and Russia exchange two hundred prisoners of war
must_not_match:
  - title: Ukraine exports more grain
    text: Prices of wheat rose.
"""


def read(text: str) -> Rule:
    return read_rule(read_yaml(text, "rules/swap.yml"))


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [str(fault) for fault in caught.value.faults]


def test_a_rule_is_read() -> None:
    rule = read(GOOD)
    assert rule.node == In("lede", And((Has("issue", "prisoner_exchange"), Has("actor", "ukraine"))))
    assert rule.node is rule.node
    assert (rule.max_age, rule.channels, rule.enabled) == (timedelta(days=2), ("team",), True)
    assert rule == read(GOOD)


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (("actor:", "(actor:"), 3, "query: column 25: the bracket at column 25 is not closed"),
        (("issue:", "isue:"), 3, "did you mean issue:?"),
        (("issue:prisoner_exchange actor:ukraine in:lede", "-football"), 3, "nearly every item would meet it"),
        (("issue:prisoner_exchange actor:ukraine in:lede", "lang:uk"), 3, "nearly every item would meet it"),
        (("issue:prisoner_exchange actor:ukraine in:lede", '""'), 3, "query"),
        (("2 d", "2 days"), 4, "a duration like"),
        (("2 d", "90 d"), 4, "an age from 1 m to 14 d"),
        (("2 d", "0 s"), 4, "an age from 1 m to 14 d"),
        (("max_age", "maxage"), 4, 'unknown key "maxage"; did you mean "max_age"?'),
        (("[team]", "team"), 5, "channels"),
        (("id: swap", "id: Swap 1"), 1, "id"),
        (("- title: Ukraine and", "- titel: Ukraine and"), 7, 'unknown key "titel"; did you mean "title"?'),
        (("name: Exchange of prisoners\n", ""), 1, '"name" is missing'),
    ],
)
def test_faults_name_the_line_and_the_cure(change: tuple[str, str], line: int, says: str) -> None:
    found = faults(GOOD.replace(*change))
    assert any(fault.startswith(f"rules/swap.yml:{line}: ") and says in fault for fault in found), found


def test_all_faults_come_at_once() -> None:
    assert len(faults(GOOD.replace("2 d", "soon").replace("id: swap", "id: A").replace("in:lede", "in:text"))) == 3


@pytest.fixture(scope="module")
def engine() -> Engine:
    rules = [*bundled.rules(), read(GOOD)]
    return build_engine(bundled.packs(["ukraine_russia"]), rules, [])


def test_a_rule_that_meets_its_examples_has_no_fault(engine: Engine) -> None:
    assert check_examples(read(GOOD), engine) == []


def test_an_example_that_the_rule_judges_otherwise_is_a_fault_at_its_line(engine: Engine) -> None:
    text = GOOD.replace("Ukraine exports more grain", "Ukraine and Russia exchange prisoners of war")
    text = text.replace("exchange two hundred prisoners of war", "speak of the weather")
    lines: Lines = read_yaml(text, "rules/swap.yml")
    assert check_examples(read_rule(lines), engine, lines) == [
        Fault(
            "rules/swap.yml", 7, 'the rule does not meet "Ukraine and Russia speak of the weather", as must_match says'
        ),
        Fault(
            "rules/swap.yml",
            9,
            'the rule meets "Ukraine and Russia exchange prisoners of war", as must_not_match denies',
        ),
    ]


def test_the_source_of_an_example_counts() -> None:
    text = "id: x\nname: X\nquery: talks source:kremlin\nmust_match:\n  - {title: Talks go on, source: kremlin}\n"
    rule = read(text + "must_not_match:\n  - {title: Talks go on, source: other}\n  - title: Talks go on\n")
    assert check_examples(rule, build_engine(bundled.packs(["ukraine_russia"]), [rule], [])) == []


@pytest.mark.parametrize("rule", bundled.rules(), ids=lambda rule: rule.id)
def test_bundled_rules_meet_their_examples(rule: Rule, engine: Engine) -> None:
    assert rule.must_match
    assert rule.must_not_match
    assert check_examples(rule, engine) == []


def test_bundled_rules_name_known_things_only(engine: Engine) -> None:
    names = engine.names
    known = {"issue": names.known_issues(), "actor": names.known_actors(), "conflict": names.known_conflicts()}
    assert [fault for rule in bundled.rules() for fault in check_names(rule, known)] == []


def test_an_unknown_name_is_a_fault_with_the_nearest_one() -> None:
    lines = read_yaml(GOOD.replace("prisoner_exchange", "prisoners_exchange"), "rules/swap.yml")
    known = {"issue": ["ceasefire", "prisoner_exchange"], "actor": ["russia"]}
    assert check_names(read_rule(lines), known, lines) == [
        Fault("rules/swap.yml", 3, 'query: there is no issue "prisoners_exchange"; did you mean "prisoner_exchange"?'),
        Fault("rules/swap.yml", 3, 'query: there is no actor "ukraine"'),
    ]
    assert check_names(read_rule(lines), {}) == []


def test_one_rule_is_on_and_the_others_are_offers() -> None:
    rules = {rule.id: rule for rule in bundled.rules()}
    assert [name for name, rule in rules.items() if rule.enabled] == ["ceasefire"]
    assert rules["ceasefire"].max_age == timedelta(hours=24)
    assert rules["ceasefire"].query == "issue:ceasefire conflict:ukraine_russia in:lede"
    assert "conflict:" not in rules["ceasefire_anywhere"].query
