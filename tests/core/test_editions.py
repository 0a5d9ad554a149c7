"""What an edition stands for, and that its number only grows."""

from ceasewire import bundled
from ceasewire.crossings import Edition
from ceasewire.editions import LAST, made_of, raised

PACKS = bundled.packs(["ukraine_russia"])
RULES = bundled.rules()
HASH = made_of(PACKS, RULES, "1.0")


def test_the_hash_is_the_same_whatever_the_order() -> None:
    assert made_of(tuple(reversed(PACKS)), tuple(reversed(RULES)), "1.0") == HASH


def test_the_hash_tells_of_packs_queries_and_code() -> None:
    other = RULES[0].model_copy(update={"query": f"{RULES[0].query} truce"})
    off = RULES[0].model_copy(update={"enabled": not RULES[0].enabled})
    found = {
        HASH,
        made_of(PACKS, RULES, "1.1"),
        made_of(PACKS[:1], RULES, "1.0"),
        made_of(PACKS, (other, *RULES[1:]), "1.0"),
        made_of(PACKS, (off, *RULES[1:]), "1.0"),
    }
    assert len(found) == 5


def test_what_tags_do_not_depend_on_does_not_change_the_hash() -> None:
    rule = RULES[0].model_copy(update={"channels": ("newsroom",), "name": "Other words"})
    assert made_of(PACKS, (rule, *RULES[1:]), "1.0") == HASH


def test_a_number_is_raised_up_to_the_last() -> None:
    assert raised(None, "a") == Edition(number=1, made_of="a")
    assert raised(Edition(number=7, made_of="a"), "b") == Edition(number=8, made_of="b")
    assert raised(Edition(number=LAST), "b") is None
