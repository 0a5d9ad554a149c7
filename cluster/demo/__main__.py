"""`python -m cluster.demo [--check]`: the sample day on a cluster of real processes on this machine.

In a container it is told how others call ceasewire beside it, and by what name the next play finds what this one left.
"""

import argparse
import asyncio
import signal
import sys
import tempfile
from pathlib import Path
from time import monotonic

from rich.console import Console

from ceasewire.errors import CeasewireError
from cluster.demo.checks import faults
from cluster.demo.counting import Counts
from cluster.demo.play import Day
from embedded.demo.receiver import Arrival
from embedded.demo.telling import tell_arrival


async def _play(folder: Path, name: str, command: str, check: bool, console: Console) -> int:
    def arrived(arrival: Arrival) -> None:
        if not check:
            tell_arrival(console, arrival)

    began = monotonic()
    day = Day(
        folder,
        lambda line: console.print(line, style="dim", markup=False, soft_wrap=True),
        arrived=arrived,
        name=name,
    )
    counts: Counts | None = None
    late: list[str] = []
    took = 0.0
    try:
        await day.start()
        await day.play()
        counts = await day.settle()
        _tell(console, day, counts)
        took = monotonic() - began
        if not check:
            await _stay(console, day, command)
    finally:
        late = await day.end()
    found = list(faults(day.sample, counts, day.receiver.arrivals, late))
    for one in found:
        console.print(one, style="red", markup=False, soft_wrap=True)
    verdict = "[red]The day did not come out right[/]" if found else "[green]The day came out right[/]"
    console.print(f"{verdict} after {took:.0f} s")
    return 1 if found else 0


def _tell(console: Console, day: Day, counts: Counts) -> None:
    hooks = {one.id for one in day.receiver.arrivals if one.channel == "webhook"}
    console.print()
    console.print(f"items in       {len(counts.items)}")
    console.print(f"tagged         {len(counts.tagged)}")
    console.print(f"indexed        {len(counts.indexed)}   (counted in Elasticsearch)")
    console.print(f"alerts         {len(counts.alerts)} raised, {len(hooks)} arrived as webhooks")
    console.print(f"dead letters   {counts.dead}")
    console.print(f"killed         {', '.join(one.name for one in day.killed)}")
    console.print(f"lost           {len(counts.lost)}")
    console.print(f"logs           {day.folder}", markup=False, soft_wrap=True)


async def _stay(console: Console, day: Day, command: str) -> None:
    """The desk over the index stays up until Ctrl-C, or until it is told to stop."""
    page = "enter[/] (its token: DESK_TOKEN in .env)" if day.settings.desk.token else "[/]"
    console.print(f"\nThe desk is at [bold]http://127.0.0.1:{day.desk_port}/{page} until Ctrl-C. In another terminal:")
    console.print(f"    {command} --config {day.places.config} cluster status", markup=False, soft_wrap=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def main() -> int:
    """The exit code: 0 all is right, 1 something is not."""
    parser = argparse.ArgumentParser(prog="python -m cluster.demo", description="The sample day on a cluster.")
    parser.add_argument("--check", action="store_true", help="without a person: ends by itself and says what is wrong")
    parser.add_argument("--folder", type=Path, help="where configuration and logs go; by default a new one")
    parser.add_argument("--name", default="", help="of topics and indices; what an earlier play left there is deleted")
    parser.add_argument(
        "--command", default=f"{Path(sys.executable).parent}/ceasewire", help="how others call ceasewire beside it"
    )
    asked = parser.parse_args()
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="ceasewire-demo-"))
    console = Console(highlight=False)
    try:
        return asyncio.run(_play(folder, asked.name, asked.command, asked.check, console))
    except CeasewireError as error:
        console.print(str(error), style="red", markup=False, soft_wrap=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
