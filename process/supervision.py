"""Tasks that must all run: where one ends by a bug, the whole process says so and ends, never half alive."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

GRACE = 8.5
"""Seconds that tasks have to finish what they have in hand; sending takes up to 8 for posts in flight."""


class Tasks:
    """Starts tasks by name, tells when one died, and stops all of them."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        """Set to let the tasks finish."""
        self.ended = asyncio.Event()
        """Set when the tasks shall end or one died."""
        self.died: str | None = None
        """Which task died of what, in a line."""
        self._tasks: list[asyncio.Task[Any]] = []

    def start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Runs the work until `stop` is set; that it ends before counts as dying."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._notice)
        self._tasks.append(task)

    def ask_to_stop(self) -> None:
        """Lets all tasks finish."""
        self.stop.set()
        self.ended.set()

    async def finish(self, grace: float = GRACE) -> None:
        """Stops all tasks and waits for them; what takes longer than `grace` seconds is cancelled."""
        self.ask_to_stop()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=grace)
        for task in late:
            structlog.get_logger().warning("task_cancelled", task=task.get_name(), after_seconds=grace)
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _notice(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled() or (self.stop.is_set() and task.exception() is None):
            return
        error = task.exception()
        why = f"{type(error).__name__}: {error}" if error else "it ended by itself"
        if self.died is None:
            self.died = f"the task {task.get_name()} died ({why})"
        structlog.get_logger().critical("task_died", task=task.get_name(), why=why, exc_info=error)
        self.ended.set()
