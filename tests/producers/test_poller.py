"""The poller over real sockets: what is asked, what is kept, and what happens between polls."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog
from structlog.testing import capture_logs

from ceasewire.errors import ConfigurationError
from ceasewire.items import Item
from ceasewire.polling import FeedState
from producers.reasons import Reason
from tests.fakes.feed_server import Answer, Asked, rss, serving
from tests.fakes.intake import MemoryIntake
from tests.producers.conftest import Bench, running, until


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


def etag(asked: Asked) -> Answer:
    """A feed that has not changed for those who know its ETag."""
    return Answer(status=304) if "if-none-match" in asked.headers else Answer(rss("Talks open"), headers={"ETag": "1"})


async def test_a_lying_server_is_asked_for_the_whole_document(bench: Bench) -> None:
    bench.server.routes["/f"] = etag
    bench.add("valley", bench.server.url("/f"), ignore_validators=True)
    await bench.check("valley")
    await bench.check("valley")
    assert not any("if-none-match" in asked.headers for asked in bench.server.asked)


SKIPS = rss("Talks open").replace(b"<item>", b"<item/><item>")


async def test_a_remark_stands_as_long_as_the_document_does(bench: Bench) -> None:
    def route(asked: Asked) -> Answer:
        known = "if-none-match" in asked.headers
        return Answer(status=304) if known else Answer(SKIPS, headers={"ETag": "1"})

    bench.server.routes["/f"] = route
    bench.add("valley", bench.server.url("/f"))
    assert (await bench.check("valley")).reason == Reason.ENTRIES_SKIPPED
    assert (await bench.check("valley")).reason == Reason.ENTRIES_SKIPPED
    bench.server.routes["/f"] = Answer(status=500)
    assert (await bench.check("valley")).reason == Reason.SERVER_ERROR
    bench.server.routes["/f"] = route
    state = await bench.check("valley")
    assert (state.health, state.reason) == ("ok", Reason.ENTRIES_SKIPPED)
    bench.later(days=60)
    state = await bench.check("valley")
    assert (state.health, state.reason) == ("ok", Reason.ENTRIES_SKIPPED)


async def test_a_feed_that_moved_is_told_of_though_it_did_not_change(bench: Bench) -> None:
    bench.server.routes["/new"] = etag
    bench.server.routes["/f"] = etag
    bench.add("valley", bench.server.url("/f"))
    assert (await bench.check("valley")).reason == ""
    bench.server.routes["/f"] = Answer(status=301, headers={"Location": "/new"})
    state = await bench.check("valley")
    assert (state.health, state.reason, len(bench.server.asked)) == ("ok", Reason.MOVED, 3)
    assert (await bench.check("valley")).reason == Reason.MOVED


async def test_force_asks_for_the_whole_document(bench: Bench) -> None:
    bench.server.routes["/f"] = etag
    bench.add("valley", bench.server.url("/f"))
    await bench.check("valley")
    await bench.check("valley", force=True)
    assert "if-none-match" not in bench.server.asked[1].headers
    assert bench.metrics.polls.labels("ok")._value.get() == 2


async def test_validators_are_not_sent_to_another_address(bench: Bench) -> None:
    bench.server.routes["/old"] = bench.server.routes["/new"] = etag
    bench.add("valley", bench.server.url("/old"))
    await bench.check("valley")
    bench.add("valley", bench.server.url("/new"))
    await bench.check("valley")
    assert "if-none-match" not in bench.server.asked[1].headers


async def test_the_same_body_is_not_parsed_again(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    await bench.check("valley")
    state = await bench.check("valley")
    assert state.health == "ok"
    assert bench.metrics.polls.labels("unchanged")._value.get() == 1
    assert bench.metrics.registry.get_sample_value("ceasewire_stage_duration_seconds_count", {"stage": "parse"}) == 1


async def test_an_unchanged_feed_recovers_from_a_failure(bench: Bench) -> None:
    bench.server.routes["/f"] = etag
    bench.add("valley", bench.server.url("/f"))
    await bench.check("valley")
    bench.server.routes["/f"] = Answer(status=500)
    assert (await bench.check("valley")).health == "failing"
    bench.server.routes["/f"] = etag
    state = await bench.check("valley")
    assert (state.health, state.reason, state.detail, state.failures) == ("ok", "", "", 0)


async def test_a_feed_that_was_unreadable_is_read_once_it_is_mended(bench: Bench) -> None:
    bench.server.routes["/f"] = Answer(b"<html></html>", headers={"ETag": "1"})
    bench.add("valley", bench.server.url("/f"))
    await bench.check("valley")
    bench.server.routes["/f"] = etag
    state = await bench.check("valley")
    assert (state.health, bench.intake.titles("valley")) == ("ok", ["Talks open"])


async def test_an_edit_comes_as_a_new_revision(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    await bench.check("valley")
    bench.later(minutes=5)
    edited = rss("Talks open").replace(b"What is known", b"All that is known")
    bench.server.routes["/f"] = Answer(edited)
    await bench.check("valley")
    first, second = bench.intake.items
    assert (first.id, first.rev < second.rev) == (second.id, True)


async def test_what_a_new_feed_holds_is_baseline_but_for_the_last_hour(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    await bench.check("valley")
    bench.later(minutes=5)
    bench.server.feed("/f", "Talks pause", "Talks open")
    await bench.check("valley")
    assert [item.baseline for item in bench.intake.items] == [True, False]


async def test_a_server_that_asks_us_to_wait_is_waited_for_unless_forced(bench: Bench) -> None:
    bench.server.routes["/f"] = Answer(status=429, headers={"Retry-After": "7200"})
    bench.add("valley", bench.server.url("/f"))
    state = await bench.check("valley")
    assert (state.health, state.reason) == ("waiting", Reason.ASKED_TO_WAIT)
    assert state.next_poll == bench.moment + timedelta(hours=2)
    assert await bench.check("valley") == state
    assert bench.server.times("/f") == 1
    bench.server.feed("/f", "Talks open")
    assert (await bench.check("valley", force=True)).health == "ok"


async def test_an_unknown_feed_is_named_with_the_nearest(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f"))
    with pytest.raises(ConfigurationError, match="did you mean valley"):
        await bench.check("vally")


async def test_a_full_disk_pauses_a_feed_and_it_goes_on_by_itself(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    bench.intake.refuses = "the disk is full"
    async with running(bench):
        await until(lambda: bench.state("valley").reason == Reason.STORE_FAILED)
        assert bench.state("valley").detail.endswith("(the disk is full)")
        assert bench.intake.items == []
        bench.intake.refuses = None
        await until(lambda: bench.state("valley").health == "ok")
    assert bench.intake.titles("valley") == ["Talks open"]
    assert bench.server.times("/f") == 1


async def test_a_check_on_a_full_disk_says_so_and_forgets_nothing(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    bench.intake.refuses = "the disk is full"
    assert (await bench.check("valley")).reason == Reason.STORE_FAILED
    bench.intake.refuses = None
    assert (await bench.check("valley")).health == "ok"
    assert bench.intake.titles("valley") == ["Talks open"]


@pytest.mark.parametrize("where", ["state", "commit"])
async def test_a_fault_of_ours_stops_one_feed_only(bench: Bench, where: str) -> None:
    class Broken(MemoryIntake):
        async def state(self, feed: str) -> FeedState | None:
            if feed == "valley" and where == "state":
                raise RuntimeError("a bug")
            return await super().state(feed)

        async def commit(self, items: Sequence[Item], state: FeedState) -> None:
            if state.feed == "valley" and where == "commit":
                raise RuntimeError("a bug")
            await super().commit(items, state)

    intake = Broken()
    bench.poller = bench.another(intake)
    bench.add("valley", bench.server.feed("/valley", "Talks open"))
    bench.add("river", bench.server.feed("/river", "Envoys land"))
    async with running(bench):
        await until(lambda: intake.titles("river") == ["Envoys land"])
        await until(lambda: bench.state("valley").reason == Reason.OUR_FAULT)
    assert bench.state("valley").detail.endswith("(RuntimeError)")


async def test_feeds_are_added_moved_and_taken_out_while_it_runs(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/one", "Talks open"))
    async with running(bench):
        await until(lambda: bench.intake.titles("valley") == ["Talks open"])
        bench.add("river", bench.server.feed("/two", "Envoys land"))
        await until(lambda: bench.intake.titles("river") == ["Envoys land"])
        bench.add("river", bench.server.feed("/three", "Envoys leave"))
        await until(lambda: "Envoys leave" in bench.intake.titles("river"))
        bench.feeds = bench.feeds[1:]
        await until(lambda: "valley" not in bench.poller.states())
        bench.later(hours=1)
        await until(lambda: bench.server.times("/three") == 2)
    assert bench.server.times("/one") == 1


async def test_a_feed_that_is_configured_anew_is_polled_at_once(bench: Bench) -> None:
    bench.server.routes["/f"] = Answer(status=403)
    bench.add("valley", bench.server.url("/f"))
    async with running(bench):
        await until(lambda: bench.server.times("/f") == 1 and bench.poller.states()["valley"].health == "failing")
        bench.server.feed("/f", "Talks open")
        bench.add("valley", bench.server.url("/f"), headers={"X-Key": "opens"})
        await until(lambda: bench.intake.titles("valley") == ["Talks open"])
        assert bench.server.asked[1].headers["x-key"] == "opens"
        await until(lambda: bench.poller.states()["valley"].health == "ok")


async def test_two_feeds_of_one_host_are_never_asked_at_once(bench: Bench) -> None:
    for number in range(5):
        bench.server.routes[f"/{number}"] = Answer(chunks=[rss(f"Line {number}")], pause=0.02)
        bench.add(f"feed_{number}", bench.server.url(f"/{number}"))
    async with running(bench):
        await until(lambda: len(bench.intake.items) == 5)
    assert bench.server.most_open == 1


async def test_a_slow_host_holds_up_no_other(bench: Bench) -> None:
    async with serving() as slow:
        slow.routes["/f"] = Answer(chunks=itertools.repeat(b"x"), pause=2)
        bench.add("slow", slow.url("/f"))
        bench.add("slow_too", slow.url("/g"))
        bench.add("valley", bench.server.feed("/f", "Talks open"))
        async with running(bench):
            await until(lambda: bench.intake.titles("valley") == ["Talks open"])
            assert slow.open == 1


async def test_after_a_restart_the_longest_waiting_come_first(bench: Bench) -> None:
    for number in (2, 0, 1):
        last = bench.moment - timedelta(hours=3 - number)
        bench.intake.states[f"feed_{number}"] = FeedState(
            feed=f"feed_{number}", last_poll=last, next_poll=last + timedelta(minutes=5), first_poll=last
        )
        bench.add(f"feed_{number}", bench.server.feed(f"/{number}", f"Line {number}"))
    bench.add("new", bench.server.feed("/new", "First"))
    bench.intake.states["later"] = FeedState(
        feed="later", last_poll=bench.moment, next_poll=bench.moment + timedelta(minutes=5)
    )
    bench.add("later", bench.server.feed("/later", "Not yet"))
    async with running(bench):
        await until(lambda: len(bench.intake.items) == 4)
    assert [asked.path for asked in bench.server.asked] == ["/new", "/0", "/1", "/2"]


async def test_without_a_network_it_says_so_and_hurries_once_it_is_back(bench: Bench) -> None:
    async with serving() as gone:
        bench.add("one", gone.feed("/one", "Talks open"))
        bench.add("two", gone.feed("/two", "Talks pause"))
    bench.add("three", bench.server.feed("/three", "Envoys land"), enabled=False)
    async with running(bench):
        await until(lambda: bench.poller.reach().polled == 2)
        assert bench.poller.reach().words == "none of 2 feeds could be reached"
        for _ in range(4):
            bench.later(hours=1)
            await asyncio.sleep(0.1)
        assert bench.state("one").failures <= 2
        bench.feeds = [feed.model_copy(update={"enabled": True}) for feed in bench.feeds]
        await until(lambda: bench.poller.reach().words is None)
        bench.add("two", bench.server.feed("/two", "Talks pause"))
        await until(lambda: bench.intake.titles("two") == ["Talks pause"])


async def test_what_is_being_stored_when_it_stops_is_stored(bench: Bench) -> None:
    class Slow(MemoryIntake):
        began = False

        async def commit(self, items: Sequence[Item], state: FeedState) -> None:
            self.began = True
            await asyncio.sleep(0.2)
            await super().commit(items, state)

    intake = Slow()
    bench.add("valley", bench.server.feed("/f", "Talks open"))
    poller = bench.another(intake)
    stop = asyncio.Event()
    task = asyncio.create_task(poller.run(stop))
    try:
        await until(lambda: intake.began)
        stop.set()
        await asyncio.wait_for(task, 5)
        assert intake.titles("valley") == ["Talks open"]
    finally:
        await poller.close()


async def test_a_fault_is_logged_once(bench: Bench) -> None:
    structlog.reset_defaults()
    bench.add("valley", bench.server.url("/nothing"))
    with capture_logs() as logs:
        for _ in range(3):
            await bench.check("valley")
        bench.server.feed("/nothing", "Talks open")
        await bench.check("valley")
    assert [(line["event"], line.get("reason")) for line in logs] == [
        ("feed_trouble", "not_found"),
        ("feed_well_again", None),
    ]
    assert bench.metrics.feeds.labels("ok")._value.get() == 1


async def test_a_moved_feed_is_told(bench: Bench) -> None:
    target = bench.server.feed("/new", "Talks open")
    bench.server.routes["/old"] = Answer(status=301, headers={"Location": target})
    bench.add("valley", bench.server.url("/old"))
    state = await bench.check("valley")
    assert (state.health, state.reason) == ("ok", Reason.MOVED)


async def test_an_empty_feed_is_told(bench: Bench) -> None:
    bench.add("valley", bench.server.feed("/f"))
    state = await bench.check("valley")
    assert (state.health, state.reason) == ("empty", Reason.NO_ENTRIES)


async def test_a_feed_that_is_switched_off_can_be_checked_while_it_runs(bench: Bench) -> None:
    bench.server.routes["/f"] = Answer(chunks=[rss("Talks open")], pause=1)
    bench.add("valley", bench.server.url("/f"), enabled=False)
    async with running(bench):
        state = await bench.check("valley")
    assert (state.health, bench.intake.titles("valley")) == ("ok", ["Talks open"])
