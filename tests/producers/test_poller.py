"""The poller over real sockets: what is asked, what is kept, and what happens between polls."""

from tests.fakes.feed_server import Answer, Asked, rss
from tests.producers.conftest import Bench


async def test_a_check_reads_a_feed_and_remembers_it(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/valley.xml", "Talks open", "Talks pause"))
    state = await bench.check("valley")
    assert (state.health, state.reason, state.failures) == ("ok", "", 0)
    assert sorted(bench.intake.titles("valley")) == ["Talks open", "Talks pause"]
    assert state.title == "Wire of the valley"
    assert state.next_poll is not None
    assert 250 <= (state.next_poll - bench.moment).total_seconds() <= 350
    assert len(bench.intake.states["valley"].entries) == 2


async def test_an_unchanged_feed_is_asked_with_its_validators_and_not_parsed_again(bench: Bench) -> None:
    def route(asked: Asked) -> Answer:
        if asked.headers.get("if-none-match") == '"v1"':
            return Answer(status=304)
        return Answer(rss("Talks open"), headers={"ETag": '"v1"'})

    bench.server.routes["/valley.xml"] = route
    bench.add("valley", bench.server.url("/valley.xml"))
    await bench.check("valley")
    state = await bench.check("valley")
    assert (state.health, len(bench.intake.items)) == ("ok", 1)
    assert bench.server.asked[1].headers["if-none-match"] == '"v1"'
    assert bench.metrics.polls.labels("unchanged")._value.get() == 1
