"""Where the keys of a YAML text stand, and what is refused before anything is made of it."""

import pytest

from ceasewire.config.lines import read_yaml
from ceasewire.errors import ConfigurationError

TEXT = """base: &x
  - a
  - r: 1
other: *x
last:
  b: 2
"""


def test_what_an_alias_repeats_keeps_the_lines_of_its_first_place() -> None:
    lines = read_yaml(TEXT, "settings.yml")
    paths = (("base",), ("base", 0), ("base", 1, "r"), ("other",), ("other", 1, "r"), ("last", "b"), ("last", "c"))
    assert [lines.line(path) for path in paths] == [1, 2, 3, 4, 4, 6, 5]


def test_doubled_keys_are_told_in_their_order() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_yaml("a: {b: 1, b: 2}\nc:\n  - {d: 1, d: 2}\n  - {e: 1, e: 1}\na: 3\n", "rules.yml")
    assert [(fault.line, fault.text) for fault in caught.value.faults] == [
        (1, 'the key "b" stands twice'),
        (3, 'the key "d" stands twice'),
        (4, 'the key "e" stands twice'),
        (5, 'the key "a" stands twice'),
    ]
