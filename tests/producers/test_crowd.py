"""Good feeds among hostile ones: each hostile one has its reason, and the good ones do not notice."""

import itertools
import time
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from producers.reasons import Reason
from tests.fakes.feed_server import Answer, Asked, rss, serving
from tests.producers.conftest import Bench, running, until
from tests.producers.test_bad_input import BOMB, HEAVY

HOSTILE: dict[str, tuple[Answer, Reason]] = {
    "drips": (Answer(chunks=itertools.repeat(b"<"), pause=0.2), Reason.TOO_SLOW),
    "hangs": (Answer(chunks=[b"x"], pause=60), Reason.TOO_SLOW),
    "endless": (Answer(chunks=itertools.repeat(b"<item/>" * 9000)), Reason.TOO_LARGE),
    "circle": (Answer(status=302, headers={"Location": "/circle"}), Reason.REDIRECT_LOOP),
    "inner": (Answer(status=302, headers={"Location": "http://169.254.169.254/"}), Reason.PRIVATE_ADDRESS),
    "bomb": (Answer(BOMB.encode()), Reason.ENTITY_BOMB),
    "noise": (Answer(raw=b"\xff" * 5000), Reason.BAD_ANSWER),
    "heavy": (Answer(HEAVY), Reason.TOO_HEAVY),
    "heavy_too": (Answer(HEAVY), Reason.TOO_HEAVY),
}


def p95(delays: list[float]) -> float:
    return sorted(delays)[int(len(delays) * 0.95)]


async def meet(bench: Bench, good: int, copies: int, rounds: int) -> list[list[float]]:
    """The delays of good feeds, round by round: the first alone, the others among `copies` of each hostile one."""
    bench.settings = bench.settings.model_copy(update={"timeout": timedelta(seconds=2)})
    version = {"now": 0}
    took: list[list[float]] = []

    def route(asked: Asked) -> Answer:
        return Answer(rss(*(f"{asked.path[1:]} in round {number}" for number in range(version["now"], -1, -1))))

    async with AsyncExitStack() as stack:
        for number in range(good):
            server = await stack.enter_async_context(serving())
            server.routes[f"/good_{number}"] = route
            bench.add(f"good_{number}", server.url(f"/good_{number}"))
        async with running(bench):
            await until(lambda: len(bench.intake.items) == good, 30)
            for turn in range(rounds + 1):
                if turn == 1:
                    for copy, name in itertools.product(range(copies), HOSTILE):
                        server = await stack.enter_async_context(serving())
                        server.routes[f"/{name}"] = HOSTILE[name][0]
                        bench.add(f"{name}_{copy}", server.url(f"/{name}"))
                version["now"] += 1
                bench.later(minutes=6)
                began = time.monotonic()
                wanted = (version["now"] + 1) * good
                await until(lambda wanted=wanted: len(bench.intake.items) == wanted, 30)  # type: ignore[misc]
                took.append([at - began for at in bench.intake.times[-good:]])
            await until(
                lambda: all(state.reason or state.health == "ok" for state in bench.poller.states().values()), 90
            )
    for feed_id, state in bench.poller.states().items():
        name = feed_id.rpartition("_")[0]
        assert (state.reason or "ok") == (HOSTILE[name][1] if name in HOSTILE else "ok"), feed_id
    return took


async def test_good_feeds_do_not_notice_the_hostile_ones(bench: Bench) -> None:
    alone, among = await meet(bench, good=12, copies=1, rounds=1)
    assert p95(among) < p95(alone) + 2


@pytest.mark.long
@pytest.mark.timeout(600)
async def test_sixty_good_feeds_do_not_notice_thirty_six_hostile_ones(bench: Bench) -> None:
    alone, *among = await meet(bench, good=60, copies=4, rounds=10)
    assert p95(list(itertools.chain(*among))) < p95(alone) + 2
