"""Values of a pack that are refused when it is loaded, each at its line."""

import pytest

from ceasewire.errors import ConfigurationError
from ceasewire.pack.load import Pack, load_pack
from ceasewire.tagging.vocabulary import build_vocabulary

_HEAD = "id: some\nname: Some\nversion: 1\n"


def _load(text: str) -> Pack:
    return load_pack({"some/pack.yml": _HEAD, "some/rest.yml": text})


def _role(since: str, until: str) -> str:
    return (
        "actors:\n  - id: smith\n    name: Smith\n    type: envoy\n"
        f"    roles:\n      - {{title: envoy, from: '{since}', to: '{until}'}}\n"
    )


@pytest.mark.parametrize(
    ("since", "until"), [("2024", "2023"), ("2024-05", "2024-04-30"), ("2024-05-02", "2024-05-01")]
)
def test_a_role_that_ends_before_it_begins_is_refused(since: str, until: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _load(_role(since, until))
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("some/rest.yml", 6)
    assert f"({until}) before it begins ({since})" in fault.text


@pytest.mark.parametrize(
    ("since", "until"), [("2024", "2024"), ("2024-05", "2024"), ("2024", "2024-03"), ("2023", "2024")]
)
def test_a_role_may_end_in_the_time_in_which_it_begins(since: str, until: str) -> None:
    (actor,) = _load(_role(since, until)).actors
    assert (actor.roles[0].since, actor.roles[0].until) == (since, until)


def test_plover_classes_that_do_not_exist_are_refused_at_their_line() -> None:
    issue = "issues:\n  - id: truce\n    name: Truce\n    definition: A truce.\n    pax: none\n"
    rest = "    patterns: {en: [truce]}\n"
    assert _load(f"{issue}    plover: [AGREE, RETREAT]\n{rest}").issues[0].plover == ("AGREE", "RETREAT")
    assert _load(f"{issue}    plover: none\n{rest}").issues[0].plover == "none"
    with pytest.raises(ConfigurationError) as caught:
        _load(f"{issue}    plover: [AGREE, DEMAND]\n{rest}")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("some/rest.yml", 6)
    assert "no PLOVER class is named DEMAND" in fault.text


def test_ids_and_sides_that_nobody_has_are_refused_at_their_lines() -> None:
    pack = _load(
        "actors:\n  - {id: smith, name: Smith, type: envoy, side: north, parent: nobody}\n"
        "conflicts:\n  - id: war\n    name: War\n    own: [smith, ghost]\n    own_sides: [north, south]\n"
    )
    with pytest.raises(ConfigurationError) as caught:
        build_vocabulary([pack])
    told = [str(fault) for fault in caught.value.faults]
    assert told == [
        'some/rest.yml:2: the parent "nobody" of the actor "smith" is in no pack',
        'some/rest.yml:6: "ghost" of the conflict "war" is neither an actor nor a place',
        'some/rest.yml:7: no actor is on the side "south" of the conflict "war"',
    ]


def test_war_is_true_false_or_shown() -> None:
    issue = "issues:\n  - id: truce\n    name: Truce\n    definition: A truce.\n    pax: none\n    plover: none\n"
    rest = "    patterns:\n      en:\n        - {any: [truce], war: %s}\n"
    for value in ("true", "false", "shown"):
        assert _load(issue + rest % value).issues
    with pytest.raises(ConfigurationError) as caught:
        _load(issue + rest % "maybe")
    (fault,) = caught.value.faults
    assert (fault.file, fault.line) == ("some/rest.yml", 9)
    assert "\"war\" is true, false or shown, not 'maybe'" in fault.text
