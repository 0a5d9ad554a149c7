"""How well threads join reports of one development and keep others apart, on own labelled reports."""

from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import msgspec

from ceasewire.engine import Engine
from embedded.batches import Row, story_rows

REPORTS = Path(__file__).with_name("samples") / "threads.jsonl"


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One report, with the development that it tells; None where no other report tells it."""

    id: str
    cluster: str | None
    lang: str
    title: str
    text: str
    published: str


class Joined(NamedTuple):
    """Pairs of reports of one development, and of others, with how many of them are in one thread."""

    alike: int
    alike_joined: int
    other: int
    other_joined: int

    @property
    def figures(self) -> dict[str, float]:
        """The shares of pairs that are judged rightly, and of joined pairs that belong together."""
        joined = self.alike_joined + self.other_joined
        return {
            "reports of one development joined": self.alike_joined / self.alike,
            "others kept apart": 1 - self.other_joined / self.other,
            "joined ones that belong together": self.alike_joined / joined if joined else 0.0,
        }


def read_reports(file: Path = REPORTS) -> list[Report]:
    """The labelled reports, in the order of their dates."""
    return [msgspec.json.decode(line, type=Report) for line in file.read_bytes().splitlines()]


def score_threads(engine: Engine, reports: list[Report]) -> Joined:
    """Counts the pairs of reports in one language that the threads join."""
    rows = [Row(id=one.id, title=one.title, text=one.text, published=one.published) for one in reports]
    thread = {row["id"]: row["story"] for row in story_rows(engine, rows)}
    counts = [0, 0, 0, 0]
    for one, other in combinations(reports, 2):
        if one.lang != other.lang:
            continue
        at = 0 if one.cluster is not None and one.cluster == other.cluster else 2
        counts[at] += 1
        counts[at + 1] += thread[one.id] is not None and thread[one.id] == thread[other.id]
    return Joined(*counts)
