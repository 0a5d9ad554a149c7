"""`python -m tests.services -- python -m benchmarks.cluster [NAME ...]`: all measurements, or those that are named."""

import argparse
import asyncio
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from benchmarks.cluster import measures
from benchmarks.cluster.bench import Took
from benchmarks.cluster.plain import plain


async def _tagger(folder: Path, scale: float) -> None:
    faust, bare = await measures.tagger(folder, int(5_000 * scale))
    _row("tagger, through Faust", f"{faust.per_core:,.0f} items/s/core", f"{faust.rate:,.0f} items/s", _beside(faust))
    _row("tagger, bare aiokafka loop", f"{bare.per_core:,.0f} items/s/core", f"{bare.rate:,.0f} items/s", _beside(bare))
    _goal("of the bare loop", faust.per_core / bare.per_core, 0.65, "65 %")


async def _two(folder: Path, scale: float) -> None:
    alone, both = await plain(1), await plain(2)
    _row("one that tags from memory", f"{alone.rate:,.0f} items/s", f"{alone.cores:.2f} cores had")
    _row("two that tag from memory", f"{both.rate:,.0f} items/s", f"{both.cores:.2f} cores had")
    _row("  two beside one: the ceiling", f"{both.rate / alone.rate:.2f}", "of this machine now")
    one, two = await measures.two_taggers(folder, int(8_000 * scale))
    _row("one tagger", f"{one.rate:,.0f} items/s", f"{one.cpu / one.wall:.2f} cores had", _beside(one))
    _row("two taggers", f"{two.rate:,.0f} items/s", f"{two.cpu / two.wall:.2f} cores had", _beside(two))
    _goal("two beside one", two.rate / one.rate, 1.6, "1.6 x")
    each, beside = two.cpu / two.rows * 1e3, two.services / two.rows * 1e3
    _row("  what each item takes", f"{each:.2f} ms of a tagger", f"{beside:.2f} ms of broker and load")
    _row("  the same by processor time", f"{2 * two.per_core / one.per_core:.2f}", "as if each had a core")


async def _indexer(folder: Path, scale: float) -> None:
    ours, bare = await measures.indexer(folder, int(16_000 * scale))
    _row("indexer", f"{ours.rate:,.0f} documents/s", f"{ours.cpu / ours.rows * 1e6:,.0f} us each", _beside(ours))
    _row(
        "bare bulk helper", f"{bare.rate:,.0f} documents/s", f"{bare.cpu / bare.rows * 1e6:,.0f} us each", _beside(bare)
    )
    _goal("of the bulk helper", ours.rate / bare.rate, 0.8, "80 %")


async def _gatherer(folder: Path, scale: float) -> None:
    took = await measures.gatherer(folder, int(3_000 * scale))
    _row("gatherer, all about negotiations", f"{took.rate:,.0f} items/s", f"{took.per_core:,.0f} items/s/core")


async def _delay(folder: Path, scale: float) -> None:
    delays = await measures.alert_delay(folder, int(300 * scale))
    _row("ack to receiver, 5 alerts a second", f"p50 {delays.at(0.5):.3f} s", f"p99 {delays.at(0.99):.3f} s")
    _goal("p99 in seconds", delays.at(0.99), 1.0, "under 1", least=False)


PARTS: Mapping[str, Callable[[Path, float], Awaitable[None]]] = {
    "tagger": _tagger,
    "two": _two,
    "indexer": _indexer,
    "gatherer": _gatherer,
    "delay": _delay,
}


def _row(name: str, *values: str) -> None:
    print(f"{name:<36}" + "".join(f"  {value:>24}" for value in values), flush=True)


def _goal(name: str, found: float, wanted: float, words: str, least: bool = True) -> None:
    met = found >= wanted if least else found < wanted
    _row(f"  {name}", f"{found:.2f}", f"goal {words}: {'met' if met else 'MISSED'}")


def _beside(took: Took) -> str:
    """How far the number can be believed: other work on the same cores takes it down."""
    return f"others had {took.others:.1f} cores"


def _load() -> str:
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


async def _run(names: list[str], scale: float) -> None:
    with tempfile.TemporaryDirectory(prefix="ceasewire-bench-") as folder:
        for name in names:
            print(f"{name}: {_load()}", flush=True)
            await PARTS[name](Path(folder), scale)


def main() -> None:
    """Prints a line for each thing measured, and whether its goal is met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cluster")
    parser.add_argument("names", nargs="*", choices=[*PARTS, []], help="what to measure; by default all")
    parser.add_argument("--scale", type=float, default=1.0, help="of how many items, beside the usual number")
    asked = parser.parse_args()
    for library in ("kafka", "aiokafka", "elastic_transport"):
        logging.getLogger(library).setLevel(logging.CRITICAL)
    asyncio.run(_run(asked.names or list(PARTS), asked.scale))


if __name__ == "__main__":
    main()
