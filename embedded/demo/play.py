"""Plays the sample day: for a person at the terminal, behind the desk's button, or to check it without a person."""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from rich.console import Console

from embedded.demo.checks import Check, check_day
from embedded.demo.stage import Stage
from embedded.demo.staging import sample_places
from embedded.demo.telling import tell_arrival, tell_end, tell_step, tell_where
from embedded.runtime import utc_now
from embedded.store import read_store
from process.places import Places
from process.ports import is_free

STEP_SECONDS = 5.0
"""Length of a step at speed 1: twelve of them make a minute."""
MAX_SPEED = 2.5
"""Faster than this an entry could appear and change between two polls."""


@dataclass(frozen=True)
class Wishes:
    """How the day is to be played."""

    speed: float = 1.0
    port: int = 8321
    """Port of the desk, where it is free."""
    past: bool = True
    """Whether earlier days are made first."""
    command: str = "ceasewire"
    """How the person calls the program, for the hints at the end."""


async def play(places: Places, console: Console, wishes: Wishes, stop: asyncio.Event) -> None:
    """Plays the day and tells of it, then keeps the desk up until `stop` is set. Raises CeasewireError."""
    stage = Stage(places, lambda arrival: tell_arrival(console, arrival))
    try:
        console.print("A sample day: invented outlets, invented news, no network needed.")
        if wishes.past:
            console.print("[dim]Thirty earlier days are written into the store ...[/]")
        await stage.prepare(free_port(wishes.port), poll_seconds(wishes.speed), wishes.past)
        await stage.start()
        console.print(f"The desk is at [bold]{stage.address}[/]: the day plays there too. Ctrl-C ends it.\n")
        tell_step(console, stage.day, 0)
        await stage.first_round()
        began = monotonic()
        while not await _pause(stop, STEP_SECONDS / wishes.speed) and stage.step():
            tell_step(console, stage.day, stage.server.step)
        if not stop.is_set():
            await stage.settle()
            outcome = await stage.outcome()
            assert stage.names is not None
            tell_end(console, outcome, stage.names, monotonic() - began, stage.past)
            tell_where(console, outcome, stage.address, places, wishes.command)
            console.print("\nThe desk stays up until Ctrl-C.")
            await stop.wait()
    finally:
        await stage.stop()


async def check(places: Places, console: Console, past: bool = True) -> bool:
    """Plays the day as fast as it goes, prints what is right and what is not; True when all is right."""
    stage = Stage(places)
    began = monotonic()
    try:
        await stage.prepare(0, 600, past)
        await stage.start()
        await stage.first_round()
        await stage.poll_all()
        while stage.step():
            await stage.poll_all()
        await stage.settle()
        outcome = await stage.outcome()
        store = read_store(places.store, utc_now)
        try:
            checks = await check_day(stage.server, stage.receiver.arrivals, outcome, stage.past, store)
        finally:
            store.close()
    finally:
        await stage.stop()
    tell_checks(console, checks)
    good = all(one.ok for one in checks)
    verdict = "[green]The sample day came out right[/]" if good else "[red]The sample day did not come out right[/]"
    console.print(
        f"{verdict}: {len(outcome.came_in)} entries, {len(outcome.alerts)} alerts, {monotonic() - began:.0f} s"
    )
    return good


def tell_checks(console: Console, checks: list[Check]) -> None:
    """One line for each check, and one for each fault."""
    for one in checks:
        console.print(f"[green]ok[/]      {one.name}" if one.ok else f"[red]FAILED[/]  {one.name}")
        for fault in one.faults:
            console.print(f"          {fault}", markup=False, soft_wrap=True)


class SampleDays:
    """The sample day behind a button: played once at a time, in a store of its own, until the program ends."""

    def __init__(self, places: Places) -> None:
        self._places = sample_places(places.data)
        self._stage: Stage | None = None
        self._playing: asyncio.Task[None] | None = None
        self._starting: asyncio.Task[Any] | None = None
        self._one = asyncio.Lock()
        self._stop = asyncio.Event()

    async def start(self) -> str:
        """Starts the day on a free port, or finds the one that is up; gives the address of its desk."""
        async with self._one:
            if self._stage is None:
                stage = Stage(self._places)
                self._starting = asyncio.current_task()
                try:
                    # every task of the day starts in here, so each of its log lines is told from those of real feeds
                    with structlog.contextvars.bound_contextvars(sample=True):
                        await stage.prepare(0, poll_seconds(1))
                        await stage.start()
                        await stage.first_round()
                except BaseException:
                    await stage.stop()
                    raise
                finally:
                    self._starting = None
                self._stage = stage
                self._playing = asyncio.create_task(_play_on(stage, self._stop), name="sample day")
            return self._stage.address

    async def stop(self) -> None:
        """Ends the day, if one is up or being started."""
        self._stop.set()
        if self._starting:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._playing:
            await self._playing
        if self._stage:
            await self._stage.stop()


async def _play_on(stage: Stage, stop: asyncio.Event) -> None:
    while not await _pause(stop, STEP_SECONDS) and stage.step():
        pass


def poll_seconds(speed: float) -> float:
    """How often feeds are read so that each step is seen, in seconds."""
    return min(2.0, STEP_SECONDS / speed / 2)


def free_port(wanted: int) -> int:
    """The wanted port of 127.0.0.1 if nothing listens on it, else 0, which takes a free one."""
    return wanted if is_free(wanted) else 0


async def _pause(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True
