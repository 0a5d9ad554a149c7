"""The labelled samples: news texts written for this project, and what a careful reader would say of each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
import yaml

FOLDER = Path(__file__).parent / "samples"
SHORT = 160
"""Characters of text that the short form of a sample keeps; the median of real feeds is 158."""


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text as it stands in the files. `issues_ok` and `actors_also` are neither rewarded nor punished.

    `alert_anywhere` is 2 where a real development of some ceasefire is told, 0 where none is, 1 where either may be
    said. "unclear" is not scored. `conflict` is the pack's id, or none.
    """

    id: str
    title: str
    text: str = ""
    about: bool | Literal["unclear"] = False
    issues: frozenset[str] = frozenset()
    issues_ok: frozenset[str] = frozenset()
    actors: frozenset[str] = frozenset()
    actors_also: frozenset[str] = frozenset()
    alert_anywhere: Literal[0, 1, 2] = 0
    conflict: str = "none"


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of samples in one language."""

    language: str
    texts: tuple[Label, ...]


def read_sheets(folder: Path = FOLDER) -> Iterator[Sheet]:
    """The files of samples by name; raises msgspec.ValidationError that names the field of a wrong label."""
    for file in sorted(folder.glob("*.yml")):
        yield msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), Sheet)
