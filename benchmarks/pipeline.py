"""Items a second and core, beside a naive pipeline of the same job, on the same generated items."""

import asyncio
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks import naive
from benchmarks.aliases import aliases
from benchmarks.generated import Generator
from benchmarks.ours import Pipeline, Spent, make_engine

START = datetime(2026, 1, 1, tzinfo=UTC)
SIZES = ((160, 1200), (3000, 200))
"""Characters of an item's text, and how many items are taken. Over 57 real feeds the median was 158."""
ENTRIES = 25
SHARE = 0.03


def documents(length: int, count: int) -> list[tuple[str, bytes]]:
    """Documents of 25 entries in four languages, 3 % about the conflict."""
    return list(Generator(length, SHARE, START, timedelta(seconds=20)).documents(count // ENTRIES, ENTRIES))


async def ours(given: list[tuple[str, bytes]], folder: Path) -> Spent:
    """What our pipeline spends; the language model is loaded before."""
    engine = make_engine()
    warm = Pipeline(folder / "warm", engine)
    await warm.take(given[:4])
    warm.close()
    pipeline = Pipeline(folder / "ours", engine)
    try:
        await pipeline.take(given)
        return pipeline.spent
    finally:
        pipeline.close()


def main() -> None:
    """Prints one line for each length and pipeline."""
    known = aliases()
    print(f"naive: feedparser, langdetect unseeded, one pattern for each of {len(known):,} aliases, a commit an item")
    print(f"{'':<22}{'items/s/core':>14}{'items/s':>10}{'ms reading':>12}{'ms the rest':>13}")
    for length, count in SIZES:
        given = documents(length, count)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for part in ("warm", "ours", "naive"):
                (folder / part).mkdir()
            mine = asyncio.run(ours(given, folder))
            plain = naive.run(given, known, folder / "naive")
        _print(f"{length} characters, ours", mine)
        _print(f"{length} characters, naive", plain)
        print(f"{'':<22}{mine.rate / plain.rate:>13.1f}x")


def _print(name: str, spent: Spent) -> None:
    each = 1000 / spent.items
    rest = (spent.admission + spent.intake) * each
    print(f"{name:<22}{spent.rate:>14,.0f}{spent.items / spent.wall:>10,.0f}{spent.reading * each:>12.2f}{rest:>13.2f}")


if __name__ == "__main__":
    main()
