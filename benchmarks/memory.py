"""Memory of the process while 100,000 items go through, 3 % of them about the conflict: goal under 300 MB, flat."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

import psutil

from benchmarks.generated import Generator
from benchmarks.ours import Pipeline, make_engine
from benchmarks.pipeline import ENTRIES, SHARE, START

STEPS = (20_000, 40_000, 60_000, 80_000, 100_000)
GOAL = 300
"""MB."""
FEEDS = 60


async def measure(folder: Path) -> list[tuple[int, float]]:
    """Items and resident MB at each step. An item comes each 17 s, about 5,000 a day."""
    process = psutil.Process()
    pipeline = Pipeline(folder, make_engine())
    generator = Generator(160, SHARE, START, timedelta(seconds=17))
    found = []
    try:
        for step in STEPS:
            missing = step - pipeline.spent.items
            await pipeline.take(generator.documents(missing // ENTRIES, ENTRIES), FEEDS)
            found.append((pipeline.spent.items, process.memory_info().rss / 1e6))
            print(f"{found[-1][0]:>9,} items {found[-1][1]:>8.0f} MB", flush=True)
    finally:
        pipeline.close()
    return found


def main() -> None:
    """Prints resident memory at each step, and how fast it grew after the first."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(Path(folder)))
    (first, low), (last, high) = found[0], found[-1]
    slope = (high - low) / (last - first) * 10_000
    print(f"grew {slope:+.1f} MB for each 10,000 items; most {max(mb for _, mb in found):.0f} MB (goal {GOAL} MB)")


if __name__ == "__main__":
    main()
