"""What the machine gives to one process that tags from memory, and to two at once: no broker, nothing to wait for.

`python -m benchmarks.cluster.plain` is one of them: it says that it is ready, and at a line on its input tags for some
seconds and prints how many items that were.
"""

import asyncio
import sys
from dataclasses import dataclass
from time import perf_counter, process_time

from benchmarks.cluster.items import make_items
from benchmarks.ours import make_engine
from ceasewire.codec import decode, encode
from ceasewire.items import Item
from streams.tagging import tag

SECONDS = 5.0
_ITEMS = 1_000


@dataclass(frozen=True)
class Plain:
    """Items a second of so many processes together, and the cores that they had."""

    rate: float
    cores: float


async def plain(processes: int) -> Plain:
    """So many processes, begun at the same moment."""
    pipe = asyncio.subprocess.PIPE
    words = (sys.executable, "-m", "benchmarks.cluster.plain")
    running = [await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe) for _ in range(processes)]
    try:
        for one in running:
            assert one.stdout is not None
            assert await one.stdout.readline() == b"ready\n"
        told = await asyncio.gather(*(one.communicate(b"go\n") for one in running))
    finally:
        for one in running:
            if one.returncode is None:
                one.kill()
                await one.wait()
    rates = [tuple(map(float, out.split())) for out, _ in told]
    return Plain(sum(rate for rate, _ in rates), sum(cores for _, cores in rates))


def main() -> None:
    """One process: what a tagger does to a row, from its bytes to those of the tagged item."""
    engine = make_engine()
    rows = [encode(item) for item in make_items(_ITEMS)]
    for row in rows:
        tag(decode(row, Item), engine, 1)  # models are loaded
    print("ready", flush=True)
    sys.stdin.readline()
    done, wall, cpu = 0, perf_counter(), process_time()
    while perf_counter() - wall < SECONDS:
        encode(tag(decode(rows[done % len(rows)], Item), engine, 1))
        done += 1
    wall = perf_counter() - wall
    print(done / wall, (process_time() - cpu) / wall)


if __name__ == "__main__":
    main()
