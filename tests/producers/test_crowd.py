"""Good feeds among hostile ones: each hostile one has its reason, and the good ones do not notice."""

import itertools
import time
from contextlib import AsyncExitStack
from datetime import timedelta

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


async def test_good_feeds_do_not_notice_the_hostile_ones(bench: Bench) -> None:
    bench.settings = bench.settings.model_copy(update={"timeout": timedelta(seconds=2)})
    version = {"now": 1}

    def route(asked: Asked) -> Answer:
        return Answer(rss(f"{asked.path[1:]} in round {version['now']}"))

    async with AsyncExitStack() as stack:
        good = [f"good_{number}" for number in range(12)]
        for name in good:
            server = await stack.enter_async_context(serving())
            server.routes[f"/{name}"] = route
            bench.add(name, server.url(f"/{name}"))
        async with running(bench):
            await until(lambda: len(bench.intake.items) == len(good), 20)
            for name, (answer, _) in HOSTILE.items():
                server = await stack.enter_async_context(serving())
                server.routes[f"/{name}"] = answer
                bench.add(name, server.url(f"/{name}"))
            version["now"] = 2
            bench.later(minutes=6)
            began = time.monotonic()
            await until(lambda: len(bench.intake.items) == 2 * len(good), 20)
            took = time.monotonic() - began
            await until(lambda: all(bench.state(name).reason for name in HOSTILE), 40)
    assert took < 4
    assert {name: bench.state(name).reason for name in HOSTILE} == {name: why for name, (_, why) in HOSTILE.items()}
    assert all(bench.state(name).health == "ok" for name in good)
