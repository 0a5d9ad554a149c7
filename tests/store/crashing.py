"""A process that commits polls until it is killed: `python -m tests.store.crashing FOLDER` prints each durable one."""

import asyncio
import sys
from pathlib import Path

from ceasewire.metrics import Metrics
from embedded.intake import SqliteIntake
from embedded.store.lock import hold
from tests.fakes.engine import WordEngine
from tests.store.making import Clock, make_item, make_state, make_store

ITEMS = 5
"""Items of a poll; the first of them raises an alert, the last edits one of the poll before."""


async def main(folder: Path) -> None:
    clock = Clock()
    with hold(folder / "ceasewire.lock"):
        store = make_store(folder, clock)
        engine = WordEngine()
        intake = SqliteIntake(store, lambda: engine, lambda *_: "{}", clock, Metrics())  # type: ignore[arg-type,return-value]
        state = await intake.state("morning_wire")
        poll = int(state.etag or 0) if state else 0
        while True:
            poll += 1
            await intake.commit(poll_items(poll), make_state(etag=str(poll)))
            print(poll, flush=True)


def poll_items(poll: int) -> list:  # type: ignore[type-arg]
    """The items of one poll, the same at each call."""
    first = poll * 10
    items = [make_item(first, f"Ceasefire number {poll} agreed", f"{poll * 7919} words of the day {poll}")]
    items += [make_item(first + n, f"Rain {first + n}", "It rains. " * 20) for n in range(1, ITEMS)]
    if poll > 1:
        items.append(make_item(first - 9, f"Rain {first - 9}, corrected", "It stopped.", rev=2))
    return items


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
