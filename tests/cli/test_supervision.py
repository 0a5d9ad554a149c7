"""Tasks that must all run."""

import asyncio

from process.supervision import Tasks


async def until(stop: asyncio.Event) -> None:
    await stop.wait()


async def test_a_task_that_dies_ends_all() -> None:
    tasks = Tasks()
    tasks.start("good", until(tasks.stop))

    async def fail() -> None:
        raise KeyError("a bug")

    tasks.start("bad", fail())
    await asyncio.wait_for(tasks.ended.wait(), 5)
    assert tasks.died == "the task bad died (KeyError: 'a bug')"
    await tasks.finish()


async def test_a_task_that_ends_by_itself_has_died() -> None:
    tasks = Tasks()

    async def leave() -> None:
        return

    tasks.start("leaving", leave())
    await asyncio.wait_for(tasks.ended.wait(), 5)
    assert tasks.died == "the task leaving died (it ended by itself)"
    await tasks.finish()


async def test_told_to_stop_none_has_died() -> None:
    tasks = Tasks()
    tasks.start("good", until(tasks.stop))
    tasks.ask_to_stop()
    await tasks.finish()
    assert tasks.died is None


async def test_a_task_that_hangs_is_cancelled() -> None:
    tasks = Tasks()
    cancelled = asyncio.Event()

    async def hang() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    tasks.start("hanging", hang())
    await asyncio.sleep(0)
    await tasks.finish(grace=0.05)
    assert cancelled.is_set()


async def test_a_bug_while_stopping_is_told() -> None:
    tasks = Tasks()

    async def fail_at_the_end() -> None:
        await tasks.stop.wait()
        raise ValueError("late")

    tasks.start("late", fail_at_the_end())
    tasks.start("good", until(tasks.stop))
    await tasks.finish()
    assert tasks.died == "the task late died (ValueError: late)"
